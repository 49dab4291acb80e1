"""Published corpora: SQuAD-format JSON (SQuAD v1.1, MLQA, XQuAD, translations) <-> examples.

Section 4.1 of the paper trains on SQuAD v1.1 and tests on MLQA and XQuAD, which share one format:
articles of paragraphs of questions; an answer is a text and its code-point offset in the paragraph.
Such files are read to `Example`s in file order, and written back. Text is never changed.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lbmrc.common.atomic import write_text
from lbmrc.common.errors import UserError
from lbmrc.common.nearest import nearest
from lbmrc.common.visible import lookalike_at, unseen_difference
from lbmrc.data.benchmark import check_benchmark
from lbmrc.data.examples import Answer, Example
from lbmrc.data.squad_json import (
    Misfit,
    id_at,
    list_at,
    read_squad_json,
    text_at,
    walk,
    whole_number,
)


class BadExample(NamedTuple):
    """A problem with one question of a file.

    ``id`` is the question's ("" if it has none), ``field`` the place in the JSON, such as
    ``data[0].paragraphs[3].qas[1].answers[0].answer_start``.
    """

    id: str
    field: str
    problem: str

    def __str__(self) -> str:
        return f'{self.field} (id "{self.id}"): {self.problem}'


class Corpus(NamedTuple):
    """The examples of a file in its order, and what was skipped (empty if ``stop``)."""

    examples: list[Example]
    bad: list[BadExample]


def read_squad(
    path: str | Path,
    passage_language: str,
    question_language: str,
    on_bad_example: Literal["stop", "skip"] = "stop",
) -> Corpus:
    """Read a SQuAD-format file.

    A question is bad if a field is missing or of the wrong type, if it has no answer, if an answer
    is empty or is not at its offset, if its id occurs twice, or if a text cannot be
    written as UTF-8. ``stop`` raises at the first one, ``skip`` lists them and continues.

    Raises:
        UserError: for a bad question under ``stop``; always if the file is not JSON or has no
            ``data`` list, or if no question is left.
    """
    content = read_squad_json(path)
    examples: list[Example] = []
    bad: list[BadExample] = []
    seen: set[str] = set()
    for found in _questions(content["data"], passage_language, question_language):
        if isinstance(found, Example):
            if found.id not in seen:
                seen.add(found.id)
                examples.append(found)
                continue
            found = BadExample(found.id, f"{found.passage_id}: id", "was already used in this file")
        if on_bad_example == "stop":
            raise UserError(
                f"{path}: {found}; correct it, or leave it out with on_bad_example: skip"
            )
        bad.append(found)
    if not examples:
        raise UserError(f"{path}: no usable question ({len(bad)} bad ones); is it the right file?")
    return Corpus(examples, bad)


def read_squad_files(
    paths: Iterable[str | Path],
    language: str,
    on_bad_example: Literal["stop", "skip"] = "stop",
) -> Corpus:
    """Read SQuAD-format files in one language as one corpus, in order.

    Raises:
        UserError: as `read_squad`; and if two files share a question id, or have different passages
            under one article title and number, since examples are joined by both.
    """
    corpus = Corpus([], [])
    ids: dict[str, str | Path] = {}
    passages: dict[str, tuple[str, str | Path]] = {}
    for path in paths:
        examples, bad = read_squad(path, language, language, on_bad_example)
        for example in examples:
            other = ids.setdefault(example.id, path)
            if other is not path:
                raise UserError(f'{path}: the id "{example.id}" is also in {other}; rename one')
            text, other = passages.setdefault(example.passage_id, (example.passage, path))
            if text != example.passage:
                raise UserError(
                    f"{path}: passage {example.passage_id} is another one in {other}; rename the "
                    "article in one of them"
                )
        corpus.examples.extend(examples)
        corpus.bad.extend(bad)
    return corpus


def read_benchmark(
    path: str | Path,
    passage_language: str,
    question_language: str,
    on_bad_example: Literal["stop", "skip"] = "stop",
) -> Corpus:
    """Read a SQuAD-format file whose questions are asked, not trained on.

    Bad questions are those that can't be scored, see `lbmrc.data.benchmark`. Answers that are not
    at their offsets are left out of an example's answers, which may then be empty.

    Raises:
        UserError: as `lbmrc.data.benchmark.check_benchmark`.
    """
    questions, left_out = check_benchmark(path, on_bad_example)
    examples = [
        Example(
            id=question.id,
            passage_id=question.passage_id,
            passage_language=passage_language,
            question_language=question_language,
            passage=question.passage,
            question=question.question,
            answers=tuple(
                Answer(text, start)
                for text, start in question.answers
                if text and start is not None and start >= 0
                if question.passage.startswith(text, start)
            ),
        )
        for question in questions
    ]
    return Corpus(examples, [BadExample(m.id, m.place, m.problem) for m in left_out])


def write_squad(path: str | Path, examples: Iterable[Example]) -> int:
    """Write examples of one language pair as a SQuAD-format file; returns how many.

    The inverse of `read_squad`: articles, paragraphs and questions are in order of appearance,
    keys and white space as in the published XQuAD. Paragraphs without questions have no examples,
    so they are not written, and the numbers of later ones decrease.

    Raises:
        UserError: if an id occurs twice, as when questions in several languages are mixed.
    """
    articles: dict[str, dict[tuple[str, str], list[dict[str, Any]]]] = {}
    seen: set[str] = set()
    for example in examples:
        if example.id in seen:
            raise UserError(
                f'{path}: question "{example.id}" occurs twice; '
                "a SQuAD-format file holds one passage and one question language"
            )
        seen.add(example.id)
        title = example.passage_id.rpartition("/")[0]
        paragraphs = articles.setdefault(title, {})
        paragraphs.setdefault((example.passage_id, example.passage), []).append(
            {
                "answers": [{"answer_start": a.start, "text": a.text} for a in example.answers],
                "id": example.id,
                "question": example.question,
            }
        )
    data = [
        {
            "paragraphs": [{"context": text, "qas": qas} for (_, text), qas in paragraphs.items()],
            "title": title,
        }
        for title, paragraphs in articles.items()
    ]
    _write_json(path, {"data": data, "version": "1.1"})
    return len(seen)


def select_articles(source: str | Path, target: str | Path, titles: Iterable[str]) -> int:
    """Write the articles of a SQuAD-format file with these titles to another; returns how many.

    Articles stay as they are and in the source's order.

    Raises:
        UserError: if the source has no article of some title (with the nearest one it has).
    """
    content = read_squad_json(source)
    requested = set(titles)
    known = [a.get("title") for a in content["data"] if isinstance(a, dict)]
    for title in sorted(requested.difference(known)):
        titles = {t for t in known if isinstance(t, str)}
        unseen = (unseen_difference(found, title) for found in sorted(titles))
        hint = next(filter(None, unseen), "") or nearest(title, titles)
        raise UserError(f'{source}: no article with the title "{title}"{hint}')
    chosen = [a for a in content["data"] if isinstance(a, dict) and a.get("title") in requested]
    _write_json(target, content | {"data": chosen})
    return len(chosen)


def _write_json(path: str | Path, content: dict[str, Any]) -> None:
    write_text(path, json.dumps(content, indent=2) + "\n")


def _questions(
    data: list[Any], passage_language: str, question_language: str
) -> Iterator[Example | BadExample]:
    """Yield each question as an `Example` or, if it is bad, as a `BadExample`."""
    for found in walk(data, texts=True):
        try:
            if isinstance(found, Misfit):
                raise found
            id, question, answers = _question(found.record, found.passage, found.place)
        except Misfit as misfit:
            yield BadExample(misfit.id, misfit.place, misfit.problem)
        else:
            yield Example(
                id=id,
                passage_id=f"{found.title}/{found.number}",
                passage_language=passage_language,
                question_language=question_language,
                passage=found.passage,
                question=question,
                answers=answers,
            )


def _question(qa: Any, passage: str, place: str) -> tuple[str, str, tuple[Answer, ...]]:
    id = id_at(qa, place)
    try:
        question = text_at(qa, "question", place)
        answers = list_at(qa, "answers", place)
        if not answers:
            raise Misfit(f"{place}.answers", "is empty: a question needs an answer in its passage")
        spans = [_answer(x, passage, f"{place}.answers[{n}]") for n, x in enumerate(answers)]
    except Misfit as misfit:
        raise Misfit(misfit.place, misfit.problem, id) from None
    return id, question, tuple(spans)


def _answer(answer: Any, passage: str, place: str) -> Answer:
    text = text_at(answer, "text", place)
    if not text:
        raise Misfit(f"{place}.text", "is empty")
    start = whole_number(answer.get("answer_start"))
    if start is None:
        value = answer.get("answer_start")
        problem = "is missing" if value is None else f"is {value!r}, not a whole number"
        raise Misfit(f"{place}.answer_start", problem)
    there = passage[start : start + len(text)] if start >= 0 else ""
    if there != text:
        if start >= 0:
            there = lookalike_at(passage, start, text)
        hint = unseen_difference(there, text)
        problem = f'is {start}: the passage has "{there}", not "{text}"{hint}'
        raise Misfit(f"{place}.answer_start", problem)
    return Answer(text, start)

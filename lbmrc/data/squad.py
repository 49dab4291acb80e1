"""Published corpora: SQuAD-format JSON (SQuAD v1.1, MLQA, XQuAD, translations) <-> examples.

Section 4.1 of the paper trains on SQuAD v1.1 and tests on MLQA and XQuAD, which share one format:
articles of paragraphs of questions, each answer a text and its code-point offset in the paragraph.
Such files are read to `Example`s in file order, and written back. Text is never changed.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json
from lbmrc.data.examples import Answer, Example


class BadExample(NamedTuple):
    """What is wrong with one question of a file.

    ``id`` is the question's ("" where it has none), ``field`` the place in the JSON, such as
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


class _BadField(Exception):
    def __init__(self, field: str, problem: str, id: str = "") -> None:
        self.example = BadExample(id, field, problem)


def read_squad(
    path: str | Path,
    passage_language: str,
    question_language: str,
    on_bad_example: Literal["stop", "skip"] = "stop",
) -> Corpus:
    """Read a SQuAD-format file.

    A question is bad if a field is missing or of the wrong type, if it has no answer, if an answer
    is empty or does not stand at its offset, if its id occurs twice, or if a text cannot be
    written as UTF-8. ``stop`` raises at the first one, ``skip`` lists them and continues.

    Raises:
        UserError: for a bad question under ``stop``; always if the file is not JSON or has no
            ``data`` list, and if nothing is left of it.
    """
    content = read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        raise UserError(f'{path}: no list "data" at the top; is this a SQuAD-format file?')
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


def write_squad(path: str | Path, examples: Iterable[Example]) -> int:
    """Write examples of one language pair as a SQuAD-format file; returns how many.

    The inverse of `read_squad`: articles, paragraphs and questions come in order of appearance,
    keys and white space as in the published XQuAD. Paragraphs without questions have no examples,
    so they are not written, and later ones move up.

    Raises:
        UserError: if an id comes twice, as it does when questions in several languages are mixed.
    """
    articles: dict[str, dict[tuple[str, str], list[dict[str, Any]]]] = {}
    seen: set[str] = set()
    for example in examples:
        if example.id in seen:
            raise UserError(
                f'{path}: question "{example.id}" comes twice; '
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
    content = read_json(source)
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        raise UserError(f'{source}: no list "data" at the top; is this a SQuAD-format file?')
    requested = set(titles)
    known = [a.get("title") for a in content["data"] if isinstance(a, dict)]
    for title in sorted(requested.difference(known)):
        nearest = get_close_matches(title, [t for t in known if isinstance(t, str)], 1, cutoff=0)
        hint = f' (did you mean "{nearest[0]}"?)' if nearest else ""
        raise UserError(f'{source}: no article with the title "{title}"{hint}')
    chosen = [a for a in content["data"] if isinstance(a, dict) and a.get("title") in requested]
    _write_json(target, content | {"data": chosen})
    return len(chosen)


def _write_json(path: str | Path, content: dict[str, Any]) -> None:
    Path(path).write_text(json.dumps(content, indent=2) + "\n", encoding="ascii")


def _questions(
    data: list[Any], passage_language: str, question_language: str
) -> Iterator[Example | BadExample]:
    """Yield each question as an example or as what is wrong with it."""
    # Two articles of one title would give two passages one id, so their paragraphs count on.
    paragraphs_of: Counter[str] = Counter()
    for a, article in enumerate(data):
        try:
            title = _text(article, "title", f"data[{a}]")
            paragraphs = _list(article, "paragraphs", f"data[{a}]")
        except _BadField as error:
            yield error.example
            continue
        for p, paragraph in enumerate(paragraphs):
            place = f"data[{a}].paragraphs[{p}]"
            passage_id = f"{title}/{paragraphs_of[title]}"
            paragraphs_of[title] += 1
            try:
                passage = _text(paragraph, "context", place)
                qas = _list(paragraph, "qas", place)
            except _BadField as error:
                yield error.example
                continue
            for q, qa in enumerate(qas):
                try:
                    id, question, answers = _question(qa, passage, f"{place}.qas[{q}]")
                except _BadField as error:
                    yield error.example
                else:
                    yield Example(
                        id=id,
                        passage_id=passage_id,
                        passage_language=passage_language,
                        question_language=question_language,
                        passage=passage,
                        question=question,
                        answers=answers,
                    )


def _question(qa: Any, passage: str, place: str) -> tuple[str, str, tuple[Answer, ...]]:
    id = _text(qa, "id", place)
    try:
        question = _text(qa, "question", place)
        answers = _list(qa, "answers", place)
        if not answers:
            raise _BadField(
                f"{place}.answers", "is empty: a question needs an answer in its passage"
            )
        spans = [_answer(x, passage, f"{place}.answers[{n}]") for n, x in enumerate(answers)]
    except _BadField as error:
        raise _BadField(error.example.field, error.example.problem, id) from None
    return id, question, tuple(spans)


def _answer(answer: Any, passage: str, place: str) -> Answer:
    text = _text(answer, "text", place)
    if not text:
        raise _BadField(f"{place}.text", "is empty")
    start = answer.get("answer_start")
    if not isinstance(start, int) or isinstance(start, bool):
        problem = "is missing" if start is None else f"is {start!r}, not a whole number"
        raise _BadField(f"{place}.answer_start", problem)
    found = passage[start : start + len(text)] if start >= 0 else ""
    if found != text:
        raise _BadField(
            f"{place}.answer_start", f'is {start}: the passage has "{found}", not "{text}"'
        )
    return Answer(text, start)


def _text(holder: Any, key: str, place: str) -> str:
    value = _get(holder, key, place)
    if not isinstance(value, str):
        raise _BadField(f"{place}.{key}", f"is {type(value).__name__}, not text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise _BadField(f"{place}.{key}", f"half a surrogate pair at {error.start}") from None
    return value


def _list(holder: Any, key: str, place: str) -> list[Any]:
    value = _get(holder, key, place)
    if not isinstance(value, list):
        raise _BadField(f"{place}.{key}", f"is {type(value).__name__}, not a list")
    return value


def _get(holder: Any, key: str, place: str) -> Any:
    if not isinstance(holder, dict):
        raise _BadField(place, f"is {type(holder).__name__}, not an object")
    if key not in holder:
        raise _BadField(f"{place}.{key}", "is missing")
    return holder[key]

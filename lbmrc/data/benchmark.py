"""Selects the questions of a benchmark to ask and to score (Section 4): the same ones for both.

A question is scored by its answers' texts, so it needs an answer text but no offset: a question
whose ``answer_start`` is wrong or missing is treated like any other. Questions that are malformed
or have no answer text (SQuAD 2.0's unanswerable ones) can't be scored. They stop the run before
anything is trained, or are left out of both questions and scores (``on_bad_example: skip``), so a
perfect system always gets 100. Standard library only, so that scoring starts at once.
"""

from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lbmrc.common.errors import UserError
from lbmrc.data.squad_json import (
    Misfit,
    id_at,
    list_at,
    read_squad_json,
    text_at,
    walk,
    whole_number,
)


class BenchmarkQuestion(NamedTuple):
    """A question that can be asked and scored.

    ``passage_id`` is as in `lbmrc.data.examples.Example`. ``answers``: text and offset of each
    answer that has a text; the offset is the file's, or None if it is not a number.
    """

    id: str
    passage_id: str
    passage: str
    question: str
    answers: tuple[tuple[str, int | None], ...]


class Benchmark(NamedTuple):
    """The questions of a file in its order, and those that were left out (none if ``stop``)."""

    questions: list[BenchmarkQuestion]
    left_out: list[Misfit]


def check_benchmark(
    path: str | Path,
    on_bad_example: Literal["stop", "skip"] = "stop",
    titles: Collection[str] | None = None,
) -> Benchmark:
    """Read a benchmark file; ``stop`` raises at the first question that can't be scored.

    Args:
        titles: read only the articles with these titles.

    Raises:
        UserError: for such a question under ``stop``; always if the file is not JSON or has no
            ``data`` list, or if no question is left.
    """
    questions: list[BenchmarkQuestion] = []
    left_out: list[Misfit] = []
    data = read_squad_json(path)["data"]
    if titles is not None:
        data = [a for a in data if isinstance(a, dict) and a.get("title") in titles]
    for found in benchmark_questions(data):
        if isinstance(found, BenchmarkQuestion):
            questions.append(found)
            continue
        if on_bad_example == "stop":
            raise UserError(
                f'{path}: {found.place} (id "{found.id}"): {found.problem}; correct it, or leave '
                "it out of questions and scores with on_bad_example: skip"
            )
        left_out.append(found)
    if not questions:
        raise UserError(
            f"{path}: no question that can be scored ({len(left_out)} left out); is it the right "
            "file?"
        )
    return Benchmark(questions, left_out)


def benchmark_questions(data: list[Any]) -> Iterator[BenchmarkQuestion | Misfit]:
    """Each question of a file's ``data`` in order, or a `Misfit` that describes its problem.

    Of several questions with one id, all but the first are misfits.
    """
    seen: set[str] = set()
    for found in walk(data, texts=True):
        if isinstance(found, Misfit):
            yield found
            continue
        id = ""
        try:
            id = id_at(found.record, found.place)
            if id in seen:
                raise Misfit(f"{found.place}.id", "was already used in this file")
            question = text_at(found.record, "question", found.place)
            answers = _answers(found.record, found.place)
        except Misfit as misfit:
            yield Misfit(misfit.place, misfit.problem, id)
            continue
        seen.add(id)
        passage_id = f"{found.title}/{found.number}"
        yield BenchmarkQuestion(id, passage_id, found.passage, question, answers)


def _answers(record: dict[str, Any], place: str) -> tuple[tuple[str, int | None], ...]:
    answers = [
        (text, whole_number(answer.get("answer_start")))
        for answer in list_at(record, "answers", place)
        if isinstance(answer, dict) and isinstance(text := answer.get("text"), str)
    ]
    if not any(text.strip() for text, _ in answers):
        raise Misfit(f"{place}.answers", "has no text: a benchmark's question needs an answer")
    return tuple(answers)

"""The data of ``explorer.html``: every question with its passage, gold answers and predictions.

Input: the benchmark files and the scores of individual questions. Output: one JSON value without
repetition (each passage is stored once for all its questions, each answer once for all runs that
gave it), compressed to a text that a browser can unpack without a library.
"""

import base64
import gzip
import json
import math
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lbmrc.analysis.error_analysis import TYPES, answer_type
from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json
from lbmrc.common.spans import overlap
from lbmrc.data.benchmark import BenchmarkQuestion, benchmark_questions

if TYPE_CHECKING:
    import pandas as pd

WRONG, OVERLAPPING, RIGHT = range(3)
FIRST_RUN_CODE = 48
"""The character that stands for a question's first answer in the text of its runs: ``0``."""

_CELL = ["benchmark", "split", "passage_language", "question_language"]
_SCORES = ["id", "exact_match", "f1", "prediction", "prediction_start", "prediction_end"]
_SCORES += ["gold_start", "gold_end"]
_ENGLISH = "en"

Cell = tuple[str, ...]


class _Asked(NamedTuple):
    """A question of a benchmark file, and the scores of the runs' answers by text."""

    question: BenchmarkQuestion
    answers: dict[str | None, list[Any]]
    by_run: list[int]


def explorer_data(
    run: str,
    files: Iterable[tuple[Cell, str | Path]],
    runs: Sequence[tuple[str, int]],
    scores: Iterable["pd.DataFrame"],
    first: str,
) -> dict[str, Any]:
    """The data that the page shows.

    Args:
        run: its name.
        files: benchmark, split, passage and question language of each benchmark file, and its path.
        runs: systems and seeds.
        scores: for each run, the frame from `lbmrc.evaluation.question_scores.read_questions`.
        first: the system that is selected when the page is opened.

    Returns:
        ``run``, ``first``, ``types`` (names), ``systems`` (names), ``runs`` (system number, seed),
        ``passages`` (language, id, text), ``questions`` (texts), and ``cells``: benchmark, split,
        passage and question language, and ``rows``: id, passage number, question number, type
        number, gold answers, answers, and for each run the number of its answer as a character,
        counted from `FIRST_RUN_CODE`. A gold answer is a start and an end, or a text if it is not
        in the passage at its offset. An answer is such a position or text, then its verdict (0
        wrong, 1 overlapping, 2 right) and F1 (0 to 1). Starts and ends are UTF-16 code units.

    Raises:
        UserError: if the scores are not for the benchmark files' questions.
    """
    cells = {cell: _questions(path) for cell, path in files}
    _add_answers(cells, runs, scores)
    english = {
        (*cell[:2], asked.question.id): asked.question.answers[0][0]
        for cell, found in cells.items()
        if cell[2:] == (_ENGLISH, _ENGLISH)
        for asked in found
    }
    passages: dict[tuple[str, str, str], int] = {}
    questions: dict[str, int] = {}

    def row(cell: Cell, asked: _Asked) -> list[Any]:
        question = asked.question
        key = (cell[2], question.passage_id, question.passage)
        text = english.get((*cell[:2], question.id), question.answers[0][0])
        place = Utf16(question.passage)
        golds = dict.fromkeys(question.answers)
        return [
            question.id,
            passages.setdefault(key, len(passages)),
            questions.setdefault(question.question, len(questions)),
            TYPES.index(answer_type(text)),
            [_gold(place, *gold) for gold in golds],
            [
                [place.span(*span) if span else text or "", verdict, f1]
                for text, (span, verdict, f1) in asked.answers.items()
            ],
            "".join(chr(FIRST_RUN_CODE + number) for number in asked.by_run),
        ]

    names = list(dict.fromkeys(system for system, _ in runs))
    found = [
        dict(zip(_CELL, cell, strict=True))
        | {"rows": [row(cell, asked) for asked in asked_of_cell]}
        for cell, asked_of_cell in cells.items()
    ]
    return {
        "run": run,
        "first": names.index(first),
        "types": TYPES,
        "systems": names,
        "runs": [[names.index(system), seed] for system, seed in runs],
        "passages": [list(key) for key in passages],
        "questions": list(questions),
        "cells": found,
    }


def packed(data: Any) -> str:
    """JSON, compressed with gzip, in base64; deterministic for the same data."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode("ascii")


class Utf16:
    """Offsets into a text as JavaScript counts them: a character above U+FFFF counts as two."""

    def __init__(self, text: str):
        self._text = text
        self._differs = bool(text) and max(text) > "\uffff"

    def span(self, start: int, end: int) -> list[int]:
        """Convert a span from code points to UTF-16 code units."""
        return [self._at(start), self._at(end)]

    def holds(self, part: str, start: int) -> bool:
        """Whether ``part`` occurs in the text at this code point."""
        return self._text[start : start + len(part)] == part

    def _at(self, offset: int) -> int:
        if not self._differs:
            return offset
        return offset + sum(character > "\uffff" for character in self._text[:offset])


def _gold(place: Utf16, text: str, start: int | None) -> list[int] | str:
    if start is None or start < 0 or not place.holds(text, start):
        return text
    return place.span(start, start + len(text))


def _questions(path: str | Path) -> list[_Asked]:
    found = benchmark_questions(read_json(path)["data"])
    return [
        _Asked(question, {}, []) for question in found if isinstance(question, BenchmarkQuestion)
    ]


def _add_answers(
    cells: dict[Cell, list[_Asked]],
    runs: Sequence[tuple[str, int]],
    scores: Iterable["pd.DataFrame"],
) -> None:
    """Add each run's answers to their questions; rows are in the order of the files."""
    for (system, seed), frame in zip(runs, scores, strict=True):
        by_cell = dict(tuple(frame.groupby(_CELL, sort=False)))
        for cell, asked_of_cell in cells.items():
            rows = by_cell.get(cell, frame.iloc[:0])
            if list(rows["id"]) != [asked.question.id for asked in asked_of_cell]:
                raise UserError(
                    f"the scores of {system}, seed {seed}, on {'.'.join(cell)} are not those of "
                    "this file's questions; delete them and score again"
                )
            for asked, values in zip(asked_of_cell, rows[_SCORES].itertuples(), strict=True):
                if values.prediction not in asked.answers:
                    asked.answers[values.prediction] = _scored(values)
                asked.by_run.append(list(asked.answers).index(values.prediction))


def _scored(values: Any) -> list[Any]:
    """Span, verdict and F1 of a row of scores; "overlapping" as defined in the error analysis."""
    span = None
    if not math.isnan(values.prediction_start):
        span = int(values.prediction_start), int(values.prediction_end)
    if values.exact_match:
        verdict = RIGHT
    else:
        gold = values.gold_start, values.gold_end
        verdict = OVERLAPPING if span and overlap(span, gold) else WRONG
    return [span, verdict, round(float(values.f1), 4)]

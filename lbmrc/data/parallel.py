"""Pairs questions in one language with passages in another, from parallel monolingual files.

MLQA publishes one file per pair of languages (G-XLT). XQuAD publishes one file per language, all
with the same question ids, so the pairs are made here by joining on the id.
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from lbmrc.common.atomic import write_text
from lbmrc.common.errors import UserError
from lbmrc.data.squad_json import Misfit, Question, id_at, read_squad_json, text_at, walk


def join_questions(passages: str | Path, questions: str | Path, target: str | Path) -> int:
    """Write ``passages`` with the question texts of ``questions``; returns how many were joined.

    Both are SQuAD-format files; passages, answers and offsets are those of ``passages``. A
    malformed question of ``passages`` is kept unchanged, for the reader of the benchmark to report.

    Raises:
        UserError: if ``questions`` lacks the id of a question of ``passages``.
    """
    texts = {}
    for id, found in _identified(read_squad_json(questions)):
        with suppress(Misfit):
            texts[id] = text_at(found.record, "question", found.place)
    content, joined = read_squad_json(passages), 0
    for id, found in _identified(content):
        if id not in texts:
            raise UserError(
                f'{questions}: no question with the id "{id}", which {passages} has at '
                f"{found.place}; `pairs: joined` needs files with the same ids"
            )
        found.record["question"] = texts[id]
        joined += 1
    write_text(target, json.dumps(content, indent=2) + "\n")
    return joined


def _identified(content: dict[str, Any]) -> Iterator[tuple[str, Question]]:
    """Each question that has an id, with it."""
    for found in walk(content["data"], texts=True):
        if not isinstance(found, Misfit):
            with suppress(Misfit):
                yield id_at(found.record, found.place), found

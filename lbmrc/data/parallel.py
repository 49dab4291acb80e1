"""Pairs questions in one language with passages in another, from parallel monolingual files.

MLQA publishes one file per pair of languages (G-XLT). XQuAD publishes one file per language, all
with the same question ids, so the pairs are made here by joining on the id.
"""

import json
from pathlib import Path

from lbmrc.common.atomic import write_text
from lbmrc.common.errors import UserError
from lbmrc.data.squad_json import Misfit, id_at, read_squad_json, text_at, walk


def join_questions(passages: str | Path, questions: str | Path, target: str | Path) -> int:
    """Write ``passages`` with the question texts of ``questions``; returns how many were joined.

    Both are SQuAD-format files; passages, answers and offsets are those of ``passages``. A
    malformed question of ``passages`` is kept unchanged, for the reader of the benchmark to report.

    Raises:
        UserError: if ``questions`` lacks the id of a question of ``passages``.
    """
    texts = {}
    for found in walk(read_squad_json(questions)["data"], texts=True):
        try:
            if isinstance(found, Misfit):
                raise found
            texts[id_at(found.record, found.place)] = text_at(found.record, "question", found.place)
        except Misfit:
            continue
    content, joined = read_squad_json(passages), 0
    for found in walk(content["data"], texts=True):
        try:
            if isinstance(found, Misfit):
                raise found
            id = id_at(found.record, found.place)
        except Misfit:
            continue
        if id not in texts:
            raise UserError(
                f'{questions}: no question with the id "{id}", which {passages} has at '
                f"{found.place}; `pairs: joined` needs files with the same ids"
            )
        found.record["question"] = texts[id]
        joined += 1
    write_text(target, json.dumps(content, indent=2) + "\n")
    return joined

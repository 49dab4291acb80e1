"""Scores of single questions, kept in Parquet: what the statistics that the paper lacks rest on.

In go a benchmark file and a system's official ``{id: text}`` predictions; out comes a row a
question: its scores, the prediction, and where prediction and gold answer stand in the passage.
Predictions are texts without a place, so the place is the one of the text's occurrences that is
nearest to a gold answer: never worse for the system than the truth.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from lbmrc.common.atomic import replacing
from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json
from lbmrc.common.paths import SystemPaths
from lbmrc.common.spans import occurrences
from lbmrc.data.squad_json import walk
from lbmrc.evaluation.metrics import QuestionScore

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = pa.schema(
    [
        ("benchmark", pa.string()),
        ("split", pa.string()),
        ("passage_language", pa.string()),
        ("question_language", pa.string()),
        ("id", pa.string()),
        ("exact_match", pa.int8()),
        ("f1", pa.float64()),
        ("prediction", pa.string()),
        ("prediction_start", pa.int32()),
        ("prediction_end", pa.int32()),
        ("gold", pa.string()),
        ("gold_start", pa.int32()),
        ("gold_end", pa.int32()),
    ]
)
CELL = ["benchmark", "split", "passage_language", "question_language"]


class Places(NamedTuple):
    """Code points, first and end, of a prediction and of its gold answer in the passage."""

    prediction: tuple[int, int] | None
    gold: tuple[int, int] | None


def nearest_places(
    passage: str, prediction: str | None, answers: Iterable[tuple[str, int]]
) -> Places:
    """The occurrence of a prediction and the gold answer whose edges are nearest to each other.

    Nearest: the smallest sum of the distances between the two starts and between the two ends; of
    equals the first. A prediction that is nowhere in the passage has no place and is paired with
    the first gold answer; gold answers that do not stand where they say do not count.
    """
    golds = [
        (start, start + len(text))
        for text, start in answers
        if passage[start : start + len(text)] == text
    ]
    found = [(at, at + len(prediction)) for at in occurrences(passage, prediction or "")]
    if not found or not golds:
        return Places(None, golds[0] if golds else None)
    pairs = [Places(span, gold) for gold in golds for span in found]
    return min(pairs, key=lambda p: sum(abs(a - b) for a, b in zip(*p, strict=True)))


def question_rows(
    dataset: str | Path,
    predictions: str | Path,
    scores: Iterable[QuestionScore],
    cell: Mapping[str, str],
) -> list[dict[str, Any]]:
    """Rows of `SCHEMA` for one benchmark file, in its order.

    Args:
        dataset, predictions: paths, of well-formed files (`lbmrc.evaluation.metrics` has read them
            before).
        scores: of all questions of the file, in its order.
        cell: benchmark, split, passage language and question language.
    """
    predicted = read_json(predictions)
    nowhere = (None, None)
    rows = []
    asked = walk(read_json(dataset)["data"])
    for (*_, passage, record), score in zip(asked, scores, strict=True):
        prediction = predicted.get(record["id"])
        answers = [(answer["text"], answer["answer_start"]) for answer in record["answers"]]
        places = nearest_places(passage, prediction, answers)
        starts, ends = zip(*(place or nowhere for place in places), strict=True)
        rows.append(
            {
                **cell,
                **score._asdict(),
                "prediction": prediction,
                "prediction_start": starts[0],
                "prediction_end": ends[0],
                "gold": passage[slice(*places.gold)] if places.gold else answers[0][0],
                "gold_start": starts[1],
                "gold_end": ends[1],
            }
        )
    return rows


def write_questions(path: str | Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows of `question_rows` to Parquet."""
    table = pa.Table.from_pylist(list(rows), schema=SCHEMA)
    with replacing(path) as partial:
        pq.write_table(table, partial, compression="zstd")


def read_questions(systems: str | Path, runs: Iterable[tuple[str, int]]) -> "pd.DataFrame":
    """The scores of several runs as one frame: system, seed, then the columns of `SCHEMA`.

    Args:
        systems: folder with ``SYSTEM/seed-N/scores/questions.parquet``.
        runs: systems and seeds.

    Raises:
        UserError: if a file cannot be read or holds something else.
    """
    import pandas as pd

    frames = [SCHEMA.empty_table().to_pandas().assign(system="", seed=0)]
    for system, seed in runs:
        path = Path(SystemPaths.under(systems, system, seed).question_scores)
        try:
            table = pq.read_table(path)
        except (OSError, pa.ArrowInvalid) as error:
            raise UserError(
                f"{path}: cannot be read ({error}); delete it and score again"
            ) from None
        if not table.schema.equals(SCHEMA):
            raise UserError(f"{path}: these are not scores of questions; delete it and score again")
        frames.append(table.to_pandas().assign(system=system, seed=seed))
    frame = pd.concat(frames[1:] or frames, ignore_index=True)
    return frame[["system", "seed", *SCHEMA.names]]

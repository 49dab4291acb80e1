"""Scores of individual questions, kept in Parquet: the basis of the statistics beyond the paper.

Input: a benchmark file and a system's official ``{id: text}`` predictions. Output: one row per
question: its passage, its scores, its scores with the prediction extended to whole words, the
prediction, and the spans of prediction and gold answer in the passage.
Predictions are texts without offsets, so the span is the occurrence of the text nearest to a gold
answer, which is never worse for the system than the true one.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from lbmrc.common.atomic import replacing
from lbmrc.common.columns import described
from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json
from lbmrc.common.paths import SystemPaths
from lbmrc.common.spans import occurrences
from lbmrc.data.benchmark import BenchmarkQuestion, benchmark_questions
from lbmrc.evaluation.metrics import Metric, QuestionScore, exact_match, f1
from lbmrc.evaluation.whole_words import extend_to_words

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = pa.schema(
    [
        ("benchmark", pa.string()),
        ("split", pa.string()),
        ("passage_language", pa.string()),
        ("question_language", pa.string()),
        ("id", pa.string()),
        ("passage_id", pa.string()),
        ("exact_match", pa.int8()),
        ("f1", pa.float64()),
        ("whole_word_exact_match", pa.int8()),
        ("whole_word_f1", pa.float64()),
        ("prediction", pa.string()),
        ("prediction_start", pa.int32()),
        ("prediction_end", pa.int32()),
        ("gold", pa.string()),
        ("gold_start", pa.int32()),
        ("gold_end", pa.int32()),
    ]
)
CELL = ["benchmark", "split", "passage_language", "question_language"]


class AnswerSpans(NamedTuple):
    """Start and end, in code points, of a prediction and its gold answer in the passage."""

    prediction: tuple[int, int] | None
    gold: tuple[int, int] | None


def nearest_spans(
    passage: str, prediction: str | None, answers: Iterable[tuple[str, int | None]]
) -> AnswerSpans:
    """The occurrence of a prediction and the gold answer that are nearest to each other.

    Nearest: the smallest sum of the distances between the starts and between the ends; ties go to
    the first. A prediction that does not occur in the passage has no span and is paired with the
    first gold answer; gold answers that are not at their offset are ignored.
    """
    golds = [
        (start, start + len(text))
        for text, start in answers
        if start is not None and start >= 0 and passage[start : start + len(text)] == text
    ]
    prediction = prediction or ""
    found = [(at, at + len(prediction)) for at in occurrences(passage, prediction)]
    if not found or not golds:
        return AnswerSpans(None, golds[0] if golds else None)
    pairs = [(span, gold) for gold in golds for span in found]
    return AnswerSpans(*min(pairs, key=lambda p: abs(p[0][0] - p[1][0]) + abs(p[0][1] - p[1][1])))


def question_rows(
    dataset: str | Path,
    predictions: str | Path,
    scores: Iterable[QuestionScore],
    cell: Mapping[str, str],
    metric: Metric,
) -> list[dict[str, Any]]:
    """Rows of `SCHEMA` for the scorable questions of one benchmark file, in its order.

    Args:
        dataset, predictions: paths of well-formed files (`lbmrc.evaluation.metrics` has already
            read them).
        scores: of these questions, as `lbmrc.evaluation.metrics.score_benchmark` returns them.
        cell: benchmark, split, passage language and question language.
        metric: the rules of the scores.
    """
    predicted = read_json(predictions)
    missing = (None, None)
    rows = []
    found = benchmark_questions(read_json(dataset)["data"])
    questions = [question for question in found if isinstance(question, BenchmarkQuestion)]
    for question, score in zip(questions, scores, strict=True):
        passage, prediction = question.passage, predicted.get(question.id)
        spans = nearest_spans(passage, prediction, question.answers)
        starts, ends = zip(*(span or missing for span in spans), strict=True)
        rows.append(
            {
                **cell,
                **score._asdict(),
                "passage_id": question.passage_id,
                **whole_word_scores(
                    passage,
                    spans.prediction,
                    score,
                    question.answers,
                    metric,
                    cell["passage_language"],
                ),
                "prediction": prediction,
                "prediction_start": starts[0],
                "prediction_end": ends[0],
                "gold": passage[slice(*spans.gold)] if spans.gold else question.answers[0][0],
                "gold_start": starts[1],
                "gold_end": ends[1],
            }
        )
    return rows


def whole_word_scores(
    passage: str,
    span: tuple[int, int] | None,
    score: QuestionScore,
    answers: Iterable[tuple[str, int | None]],
    metric: Metric,
    language: str,
) -> dict[str, int | float]:
    """A prediction's scores if its span were extended to whole words.

    Equal to ``score`` if no word is cut, or the prediction is not in the passage (``span`` None).
    """
    extended = None if span is None else extend_to_words(passage, *span)
    if extended is None or extended == span:
        return {"whole_word_exact_match": score.exact_match, "whole_word_f1": score.f1}
    text = passage[slice(*extended)]
    golds = [gold for gold, _ in answers]
    return {
        "whole_word_exact_match": int(any(exact_match(text, g, metric, language) for g in golds)),
        "whole_word_f1": max(f1(text, g, metric, language) for g in golds),
    }


def write_questions(path: str | Path, rows: Iterable[Mapping[str, Any]]) -> None:
    """Write rows of `question_rows` to Parquet."""
    table = pa.Table.from_pylist(list(rows), described(SCHEMA, "question scores"))
    with replacing(path) as partial:
        pq.write_table(table, partial, compression="zstd")


def read_questions(systems: str | Path, runs: Iterable[tuple[str, int]]) -> "pd.DataFrame":
    """The scores of several runs as one frame: system, seed, then the columns of `SCHEMA`.

    Args:
        systems: folder with ``SYSTEM/seed-N/scores/questions.parquet``.
        runs: systems and seeds.

    Raises:
        UserError: if a file cannot be read or has other columns.
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

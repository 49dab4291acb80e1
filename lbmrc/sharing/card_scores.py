"""A system's scores with intervals, as its model card shows them.

Input: the scores of single questions (`lbmrc.evaluation.question_scores`). Output: one row per
benchmark file. Intervals are percentile bootstrap intervals over passages, for one trained model;
they do not cover variation between seeds.
"""

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyarrow.parquet as pq

from lbmrc.analysis.bootstrap import DRAWS, LEVEL, MIN_PASSAGES, SEED, draw_passages

Interval = tuple[float, float]


class CellScores(NamedTuple):
    """Exact match and F1 in percent on one benchmark file, with 95% intervals (None for fewer than
    six passages)."""

    benchmark: str
    split: str
    passage_language: str
    question_language: str
    questions: int
    exact_match: float
    f1: float
    exact_match_interval: Interval | None
    f1_interval: Interval | None


def cell_scores(path: str | Path) -> list[CellScores]:
    """The scores of every benchmark file in a file of question scores, in its order."""
    cell = ["benchmark", "split", "passage_language", "question_language"]
    table = pq.read_table(path, columns=[*cell, "passage_id", "exact_match", "f1"]).to_pandas()
    rows = []
    for names, questions in table.groupby(cell, sort=False):
        scores = 100 * questions[["exact_match", "f1"]].to_numpy(float)
        passages = questions["passage_id"].astype("category").cat.codes.to_numpy()
        means = scores.mean(axis=0)
        exact_match, f1 = _intervals(scores, passages)
        rows.append(
            CellScores(
                **dict(zip(cell, names, strict=True)),
                questions=len(questions),
                exact_match=float(means[0]),
                f1=float(means[1]),
                exact_match_interval=exact_match,
                f1_interval=f1,
            )
        )
    return rows


def _intervals(scores: np.ndarray, passages: np.ndarray) -> tuple[Interval | None, ...]:
    """Intervals of the means of (N, M) scores; passages are numbered from 0."""
    number = int(passages.max()) + 1
    if number < MIN_PASSAGES:
        return (None,) * scores.shape[1]
    sums = np.stack([np.bincount(passages, column, number) for column in scores.T], axis=1)
    sizes = np.bincount(passages, minlength=number)
    chunks = draw_passages(number, DRAWS, np.random.default_rng(SEED))
    drawn = np.concatenate([(counts @ sums) / (counts @ sizes)[:, None] for counts in chunks])
    tail = 100 * (1 - LEVEL) / 2
    low, high = np.percentile(drawn, [tail, 100 - tail], axis=0)
    return tuple(zip(low.tolist(), high.tolist(), strict=True))

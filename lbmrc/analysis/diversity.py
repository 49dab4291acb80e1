"""How much a student's teachers differ, and whether the student gains where they do.

Input: scores per question of each student and of its teachers, on the benchmarks (questions in the
language of their passage). No model is run. Teachers of different branches can be compared in this
way with teachers that differ only in their seed.
"""

from collections.abc import Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lbmrc.analysis.bootstrap import DRAWS
from lbmrc.analysis.clusters import Clusters, passage_clusters
from lbmrc.analysis.language_means import ALL, group_estimates
from lbmrc.common.errors import UserError
from lbmrc.common.markdown import markdown_table, number

Run = tuple[str, int]
COLUMNS = [
    "benchmark",
    "split",
    "student",
    "teachers",
    "disagreement",
    "disagreement_low",
    "disagreement_high",
    "error_correlation",
    "teacher",
    "oracle",
    "oracle_low",
    "oracle_high",
    "student_score",
    "gain_agreed",
    "gain_disputed",
]


class Diversity(NamedTuple):
    """T teachers and their student, by question: each (Q,) except the correlation.

    ``disagreement``: share of the pairs of teachers whose answers differ; ``right``: share of the
    teachers whose answer is exact; ``oracle``: 1 if any is; ``gain``: the student's exact match
    minus ``right``; ``error_correlation``: Pearson correlation of two teachers' exact matches, mean
    over the pairs in which neither is always right or always wrong (NaN if there are none).
    """

    disagreement: np.ndarray
    right: np.ndarray
    oracle: np.ndarray
    gain: np.ndarray
    error_correlation: float


def diversity(answers: np.ndarray, right: np.ndarray, student: np.ndarray) -> Diversity:
    """From answers (T, Q), whether they are exact (T, Q), and whether the student's are (Q,)."""
    pairs = list(combinations(range(len(answers)), 2))
    differ = np.mean([answers[a] != answers[b] for a, b in pairs], axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        correlations = [np.corrcoef(right[a], right[b])[0, 1] for a, b in pairs]
    share = right.mean(axis=0)
    known = [value for value in correlations if np.isfinite(value)]
    correlation = float(np.mean(known)) if known else np.nan
    return Diversity(differ, share, right.max(axis=0), student - share, correlation)


def by_student(
    questions: pd.DataFrame,
    students: Mapping[str, Sequence[tuple[int, Sequence[Run]]]],
    draws: int = DRAWS,
) -> pd.DataFrame:
    """`COLUMNS` for each student and benchmark; all but the correlation in percent.

    Means over languages, and over the student's seeds. ``teacher``: mean exact match of the
    teachers. ``gain_agreed``, ``gain_disputed``: the student's exact match minus that, on the
    questions that all teachers answer alike, and on the others. Intervals are 95% bootstrap
    intervals over passages and the student's seeds.

    Args:
        questions: rows of `lbmrc.evaluation.question_scores.read_questions`.
        students: for each seed, the (system, seed) of two or more teachers.

    Raises:
        UserError: if a student and its teachers were not scored on the same questions.
    """
    same = questions[questions["passage_language"] == questions["question_language"]]
    records: list[list[Any]] = []
    for (benchmark, split), part in same.groupby(["benchmark", "split"], sort=False):
        keys = part.drop_duplicates(["passage_language", "id"])
        index = ["passage_language", "id"]
        wide = part.pivot_table(
            index=index,
            columns=["system", "seed"],
            values=["exact_match", "prediction"],
            aggfunc="first",
        )
        clusters = Clusters(
            passage_clusters(keys).loc[wide.index], list(keys["passage_language"].unique())
        )
        for student, seeds in students.items():
            found = [_of_seed(wide, student, seed, teachers) for seed, teachers in seeds]
            scores = np.stack(
                [
                    np.stack([d.disagreement, d.oracle, d.right, d.right + d.gain], axis=-1)
                    for d in found
                ],
                axis=1,
            )
            groups = {ALL: clusters.languages}
            means = group_estimates(100 * scores, clusters, groups, draws)
            disputed = np.concatenate([d.disagreement > 0 for d in found])
            gains = 100 * np.concatenate([d.gain for d in found])
            names = sorted({name for _, teachers in seeds for name, _ in teachers})
            (value,), (low,), (high,) = means.difference, means.low, means.high
            records.append(
                [
                    *(benchmark, split, student, ", ".join(names)),
                    *(value[0], low[0], high[0]),
                    np.mean([d.error_correlation for d in found]),
                    value[2],
                    *(value[1], low[1], high[1]),
                    value[3],
                    gains[~disputed].mean() if (~disputed).any() else np.nan,
                    gains[disputed].mean() if disputed.any() else np.nan,
                ]
            )
    # Other processors may sum in another order, which changes the last of 16 digits.
    return pd.DataFrame(records, columns=COLUMNS).round(dict.fromkeys(COLUMNS[4:], 6))


def _of_seed(wide: pd.DataFrame, student: str, seed: int, teachers: Sequence[Run]) -> Diversity:
    right = wide["exact_match"][[*map(tuple, teachers), (student, seed)]]
    if right.isna().any(axis=None):
        raise UserError(
            f"{student} (seed {seed}) and its teachers were not scored on the same questions; "
            "delete their scores and run again"
        )
    matches = right.to_numpy(float).T
    answers = wide["prediction"][[tuple(run) for run in teachers]].fillna("").to_numpy().T
    return diversity(answers, matches[:-1], matches[-1])


def to_markdown(frame: pd.DataFrame) -> str:
    """One table for each benchmark."""
    parts = [
        "# Teacher diversity",
        "Exact match in percent, mean over languages and over the student's seeds. Disagreement: "
        "pairs of teachers whose answers differ. Oracle: questions that any teacher answers. Gain: "
        "the student minus the mean teacher, on questions that all teachers answer alike and on "
        "the others. Intervals: 95%, bootstrap over passages and the student's seeds.",
    ]
    header = ["student", "teachers", "disagreement", "correlation of errors", "mean teacher"]
    header += ["oracle", "student's score", "gain where alike", "gain where not"]
    for (benchmark, split), part in frame.groupby(["benchmark", "split"], sort=False):
        rows = [
            [
                row.student,
                row.teachers,
                f"{row.disagreement:.1f} [{row.disagreement_low:.1f}, {row.disagreement_high:.1f}]",
                number(row.error_correlation, 2),
                number(row.teacher),
                f"{row.oracle:.1f} [{row.oracle_low:.1f}, {row.oracle_high:.1f}]",
                number(row.student_score),
                number(row.gain_agreed),
                number(row.gain_disputed),
            ]
            for row in part.itertuples()
        ]
        parts += [f"## {benchmark} {split}", markdown_table(header, rows, 2)]
    return "\n\n".join(parts) + "\n"

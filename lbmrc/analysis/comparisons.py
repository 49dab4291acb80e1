"""Paired comparisons of systems over the same questions, with confidence intervals.

Input: the scores of single questions (`lbmrc.evaluation.question_scores`) and the pairs of systems
that a config names. Output: differences in points for each language (questions in the language of
their passage) and for their mean, and the marks that tables print beside a score.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lbmrc.analysis.bootstrap import DRAWS, paired_bootstrap
from lbmrc.common.errors import UserError
from lbmrc.common.markdown import markdown_table

METRICS = ["exact_match", "f1"]
COLUMNS = [
    "benchmark",
    "split",
    "system",
    "against",
    "language",
    "questions",
    "exact_match",
    "exact_match_low",
    "exact_match_high",
    "f1",
    "f1_low",
    "f1_high",
]
MEAN = "mean"
UP, DOWN = "▲", "▼"
_ROUNDING = 1e-9


class Marks(NamedTuple):
    """Marks beside a score: ▲ or ▼ if the difference is significant, otherwise empty."""

    exact_match: str = ""
    f1: str = ""


def compare(
    questions: pd.DataFrame, pairs: Iterable[Sequence[str]], draws: int = DRAWS
) -> pd.DataFrame:
    """Differences between systems, with `COLUMNS`: points, first system minus second.

    Several seeds of a system are averaged question by question. The row ``mean`` is the mean over
    languages, as shown in the tables; its questions are drawn by id with all their languages at
    once, since the scores of translations of one question are correlated.

    Args:
        questions: rows of `lbmrc.evaluation.question_scores.read_questions`.
        pairs: names of two systems each.

    Raises:
        UserError: if the two were not scored on the same questions.
    """
    same = questions[questions["passage_language"] == questions["question_language"]]
    records = []
    for (benchmark, split), part in same.groupby(["benchmark", "split"], sort=False):
        mean = part.groupby(["system", "passage_language", "id"], sort=False)[METRICS].mean() * 100
        for system, against in pairs:
            ours, theirs = mean.loc[system], mean.loc[against]
            if not ours.index.sort_values().equals(theirs.index.sort_values()):
                raise UserError(
                    f"{system} and {against} were not scored on the same questions of {benchmark} "
                    f"{split}; delete their scores and run again"
                )
            difference = ours - theirs.reindex(ours.index)
            languages = difference.groupby(level="passage_language", sort=False)
            values = {language: frame.to_numpy() for language, frame in languages}
            if len(values) > 1:
                values[MEAN] = _mean_over_languages(difference)
            for language, rows in values.items():
                names = [benchmark, split, system, against, language, len(rows)]
                interval = np.array(paired_bootstrap(rows, draws))
                records.append([*names, *interval[:, 0], *interval[:, 1]])
    return pd.DataFrame(records, columns=COLUMNS)


def _mean_over_languages(difference: pd.DataFrame) -> np.ndarray:
    """One row per question id, over its languages, whose mean is the mean over languages."""
    sizes = difference.groupby(level="passage_language").size()
    weights = 1 / (len(sizes) * difference.index.get_level_values("passage_language").map(sizes))
    totals = difference.mul(np.asarray(weights), axis=0).groupby(level="id", sort=False).sum()
    return totals.to_numpy() * len(totals)


def marks(comparisons: pd.DataFrame, benchmark: str, split: str) -> dict[tuple[str, str], Marks]:
    """Marks by (system, language): of each system's first comparison, its interval against 0."""
    part = comparisons[(comparisons["benchmark"] == benchmark) & (comparisons["split"] == split)]
    against = part.groupby("system", sort=False)["against"].first()
    part = part[part["against"] == part["system"].map(against)]
    return {
        (row.system, row.language): Marks(
            _mark(row.exact_match_low, row.exact_match_high), _mark(row.f1_low, row.f1_high)
        )
        for row in part.itertuples()
    }


def marks_legend(comparisons: pd.DataFrame, systems: Iterable[str]) -> str:
    """The line under a table that explains its marks; empty if there are none."""
    against = comparisons.groupby("system", sort=False)["against"].first()
    pairs = [f"{system} with {against[system]}" for system in systems if system in against.index]
    if not pairs:
        return ""
    return (
        f"{UP}, {DOWN}: better, worse than the system it is compared with ({', '.join(pairs)}); "
        f"the 95% interval of a paired bootstrap over questions ({DRAWS:,} draws) excludes 0."
    )


def to_markdown(comparisons: pd.DataFrame) -> str:
    """A table for each benchmark and pair: difference and interval by language."""
    parts = [
        "# Comparisons",
        "Differences in points with 95% intervals, by paired bootstrap over questions "
        f"({DRAWS:,} draws); scores are averaged over seeds first, so that an interval shows the "
        "uncertainty from the choice of questions, not from retraining. "
        f"{UP}, {DOWN}: the interval excludes 0. `{MEAN}`: mean over languages, questions drawn "
        "by id with all their languages.",
    ]
    means = comparisons[comparisons["language"] == MEAN]
    if len(means):
        rows = [
            [f"{row.benchmark} {row.split}", row.system, row.against, *_differences(row)]
            for row in means.itertuples()
        ]
        header = ["benchmark", "system", "against", "EM", "F1"]
        parts += ["## Mean over languages", markdown_table(header, rows, 3)]
    groups = comparisons.groupby(["benchmark", "split", "system", "against"], sort=False)
    for (benchmark, split, system, against), part in groups:
        rows = [[row.language, str(row.questions), *_differences(row)] for row in part.itertuples()]
        parts.append(f"## {system} against {against}: {benchmark} {split}")
        parts.append(markdown_table(["language", "questions", "EM", "F1"], rows))
    if comparisons.empty:
        parts.append("The config names no `comparisons`.")
    return "\n\n".join(parts) + "\n"


def _differences(row: Any) -> list[str]:
    return [
        _text(row.exact_match, row.exact_match_low, row.exact_match_high),
        _text(row.f1, row.f1_low, row.f1_high),
    ]


def _text(mean: float, low: float, high: float) -> str:
    return f"{mean:+z.1f} [{low:+z.1f}, {high:+z.1f}]{_mark(low, high)}"


def _mark(low: float, high: float) -> str:
    return UP if low > _ROUNDING else DOWN if high < -_ROUNDING else ""

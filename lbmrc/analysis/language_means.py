"""Mean scores over groups of languages, with intervals over seeds and passages.

Input: scores per question (`lbmrc.evaluation.question_scores.read_questions`), of which only those
in the language of their passage are used. Output: for each benchmark and system, the mean over a
group of languages, such as those trained on or the zero-shot ones, by the two-level bootstrap of
`lbmrc.analysis.bootstrap.paired_draws`.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from lbmrc.analysis.bootstrap import DRAWS, MIN_PASSAGES, Estimate, estimate, paired_draws
from lbmrc.analysis.clusters import Clusters, passage_clusters
from lbmrc.common.errors import UserError

METRICS = ["exact_match", "f1"]
TRAINED, ZERO_SHOT, ALL = "trained", "zero-shot", "all"


class BenchmarkScores(NamedTuple):
    """One split of a benchmark: one row of ``scores`` (points) per question of ``clusters``;
    columns (measure, *runs)."""

    benchmark: str
    split: str
    scores: pd.DataFrame
    clusters: Clusters


def by_benchmark(questions: pd.DataFrame, runs: Sequence[str]) -> Iterator[BenchmarkScores]:
    """The scores of each benchmark's split, one column per measure of ``METRICS`` and run.

    Args:
        runs: the columns that identify a run, such as system and seed.

    Raises:
        UserError: if the runs were not scored on the same questions.
    """
    same = questions[questions["passage_language"] == questions["question_language"]]
    for (benchmark, split), part in same.groupby(["benchmark", "split"], sort=False):
        keys = part.drop_duplicates(["passage_language", "id"])
        numbers = passage_clusters(keys)
        scores = 100 * part.pivot_table(
            index=["passage_language", "id"], columns=list(runs), values=METRICS
        )
        if scores.isna().any(axis=None):
            raise UserError(
                f"{benchmark} {split}: the runs were not scored on the same questions; delete "
                "their scores and run again"
            )
        languages = list(keys["passage_language"].unique())
        clusters = Clusters(numbers.loc[scores.index], languages)
        yield BenchmarkScores(benchmark, split, scores, clusters)


def language_groups(languages: Sequence[str], trained: Sequence[str]) -> dict[str, list[str]]:
    """The languages trained on, the others (zero-shot), and all; empty groups are left out."""
    groups = {
        TRAINED: [x for x in languages if x in trained],
        ZERO_SHOT: [x for x in languages if x not in trained],
        ALL: list(languages),
    }
    return {name: group for name, group in groups.items() if group}


def group_estimates(
    scores: np.ndarray, clusters: Clusters, groups: Mapping[str, Sequence[str]], draws: int = DRAWS
) -> Estimate:
    """Mean over seeds and over the languages of each of G groups, each field (G, M).

    The p-value tests whether the mean is 0; it is NaN for one seed, which shows no training noise,
    and for fewer than `MIN_PASSAGES` passages.

    Args:
        scores: (Q, S, M), for each question, seed and measure; a difference paired by seed counts
            as one score.
        groups: languages of ``clusters`` by the name of their group.
    """
    sums = clusters.sums(scores)
    drawn = paired_draws(sums, np.zeros_like(sums[:1]), clusters.questions, draws)
    means = sums.mean(axis=0).sum(axis=0) / clusters.questions.sum(axis=0)[:, None]
    at = [[clusters.languages.index(x) for x in group] for group in groups.values()]
    found = estimate(
        np.stack([means[rows].mean(axis=0) for rows in at]),
        np.stack([drawn[:, rows].mean(axis=1) for rows in at], axis=1),
    )
    if len(sums) == 1 or len(clusters.questions) < MIN_PASSAGES:
        found = found._replace(p_value=np.full(found.p_value.shape, np.nan))
    return found


def measured(scores: pd.DataFrame) -> np.ndarray:
    """(Q, S, M), from a frame with columns (measure, seed)."""
    return np.stack([scores[metric].to_numpy() for metric in METRICS], axis=-1)


def group_means(
    questions: pd.DataFrame, trained: Sequence[str], draws: int = DRAWS
) -> pd.DataFrame:
    """Mean score of each system over the languages trained on, the zero-shot ones, and all.

    Columns: benchmark, split, system, languages (the group), count (its languages), seeds,
    passages, then exact_match and f1 in points, each with _low and _high.
    """
    records = []
    for part in by_benchmark(questions, ["system", "seed"]):
        groups = language_groups(part.clusters.languages, trained)
        for system in questions["system"].unique():
            scores = measured(part.scores.xs(system, axis=1, level="system"))
            found = group_estimates(scores, part.clusters, groups, draws)
            for row, (name, group) in enumerate(groups.items()):
                values = np.stack(found[:3], axis=-1)[row].ravel()
                sizes = len(group), scores.shape[1], len(part.clusters.questions)
                records.append([part.benchmark, part.split, system, name, *sizes, *values])
    columns = ["benchmark", "split", "system", "languages", "count", "seeds", "passages"]
    columns += [f"{metric}{end}" for metric in METRICS for end in ("", "_low", "_high")]
    # Other processors may sum in another order, which changes the last of 16 digits.
    return pd.DataFrame(records, columns=columns).round(dict.fromkeys(columns[7:], 6))

"""Where the spread of a score comes from, and how many seeds a difference needs.

Input: scores per question. A score is the mean over the languages of a benchmark, questions in the
language of their passage. Output: standard deviations of a single run's score, by source, and the
number of seeds with which a paired test detects a difference.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
import scipy.stats

from lbmrc.analysis.bootstrap import LEVEL, paired_draws
from lbmrc.analysis.clusters import Clusters
from lbmrc.analysis.language_means import METRICS, by_benchmark

POWER = 0.8
_DRAWS = 1_000
_MOST_SEEDS = 10_000


class Spread(NamedTuple):
    """A standard deviation in points, and how many independent values it was estimated from."""

    deviation: float
    size: int


def run_means(questions: pd.DataFrame) -> pd.DataFrame:
    """The score of each run: columns benchmark, split, system, seed, exact_match, f1 (points)."""
    same = questions[questions["passage_language"] == questions["question_language"]]
    keys = ["benchmark", "split", "system", "seed"]
    by_language = same.groupby([*keys, "passage_language"], sort=False)[METRICS].mean()
    return (100 * by_language.groupby(keys, sort=False).mean()).reset_index()


def of_seeds(means: pd.DataFrame, metric: str) -> Spread:
    """Between the seeds of a system, pooled over the systems with two or more."""
    groups = means.groupby("system")[metric]
    freedom = groups.size() - 1
    squares = (groups.var() * freedom).sum()
    return Spread(float(np.sqrt(squares / freedom.sum())), int(freedom.sum()))


def of_passages(questions: pd.DataFrame, benchmark: str, metric: str) -> Spread:
    """From the choice of passages: bootstrap of each run's score, pooled over the runs."""
    (part,) = by_benchmark(questions[questions["benchmark"] == benchmark], ["system", "seed"])
    return _of_passages(part.clusters, part.scores[metric])


def of_passage_differences(
    questions: pd.DataFrame, benchmark: str, pairs: Iterable[Sequence[str]], metric: str
) -> Spread:
    """From the choice of passages, of the difference of two systems' means over seeds; pooled over
    the pairs. More seeds do not reduce it."""
    (part,) = by_benchmark(questions[questions["benchmark"] == benchmark], ["system", "seed"])
    means = part.scores[metric].T.groupby(level="system").mean().T
    differences = pd.concat([means[one] - means[other] for one, other in pairs], axis=1)
    return _of_passages(part.clusters, differences)


def _of_passages(clusters: Clusters, scores: pd.DataFrame) -> Spread:
    """Bootstrap of the mean over languages of each column of scores, pooled over the columns."""
    variances = []
    for column in scores.to_numpy().T:
        sums = clusters.sums(column[:, None, None])
        drawn = paired_draws(sums, np.zeros_like(sums), clusters.questions, _DRAWS)
        variances.append(drawn.mean(axis=1).var())
    return Spread(float(np.sqrt(np.mean(variances))), len(clusters.questions))


def of_twins(means: pd.DataFrame, others: pd.DataFrame, metric: str) -> Spread:
    """Between runs with nothing else different: sqrt(mean d² / 2), as of two draws of one variance.

    Args:
        means, others: `run_means` of the same benchmark; runs in only one of them are left out.
    """
    keys = ["system", "seed"]
    both = means.set_index(keys)[metric].sub(others.set_index(keys)[metric]).dropna()
    return Spread(float(np.sqrt((both**2).mean() / 2)), len(both))


def of_differences(means: pd.DataFrame, pairs: Iterable[Sequence[str]], metric: str) -> Spread:
    """Between seeds, of the difference of two systems paired by seed; pooled over the pairs."""
    table = means.pivot_table(index="seed", columns="system", values=metric)
    variances, freedom = [], []
    for one, other in pairs:
        differences = (table[one] - table[other]).dropna()
        if len(differences) > 1:
            variances.append(differences.var())
            freedom.append(len(differences) - 1)
    pooled = np.average(variances, weights=freedom)
    return Spread(float(np.sqrt(pooled)), int(np.sum(freedom)))


def power(seeds: int, effect: float, deviation: float, level: float = LEVEL) -> float:
    """Probability that a two-sided paired t-test over ``seeds`` differences is significant.

    Args:
        effect: true mean of the differences.
        deviation: their standard deviation.
    """
    freedom = seeds - 1
    critical = scipy.stats.t.ppf(0.5 + level / 2, freedom)
    shift = effect / deviation * np.sqrt(seeds)
    found = scipy.stats.nct.sf(critical, freedom, shift)
    return float(found + scipy.stats.nct.cdf(-critical, freedom, shift))


def seeds_needed(effect: float, deviation: float, least_power: float = POWER) -> int:
    """The smallest number of seeds, at least 2, whose `power` is at least ``least_power``.

    Raises:
        ValueError: if 10,000 seeds are too few.
    """
    low, high = 2, 2
    while power(high, effect, deviation) < least_power:
        low, high = high, 2 * high
        if high > _MOST_SEEDS:
            raise ValueError(f"more than {_MOST_SEEDS:,} seeds for a difference of {effect}")
    while low < high:
        middle = (low + high) // 2
        if power(middle, effect, deviation) < least_power:
            low = middle + 1
        else:
            high = middle
    return high

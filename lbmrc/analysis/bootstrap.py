"""Uncertainty of scores: two-level bootstrap, Holm's correction, variance by language.

The paper (Section 4.2) compares single runs by their averages. `paired_draws` and `estimate` give
the difference between two systems on the same questions with its confidence interval and p-value;
`two_way` divides the variance of a matrix of scores between passage and question language.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from lbmrc.common.errors import UserError

DRAWS = 10_000  # smallest p-value 2 / 10,001: below 5% after Holm with up to 250 comparisons
LEVEL = 0.95
SEED = 42
MIN_PASSAGES = 6
"""With fewer there is no p-value: if five passages all agree, a sign test gives p = 1/16."""

_NUMBERS_AT_ONCE = 4_000_000  # 32 MiB for the counts of a chunk of draws
_ROUNDING = 1e-9  # in points: sums in another order differ by less and count as equal


class Estimate(NamedTuple):
    """A difference, its confidence interval and its p-value, each with the same shape."""

    difference: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p_value: np.ndarray


class Variance(NamedTuple):
    """Sums of squares of a matrix around its mean; ``total`` is the sum of the other three."""

    rows: float
    columns: float
    rest: float

    @property
    def total(self) -> float:
        return self.rows + self.columns + self.rest

    def shares(self) -> "Variance":
        """Each part's share of the total; NaN if the matrix is constant."""
        total = self.total
        return Variance(*(part / total if total else np.nan for part in self))


def paired_draws(
    ours: np.ndarray,
    theirs: np.ndarray,
    questions: np.ndarray,
    draws: int = DRAWS,
    seed: int = SEED,
) -> np.ndarray:
    """The difference of two systems in each of many random repetitions of the experiment.

    Questions on one passage are not independent, and neither are the answers of one trained model.
    So a draw has two levels; its difference is the observed one plus the effect of each level:

    1. Seeds: for each system with S >= 2 seeds, S - 1 of its seeds with replacement, independently
       for the two systems. Effect: the mean over the drawn seeds minus that over all seeds, both
       over all questions; for the first system minus for the second.
    2. Passages: P of the P passages with replacement, each with all its questions in all languages,
       the same ones for both systems and all seeds. Effect: the difference (of means over seeds)
       over the drawn questions minus that over all questions, in each language.

    Only S - 1 seeds are drawn (Rao and Wu 1988), because S draws of S show only (S - 1) / S of the
    variance: half of it with two seeds. The systems are drawn independently even if they have the
    same seeds: what they then share (order of data, teachers) makes the interval too wide rather
    than too narrow, whereas pairs of three seeds give too few different draws. In simulations with
    three seeds whose noise is three times that of the passages, a 95% interval covered the truth in
    91% of cases (independent noise) and 96% (half of the variance shared); with pairs in 84% and
    86%. The two effects are added, because the variation of single answers between seeds enters
    both, and would enter a third time if passages were drawn within drawn seeds: intervals covered
    the truth in 95 to 99% of cases and were 1.0 to 1.4 times as wide as exact ones; with nested
    draws in 96 to 100%, and up to 1.7 times.

    Args:
        ours, theirs: (S, P, L, M), for each seed, passage, language and measure the sum of the
            scores of the passage's questions; S may differ.
        questions: (P, L), the number of those questions; every language has some.

    Returns:
        (draws, L, M), ours minus theirs; NaN where a draw has no question in a language.

    Raises:
        ValueError: if there are no questions.
    """
    if not questions.sum():
        raise ValueError("no questions to draw from")
    of_seeds = np.zeros((draws, *ours.shape[2:]))
    for level, (sums, sign) in enumerate(((ours, 1), (theirs, -1)), start=1):
        means = sums.sum(axis=1) / questions.sum(axis=0)[:, None]
        shares = draw_seeds(len(sums), draws, np.random.default_rng([seed, level]))
        of_seeds += sign * np.tensordot(shares, means - means.mean(axis=0), 1)
    difference = ours.mean(axis=0) - theirs.mean(axis=0)
    of_passages = []
    with np.errstate(invalid="ignore"):
        for counts in draw_passages(len(questions), draws, np.random.default_rng(seed)):
            sizes = (counts @ questions)[:, :, None]
            of_passages.append(np.tensordot(counts, difference, 1) / sizes)
    return np.concatenate(of_passages) + of_seeds


def draw_seeds(seeds: int, draws: int, generator: np.random.Generator) -> np.ndarray:
    """(draws, S), the share of each seed in each draw of S - 1; always 1 for a single seed."""
    if seeds == 1:
        return np.ones((draws, 1))
    drawn = generator.integers(seeds, size=(draws, seeds - 1))
    return (drawn[:, :, None] == np.arange(seeds)).mean(axis=1)


def draw_passages(
    passages: int, draws: int, generator: np.random.Generator
) -> Iterator[np.ndarray]:
    """How often each of P passages was drawn, in chunks of (some draws, P)."""
    step = max(1, _NUMBERS_AT_ONCE // passages)
    for first in range(0, draws, step):
        size = min(step, draws - first)
        drawn = generator.integers(passages, size=(size, passages))
        drawn += passages * np.arange(size)[:, None]
        counts = np.bincount(drawn.ravel(), minlength=size * passages)
        yield counts.reshape(size, passages).astype(float)


def estimate(difference: np.ndarray, drawn: np.ndarray, level: float = LEVEL) -> Estimate:
    """A difference with the percentile interval and the two-sided p-value of its draws.

    The interval leaves out (1 - level) / 2 of the draws on each side. The p-value is
    2 (1 + min(#{d <= 0}, #{d >= 0})) / (1 + draws), at most 1: about the alpha at which the
    interval of level 1 - alpha begins to contain 0, and never exactly 0. Draws that are NaN are
    ignored.

    Args:
        difference: (...), observed.
        drawn: (draws, ...), of `paired_draws`.
    """
    tail = 100 * (1 - level) / 2
    low, high = np.nanpercentile(drawn, [tail, 100 - tail], axis=0)
    below, above = (drawn <= _ROUNDING).sum(axis=0), (drawn >= -_ROUNDING).sum(axis=0)
    p_value = 2 * (1 + np.minimum(below, above)) / (1 + np.isfinite(drawn).sum(axis=0))
    return Estimate(difference, low, high, np.minimum(p_value, 1))


def holm(p_values: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values (1979) of a family of comparisons.

    The k-th smallest of m is multiplied by m - k + 1, and is at least the one before it and at most
    1. Rejecting those of at most alpha keeps the probability of any false rejection below alpha,
    whatever the dependence between comparisons. NaN is not a comparison and stays NaN.
    """
    p_values = np.asarray(p_values, float)
    adjusted = np.full(p_values.shape, np.nan)
    order = np.argsort(p_values)[: np.isfinite(p_values).sum()]
    steps = p_values[order] * np.arange(len(order), 0, -1)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1)
    return adjusted


def two_way(matrix: np.ndarray) -> Variance:
    """Two-way analysis of variance without interaction of a matrix, one value per cell.

    Sums of squares: of the row means around the grand mean, times the number of columns; of the
    column means, times the number of rows; and of the residuals of the cells.

    Raises:
        UserError: if a cell is missing.
    """
    matrix = np.asarray(matrix, float)
    if not np.isfinite(matrix).all():
        raise UserError("a matrix with missing cells has no analysis of variance; score them all")
    centred = matrix - matrix.mean()
    rows, columns = centred.mean(axis=1), centred.mean(axis=0)
    rest = centred - rows[:, None] - columns
    return Variance(
        float((rows**2).sum() * matrix.shape[1]),
        float((columns**2).sum() * matrix.shape[0]),
        float((rest**2).sum()),
    )

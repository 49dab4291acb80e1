"""The cost of noise in translations: points lost per 10% of noise, by system.

Input: scores per question of the same systems and seeds at several levels of noise. For each seed
and question a least-squares line is fitted to its scores over the levels. A slope is linear in the
scores, so the mean of the questions' slopes is the slope of the mean score
(`lbmrc.analysis.contrasts`).
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from lbmrc.analysis.bootstrap import DRAWS, LEVEL
from lbmrc.analysis.contrasts import contrast_tables, contrasts
from lbmrc.analysis.language_means import group_means
from lbmrc.common.errors import UserError
from lbmrc.common.markdown import markdown_table

STEP = 10  # percent of noise that a slope is given for


def loss_coefficients(levels: Sequence[float]) -> np.ndarray:
    """Weights of the scores at each level (percent of noise): their weighted sum is the points lost
    per `STEP` percent of noise, the negative slope of the least-squares line.

    Raises:
        UserError: if there are fewer than two levels.
    """
    centred = np.asarray(levels, float) - np.mean(levels)
    if not centred.any():
        raise UserError("study.noise.levels: a slope needs two levels, and 0 is one of them")
    return -STEP * centred / (centred**2).sum()


def losses(
    levels: Mapping[float, pd.DataFrame],
    trained: Sequence[str],
    pairs: Iterable[Sequence[str]],
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Points lost per `STEP` percent of noise: `contrasts` over the levels.

    Args:
        levels: percent of noise, and the scores of questions there, of the same runs.
        trained: the languages trained on.
        pairs: systems whose losses are compared.

    Raises:
        UserError: if levels were not scored on the same questions by the same runs.
    """
    weights = loss_coefficients(list(levels))
    return contrasts(list(levels.values()), weights, trained, pairs, draws)


def scores_by_level(
    levels: Mapping[float, pd.DataFrame], trained: Sequence[str], draws: int = DRAWS
) -> pd.DataFrame:
    """`group_means` at each level; ``noise`` is the percentage."""
    frames = [group_means(part, trained, draws).assign(noise=n) for n, part in levels.items()]
    return pd.concat(frames, ignore_index=True)


def to_markdown(scores: pd.DataFrame, lost: pd.DataFrame) -> str:
    """Tables of the losses, of the differences between them, and of the scores."""
    parts = [
        "# Noise in translations",
        f"Points lost per {STEP}% of noise (least squares over the levels) with 95% intervals of a "
        "bootstrap over seeds and passages; differences are paired by seed. `*`: differs from 0 by "
        f"a two-sided bootstrap test at {1 - LEVEL:.0%}, corrected by Holm's method within each "
        "table. One seed shows no training noise and is not tested.",
    ]
    parts += contrast_tables(lost, "points lost", "differences of the points lost")
    levels = list(scores["noise"].unique())
    for (benchmark, split), part in scores.groupby(["benchmark", "split"], sort=False):
        table = part.pivot_table(
            index=["system", "languages"], columns="noise", values="f1", sort=False
        )
        body = [
            [*names, *(f"{row[level]:.1f}" for level in levels)] for names, row in table.iterrows()
        ]
        header = ["system", "languages", *(f"{level:g}%" for level in levels)]
        parts += [f"## {benchmark} {split}: F1 by noise", markdown_table(header, body, 2)]
    return "\n\n".join(parts) + "\n"

"""The cost of noise in translations: points lost per 10% of noise, by system.

Input: scores per question of the same systems and seeds at several levels of noise. For each seed
and question a least-squares line is fitted to its scores over the levels. A slope is linear in the
scores, so the mean of the questions' slopes is the slope of the mean score, and slopes are
bootstrapped over seeds and passages like scores (`lbmrc.analysis.language_means`).
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from lbmrc.analysis.bootstrap import DRAWS, LEVEL, holm
from lbmrc.analysis.language_means import (
    METRICS,
    by_benchmark,
    group_estimates,
    group_means,
    language_groups,
    measured,
)
from lbmrc.common.errors import UserError
from lbmrc.common.markdown import markdown_table

STEP = 10  # percent of noise that a slope is given for
KEYS = ["benchmark", "split", "system", "against", "languages"]


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
    """Points lost per `STEP` percent of noise: each system's, and differences between systems.

    Columns: `KEYS`, seeds, then for each measure its loss, _low and _high (95% interval) and _p
    (bootstrap test of no loss, or no difference). A row with ``against`` is the first system's loss
    minus the second's, paired by seed.

    Args:
        levels: percent of noise, and the scores of questions there, of the same runs.
        trained: the languages trained on.
        pairs: systems whose losses are compared.

    Raises:
        UserError: if levels were not scored on the same questions by the same runs.
    """
    weights = loss_coefficients(list(levels))
    frames = [frame.assign(level=level) for level, frame in levels.items()]
    questions = pd.concat(frames, ignore_index=True)
    systems = list(questions["system"].unique())
    records = []
    for part in by_benchmark(questions, ["system", "seed", "level"]):
        groups = language_groups(part.clusters.languages, trained)
        of_level = [part.scores.xs(level, axis=1, level="level") for level in levels]
        slopes = sum(w * scores for w, scores in zip(weights, of_level, strict=True))
        lost = {name: slopes.xs(name, axis=1, level="system") for name in systems}
        compared = [(name, "", lost[name]) for name in systems]
        compared += [(a, b, lost[a] - lost[b]) for a, b in pairs]
        for system, against, frame in compared:
            if frame.isna().any(axis=None):
                raise UserError(f"{system} and {against} were not trained with the same seeds")
            scores = measured(frame)
            found = group_estimates(scores, part.clusters, groups, draws)
            values = np.stack(found, axis=-1).reshape(len(groups), -1)
            names = part.benchmark, part.split, system, against
            records += [
                [*names, group, scores.shape[1], *row]
                for group, row in zip(groups, values, strict=True)
            ]
    columns = [*KEYS, "seeds"]
    columns += [f"{metric}{end}" for metric in METRICS for end in ("", "_low", "_high", "_p")]
    return pd.DataFrame(records, columns=columns).round(dict.fromkeys(columns[6:], 6))


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
    for (benchmark, split), part in lost.groupby(["benchmark", "split"], sort=False):
        for title, rows in (
            ("points lost", part[part["against"] == ""]),
            ("differences of the points lost", part[part["against"] != ""]),
        ):
            if len(rows):
                header = ["system", "against", "languages", "seeds", "EM", "F1"]
                table = markdown_table(header, _rows(rows), 3)
                parts += [f"## {benchmark} {split}: {title}", table]
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


def _rows(family: pd.DataFrame) -> list[list[str]]:
    p_values = holm(family[[f"{m}_p" for m in METRICS]].to_numpy(float).ravel()).reshape(-1, 2)
    rows = []
    for (_, row), p_value in zip(family.iterrows(), p_values, strict=True):
        cells = [
            f"{row[m]:+z.2f} [{row[f'{m}_low']:+z.2f}, {row[f'{m}_high']:+z.2f}]"
            + "*" * bool(p <= 1 - LEVEL)
            for m, p in zip(METRICS, p_value, strict=True)
        ]
        rows.append([row["system"], row["against"], row["languages"], str(row["seeds"]), *cells])
    return rows

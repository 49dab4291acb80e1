"""Weighted sums of the scores of several runs, by system: slopes, differences.

Input: scores per question of the same systems and seeds in several runs of the workflow, and a
weight for each run. The weighted sum is formed for each seed and question and then bootstrapped
over seeds and passages like a score (`lbmrc.analysis.language_means`).
"""

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from lbmrc.analysis.bootstrap import DRAWS, LEVEL, holm
from lbmrc.analysis.language_means import (
    METRICS,
    by_benchmark,
    group_estimates,
    language_groups,
    measured,
)
from lbmrc.common.errors import UserError
from lbmrc.common.markdown import markdown_table

KEYS = ["benchmark", "split", "system", "against", "languages"]


def contrasts(
    runs: Sequence[pd.DataFrame],
    weights: Iterable[float],
    trained: Sequence[str],
    pairs: Iterable[Sequence[str]],
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Weighted sum over the runs in points: each system's, and differences between systems.

    Columns: `KEYS`, seeds, then for each measure its value, _low and _high (95% interval) and _p
    (bootstrap test of no difference from 0). A row with ``against`` is the first system's value
    minus the second's, paired by seed.

    Args:
        runs: scores of the same questions (`lbmrc.evaluation.question_scores.read_questions`).
        weights: one for each run.
        trained: the languages trained on.
        pairs: systems whose values are compared.

    Raises:
        UserError: if the runs were not scored on the same questions by the same systems and seeds.
    """
    frames = [frame.assign(run=number) for number, frame in enumerate(runs)]
    weights = list(weights)
    questions = pd.concat(frames, ignore_index=True)
    systems = list(questions["system"].unique())
    records = []
    for part in by_benchmark(questions, ["system", "seed", "run"]):
        groups = language_groups(part.clusters.languages, trained)
        of_run = [part.scores.xs(number, axis=1, level="run") for number in range(len(runs))]
        sums = sum(w * scores for w, scores in zip(weights, of_run, strict=True))
        own = {name: sums.xs(name, axis=1, level="system") for name in systems}
        compared = [(name, "", own[name]) for name in systems]
        compared += [(a, b, own[a] - own[b]) for a, b in pairs]
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


def contrast_tables(found: pd.DataFrame, own: str, compared: str) -> list[str]:
    """Headings and Markdown tables, for each benchmark the systems' own values and the differences
    between systems. `*`: significant, by Holm's method within a table.

    Args:
        found: the result of `contrasts`.
        own: title of the tables of the systems' values.
        compared: title of the tables of differences between systems.
    """
    parts = []
    for (benchmark, split), part in found.groupby(["benchmark", "split"], sort=False):
        for title, rows in (
            (own, part[part["against"] == ""]),
            (compared, part[part["against"] != ""]),
        ):
            if len(rows):
                header = ["system", "against", "languages", "seeds", "EM", "F1"]
                table = markdown_table(header, _rows(rows), 3)
                parts += [f"## {benchmark} {split}: {title}", table]
    return parts


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

"""What the choice of the translator costs each system, on the same questions and seeds.

Input: scores per question of the same systems and seeds in one run for each translator. The first
run is the reference; each other one is compared with it (`lbmrc.analysis.contrasts`).
"""

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from lbmrc.analysis.bootstrap import DRAWS, LEVEL
from lbmrc.analysis.contrasts import contrast_tables, contrasts
from lbmrc.analysis.language_means import group_means
from lbmrc.common.markdown import markdown_table


def scores_by_translator(
    runs: Mapping[str, pd.DataFrame], trained: Sequence[str], draws: int = DRAWS
) -> pd.DataFrame:
    """`group_means` of each run, with its name in column ``translator``."""
    frames = [group_means(part, trained, draws).assign(translator=n) for n, part in runs.items()]
    return pd.concat(frames, ignore_index=True)


def differences(
    runs: Mapping[str, pd.DataFrame],
    trained: Sequence[str],
    pairs: Iterable[Sequence[str]],
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Points of each other run minus those of the first: `contrasts`, with column ``translator``.

    Args:
        runs: scores of questions by the name of their run, the reference first.
        trained: the languages trained on.
        pairs: systems whose differences are compared with each other.

    Raises:
        UserError: if the runs were not scored on the same questions by the same systems and seeds.
    """
    reference, *others = runs
    pairs = list(pairs)
    frames = [
        contrasts([runs[reference], runs[name]], [-1, 1], trained, pairs, draws).assign(
            translator=name
        )
        for name in others
    ]
    return pd.concat(frames, ignore_index=True)


def to_markdown(reference: str, scores: pd.DataFrame, found: pd.DataFrame) -> str:
    """Tables of the scores by translator and of the differences from the reference."""
    parts = [
        "# Translators",
        "The same systems, questions and seeds with translations from different sources. F1 and "
        f"differences in points, 95% intervals of a bootstrap over seeds and passages. `*`: "
        f"differs from 0 by a two-sided bootstrap test at {1 - LEVEL:.0%}, corrected by Holm's "
        "method within each table. One seed shows no training noise and is not tested.",
    ]
    names = list(scores["translator"].unique())
    for (benchmark, split), part in scores.groupby(["benchmark", "split"], sort=False):
        rows = []
        for keys, group in part.groupby(["system", "languages"], sort=False):
            of = group.set_index("translator")
            rows.append([*keys, *(_cell(of.loc[name]) for name in names)])
        table = markdown_table(["system", "languages", *names], rows, 2)
        parts += [f"## {benchmark} {split}: F1 by translator", table]
    for name, part in found.groupby("translator", sort=False):
        parts += contrast_tables(
            part,
            f"{name} minus {reference}",
            f"{name} minus {reference}, differences between systems",
        )
    return "\n\n".join(parts) + "\n"


def _cell(row: pd.Series) -> str:
    return f"{row['f1']:.1f} [{row['f1_low']:.1f}, {row['f1_high']:.1f}]"

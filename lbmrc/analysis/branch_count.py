"""Scores by the number of language branches, K.

Input: scores per question in runs with different numbers of training languages, on all of their
data or on equally many windows. Output: mean scores over the languages that a run trained on, over
its zero-shot languages, and over all. The zero-shot mean of a run omits the languages that it
trains on, so only the mean over all languages is over the same ones for every K.
"""

from collections.abc import Iterable, Sequence

import pandas as pd

from lbmrc.analysis.bootstrap import DRAWS
from lbmrc.analysis.language_means import group_means
from lbmrc.common.markdown import markdown_table

ALL_WINDOWS, EQUAL_WINDOWS = "all", "equal"


def by_count(
    runs: Iterable[tuple[Sequence[str], bool, pd.DataFrame]], draws: int = DRAWS
) -> pd.DataFrame:
    """`lbmrc.analysis.language_means.group_means` of each run, sorted by K.

    Added columns: branches (K), windows (`EQUAL_WINDOWS` where all systems were trained on equally
    many, else `ALL_WINDOWS`).

    Args:
        runs: the training languages, whether all systems have equally many windows, the scores.
    """
    frames = [
        group_means(questions, trained, draws).assign(
            branches=len(trained), windows=EQUAL_WINDOWS if equal else ALL_WINDOWS
        )
        for trained, equal, questions in runs
    ]
    return pd.concat(frames, ignore_index=True).sort_values("branches", kind="stable")


def to_markdown(means: pd.DataFrame) -> str:
    """F1 with its interval: one row per system and group of languages, one column per K."""
    parts = [
        "# Number of language branches",
        "F1 with 95% intervals of a bootstrap over seeds and passages, by the number of training "
        "languages; in brackets, over how many languages the mean is. `equal`: every system saw "
        "the same number of training windows; `all`: all of its data in every epoch.",
    ]
    counts = sorted(means["branches"].unique())
    for (benchmark, split, windows), part in means.groupby(
        ["benchmark", "split", "windows"], sort=False
    ):
        rows = []
        for names, group in part.groupby(["system", "languages"], sort=False):
            found = group.set_index("branches")
            cells = [_cell(found.loc[count]) if count in found.index else "-" for count in counts]
            rows.append([*names, *cells])
        header = ["system", "languages", *(f"K = {count}" for count in counts)]
        parts += [f"## {benchmark} {split}, windows: {windows}", markdown_table(header, rows, 2)]
    return "\n\n".join(parts) + "\n"


def _cell(row: pd.Series) -> str:
    return f"{row['f1']:.1f} [{row['f1_low']:.1f}, {row['f1_high']:.1f}] ({row['count']})"

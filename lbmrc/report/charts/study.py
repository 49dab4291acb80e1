"""F1 by the quantity that a study varies: a line per system, with intervals."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.figure import Figure

from lbmrc.report.charts.style import PALETTE, legend_below, small_multiples

_MARKERS = "osD^vP"
_SPREAD = 0.015  # horizontal offset between systems, as a share of the range


def plot_study(means: pd.DataFrame, varied: str, label: str, panels: Sequence[str]) -> Figure:
    """F1 with 95% intervals over seeds and passages (`lbmrc.analysis.language_means.group_means`).

    Args:
        means: with a column for the varied quantity.
        varied: name of that column, on the x axis.
        label: of the x axis.
        panels: columns with a separate chart for each of their values.
    """
    parts = list(means.groupby(["benchmark", "split", *panels], sort=False))
    figure, axes = small_multiples(len(parts), 3.6, 3.0)
    spread = _SPREAD * (means[varied].max() - means[varied].min())
    for ax, ((benchmark, split, *names), part) in zip(axes, parts, strict=True):
        systems = list(part.groupby("system", sort=False))
        for number, (system, rows) in enumerate(systems):
            ax.errorbar(
                rows[varied] + spread * (number - (len(systems) - 1) / 2),
                rows["f1"],
                [rows["f1"] - rows["f1_low"], rows["f1_high"] - rows["f1"]],
                color=PALETTE[number % len(PALETTE)],
                marker=_MARKERS[number % len(_MARKERS)],
                markersize=4,
                linewidth=1,
                capsize=2,
                label=system,
            )
        ax.set_title(f"{benchmark} {split}: {', '.join(names)}")
        ax.set_xlabel(label)
        ax.set_ylabel("F1")
        ax.set_xticks(sorted(means[varied].unique()))
        ax.grid(axis="y")
    legend_below(figure, axes[0])
    return figure

"""F1 by the amount of noise in the translations, a line per system with its intervals."""

import pandas as pd
from matplotlib.figure import Figure

from lbmrc.report.charts.style import PALETTE, legend_below, small_multiples

_MARKERS = "osD^vP"
_SPREAD = 0.6  # percent by which systems stand beside each other at a level


def plot_noise(scores: pd.DataFrame) -> Figure:
    """F1 with 95% intervals over seeds and passages (`lbmrc.analysis.noise.scores_by_level`).

    One chart for each benchmark and group of languages.
    """
    parts = list(scores.groupby(["benchmark", "split", "languages"], sort=False))
    figure, axes = small_multiples(len(parts), 3.6, 3.0)
    for ax, ((benchmark, split, languages), part) in zip(axes, parts, strict=True):
        systems = list(part.groupby("system", sort=False))
        for number, (system, rows) in enumerate(systems):
            ax.errorbar(
                rows["noise"] + _SPREAD * (number - (len(systems) - 1) / 2),
                rows["f1"],
                [rows["f1"] - rows["f1_low"], rows["f1_high"] - rows["f1"]],
                color=PALETTE[number % len(PALETTE)],
                marker=_MARKERS[number % len(_MARKERS)],
                markersize=4,
                linewidth=1,
                capsize=2,
                label=system,
            )
        ax.set_title(f"{benchmark} {split}: {languages} languages")
        ax.set_xlabel("noise, %")
        ax.set_ylabel("F1")
        ax.grid(axis="y")
    legend_below(figure, axes[0])
    return figure

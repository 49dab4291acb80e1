"""Answers by outcome: exact, overlapping or missed, one bar per system."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from lbmrc.analysis import error_analysis
from lbmrc.report.charts.style import BLUE, GREY, ORANGE, legend_below, small_multiples


def plot_boundaries(boundary: pd.DataFrame) -> Figure:
    """Exact, overlapping and missed answers by system (`error_analysis.boundaries`).

    A stroke shows how many would be exact if every answer were extended to whole words.
    """
    every = boundary[boundary["language"] == error_analysis.ALL]
    parts = list(every.groupby(["benchmark", "split"], sort=False))
    systems = every["system"].nunique()
    figure, axes = small_multiples(len(parts), 3.1, 1.1 + 0.27 * systems, sharey=True)
    kinds = {"exact": (BLUE, ""), "overlapping": (ORANGE, "///"), "elsewhere": (GREY, "")}
    for ax, ((benchmark, split), part) in zip(axes, parts, strict=True):
        left = np.zeros(len(part))
        for kind, (colour, hatch) in kinds.items():
            values = 100 * part[kind].to_numpy()
            ax.barh(
                part["system"], values, left=left, color=colour, hatch=hatch, label=kind,
                edgecolor="#FFFFFF", linewidth=0, height=0.75,
            )  # fmt: skip
            left += values
        ax.plot(
            100 * part["whole_word_exact"], part["system"], "|", label="exact as whole words",
            color=ax.xaxis.label.get_color(), markersize=9,
        )  # fmt: skip
        ax.set_title(f"{benchmark} {split}")
        ax.set_xlabel("% of answers")
        ax.set_xlim(0, 100)
    axes[0].invert_yaxis()
    legend_below(figure, axes[0])
    return figure

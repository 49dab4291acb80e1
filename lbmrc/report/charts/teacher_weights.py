"""How Equation 7 weighs the teachers, by language: a heat map per teacher."""

from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lbmrc.analysis import teacher_weights
from lbmrc.report.charts.heat_map import heat_map
from lbmrc.report.charts.style import BLUE, GREY, ORANGE, axes_grid


def plot_teacher_weights(weight: pd.DataFrame, agreement: pd.DataFrame) -> Figure:
    """Mean `confident` weights (one row per set of teachers, one map per teacher), agreement."""
    sets = list(weight["teachers"].unique())
    most = max(weight[weight["teachers"] == name]["teacher"].nunique() for name in sets)
    figure, axes = axes_grid(len(sets), most + 1, 2.7, 2.6)
    confident = weight[weight["weighting"] == "confident"]
    means = confident.assign(weight=confident[["weight_start", "weight_end"]].mean(axis=1))
    for row, name in zip(axes, sets, strict=True):
        part = means[means["teachers"] == name]
        teachers = list(part["teacher"].unique())
        uniform = 1 / len(teachers)
        spread = max(0.02, (part["weight"] - uniform).abs().max())
        colours = {"cmap": "PuOr", "vmin": uniform - spread, "vmax": uniform + spread}
        for ax, teacher in zip(row, teachers, strict=False):
            cells = part[part["teacher"] == teacher]
            keys = {"index": "passage_language", "columns": "question_language"}
            heat_map(
                ax, cells.pivot_table(values="weight", sort=False, **keys), "{:.2f}", **colours
            )
            ax.set_title(f"{teacher}: mean weight")
            ax.set_xlabel("question")
            ax.set_ylabel("passage")
        for spare in row[len(teachers) : -1]:
            spare.set_axis_off()
        _agreement_bars(row[-1], agreement[agreement["teachers"] == name])
    return figure


def _agreement_bars(ax: Axes, agreement: pd.DataFrame) -> None:
    every = agreement[agreement["passage_language"] == teacher_weights.ALL]
    ax.set_title("weight on the right teachers")
    if every.empty:
        ax.set_axis_off()
        ax.text(0, 0.5, "teachers never disagree\nabout the gold token")
        return
    kinds = ["uniform", *teacher_weights.SIGNS]
    styles = cycle([(GREY, ""), (BLUE, ""), (ORANGE, "///")])
    step = 0.81 / len(kinds)
    for n, (kind, (colour, hatch)) in enumerate(zip(kinds, styles, strict=False)):
        places = np.arange(len(every)) + step * (n - (len(kinds) - 1) / 2)
        bars = ax.bar(
            places, every[kind], 0.93 * step, color=colour, hatch=hatch, edgecolor="#FFFFFF",
            linewidth=0, label=kind,
        )  # fmt: skip
        ax.bar_label(bars, fmt="%.2f", fontsize=7)
    ax.set_xticks(range(len(every)), every["side"])
    ax.set_ylim(0, 1.3)
    ax.set_yticks([0, 0.5, 1])
    ax.legend(loc="upper center", ncols=3, fontsize=7, columnspacing=0.8, handlelength=1)

"""F1 by the languages of passage and question (G-XLT): a heat map per system."""

import pandas as pd
from matplotlib.figure import Figure

from lbmrc.analysis import gxlt
from lbmrc.report.charts.heat_map import heat_map
from lbmrc.report.charts.style import small_multiples


def plot_language_pairs(frame: pd.DataFrame) -> Figure:
    """A heat map of F1 per system (`lbmrc.analysis.gxlt.matrices`), all on one scale."""
    parts = list(frame.groupby(["benchmark", "split", "system"], sort=False))
    figure, axes = small_multiples(len(parts), 3.1, 2.9)
    limits = {"vmin": frame["f1"].min(), "vmax": frame["f1"].max(), "cmap": "cividis"}
    several = frame.groupby(["benchmark", "split"]).ngroups > 1
    for ax, ((benchmark, split, system), part) in zip(axes, parts, strict=True):
        image = heat_map(ax, gxlt.matrix(part, "f1"), "{:.0f}", **limits)
        ax.set_title(f"{system} ({benchmark} {split})" if several else system)
        ax.set_xlabel("question")
        ax.set_ylabel("passage")
    bar = figure.colorbar(image, ax=axes, label="F1", shrink=0.6, aspect=30)
    bar.outline.set_visible(False)
    return figure

"""The look that all charts share, and how they are saved.

Colours are Okabe and Ito's, which colour-blind people can distinguish, and never the only
difference; text and axes inherit the page's text colour, to suit light and dark pages.
"""

import re
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, GREY = "#56B4E9", "#CC79A7", "#8A8F98"
PALETTE = [BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY]
PER_ROW = 3
"""Panels in a row at most: the page shrinks a wider figure until its labels can't be read."""
_INK = "#010203"
# Set globally, since a title or legend takes its colour when it is created.
mpl.rcParams.update(
    {
        "svg.fonttype": "none",
        "svg.hashsalt": "lbmrc",
        "font.size": 9,
        "axes.titlesize": 10,
        "axes.titlelocation": "left",
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.axisbelow": True,
        "grid.color": GREY,
        "grid.alpha": 0.35,
        "legend.frameon": False,
        "figure.constrained_layout.use": True,
        "text.color": _INK,
        "axes.edgecolor": _INK,
        "axes.labelcolor": _INK,
        "axes.titlecolor": _INK,
        "xtick.color": _INK,
        "ytick.color": _INK,
    }
)


def save(figure: Figure, path: str | Path) -> None:
    """Write an SVG whose bytes depend only on the figure, and close the figure."""
    figure.savefig(path, format="svg", transparent=True, metadata={"Date": None})
    plt.close(figure)
    path = Path(path)
    text = re.sub(r"^.*?(?=<svg)", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    path.write_text(text.replace(_INK, "currentColor"), encoding="utf-8")


def axes_grid(
    rows: int, columns: int, width: float, height: float, **more: Any
) -> tuple[Figure, Any]:
    """A figure with a grid of axes, each ``width`` × ``height`` inches, and the array of axes."""
    size = (width * columns, height * rows)
    return plt.subplots(rows, columns, figsize=size, squeeze=False, **more)


def small_multiples(count: int, width: float, height: float, **more: Any) -> tuple[Figure, list]:
    """A figure with ``count`` axes, `PER_ROW` per row, and the axes in order."""
    columns = min(PER_ROW, count)
    figure, axes = axes_grid(-(-count // columns), columns, width, height, **more)
    for spare in axes.flat[count:]:
        spare.set_axis_off()
    for lowest in axes.flat[max(0, count - columns) : count]:  # also where a spare one is below
        lowest.tick_params(labelbottom=True)
    return figure, list(axes.flat[:count])


def legend_below(figure: Figure, axes: Axes) -> None:
    """One legend for the whole figure, below it."""
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))

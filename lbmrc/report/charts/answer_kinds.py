"""F1 by the type and by the length of the gold answer: a point per group and system."""

import pandas as pd
from matplotlib.figure import Figure

from lbmrc.analysis import error_analysis
from lbmrc.report.charts.style import GREY, PALETTE, axes_grid

# Every group, of types and of lengths, has its own shape and colour.
_GROUPS = [(kind, group) for kind, groups in error_analysis.KINDS.items() for group in groups]
_LOOKS = dict(zip(_GROUPS, zip("osD^vPX*", [*PALETTE, GREY, "#A6971C"], strict=True), strict=True))


def plot_answer_kinds(kinds: pd.DataFrame) -> Figure:
    """F1 by type and by length of the gold answer (`lbmrc.analysis.error_analysis.by_kind`)."""
    parts = list(kinds.groupby(["benchmark", "split"], sort=False))
    systems = list(kinds["system"].unique())
    height = 1.1 + 0.3 * len(systems)
    figure, axes = axes_grid(2, len(parts), 3.4, height, sharex=True, sharey=True)
    for column, ((benchmark, split), part) in enumerate(parts):
        for ax, (kind, groups) in zip(axes[:, column], error_analysis.KINDS.items(), strict=True):
            for group in groups:
                points = part[(part["kind"] == kind) & (part["group"] == group)]
                places = [systems.index(name) for name in points["system"]]
                marker, colour = _LOOKS[kind, group]
                style = {"color": colour, "marker": marker, "linestyle": "none", "markersize": 6}
                ax.plot(points["f1"], places, label=group, **style)
            ax.set_yticks(range(len(systems)), systems)
            ax.grid(axis="x")
            ax.set_title(f"{benchmark} {split}: by {kind}" + (" in words" * (kind == "length")))
            if column == len(parts) - 1:
                ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
    for ax in axes[-1]:
        ax.set_xlabel("F1")
    axes[0, 0].invert_yaxis()
    return figure

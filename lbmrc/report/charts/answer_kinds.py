"""F1 by the type and by the length of the gold answer: a point per group and system."""

import pandas as pd
from matplotlib.figure import Figure

from lbmrc.analysis import error_analysis
from lbmrc.report.charts.style import GREY, PALETTE, PER_ROW, axes_grid

# Every group, of types and of lengths, has its own shape and colour.
_GROUPS = [(kind, group) for kind, groups in error_analysis.KINDS.items() for group in groups]
_LOOKS = dict(zip(_GROUPS, zip("osD^vPX*", [*PALETTE, GREY, "#A6971C"], strict=True), strict=True))


def plot_answer_kinds(kinds: pd.DataFrame) -> Figure:
    """F1 by type and by length of the gold answer (`lbmrc.analysis.error_analysis.by_kind`).

    A benchmark's panel by length is below its panel by type.
    """
    parts = list(kinds.groupby(["benchmark", "split"], sort=False))
    systems = list(kinds["system"].unique())
    height = 1.1 + 0.3 * len(systems)
    columns = min(PER_ROW, len(parts))
    pairs = -(-len(parts) // columns)
    figure, axes = axes_grid(2 * pairs, columns, 3.1, height, sharex=True, sharey=True)
    by_part = axes.reshape(pairs, 2, columns).swapaxes(1, 2).reshape(-1, 2)
    for number, ((benchmark, split), part) in enumerate(parts):
        for ax, (kind, groups) in zip(by_part[number], error_analysis.KINDS.items(), strict=True):
            for group in groups:
                points = part[(part["kind"] == kind) & (part["group"] == group)]
                places = [systems.index(name) for name in points["system"]]
                marker, colour = _LOOKS[kind, group]
                style = {"color": colour, "marker": marker, "linestyle": "none", "markersize": 6}
                ax.plot(points["f1"], places, label=group, **style)
            ax.set_yticks(range(len(systems)), systems)
            ax.grid(axis="x")
            ax.set_title(f"{benchmark} {split}: by {kind}")
            if number == columns - 1:  # at the end of the first row: the others look the same
                unit = "words" if kind == "length" else None
                ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1), title=unit)
    for _, lower in by_part[: len(parts)]:
        lower.set_xlabel("F1")
        lower.tick_params(labelbottom=True)
    for spare in by_part[len(parts) :].flat:
        spare.set_axis_off()
    axes[0, 0].invert_yaxis()
    return figure

"""How each system learned: its losses over training, a panel per system."""

import pandas as pd
from matplotlib.figure import Figure

from lbmrc.report.charts.style import BLUE, GREEN, VERMILION, small_multiples


def plot_losses(metrics: pd.DataFrame) -> Figure:
    """Losses by epoch, a mean of the steps before: a panel per system, a line per seed.

    Args:
        metrics: system, seed, and the columns of ``metrics.jsonl``.
    """
    systems = list(metrics["system"].unique())
    figure, axes = small_multiples(len(systems), 2.6, 2.0, sharex=True)
    losses = {
        "nll": ("NLL", BLUE, "-"),
        "kd": ("KD", VERMILION, "--"),
        "lakm": ("LAKM", GREEN, ":"),
    }
    for ax, system in zip(axes, systems, strict=True):
        part = metrics[metrics["system"] == system]
        for column, (label, colour, dash) in losses.items():
            for n, (_, run) in enumerate(part.groupby("seed", sort=False)):
                if column in run and run[column].notna().any():
                    values = run.set_index("epoch")[column].dropna()
                    width = max(1, len(values) // 40)
                    smooth = values.rolling(width, min_periods=1).mean()
                    smooth = smooth.iloc[:: max(1, width // 5)]
                    name = label if n == 0 else None
                    ax.plot(smooth.index, smooth, dash, color=colour, linewidth=1.2, label=name)
        ax.set_title(system)
        ax.set_ylim(bottom=0)
        ax.grid(axis="y")
        ax.legend(loc="upper right", fontsize=8)
    for ax in axes[-3:]:
        ax.set_xlabel("epoch")
    return figure

"""How each system learned: its losses over training, a panel per system.

Also F1 on dev data over training, for systems whose model was chosen by it.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lbmrc.report.charts.style import BLUE, GREEN, PURPLE, VERMILION, small_multiples


def plot_losses(metrics: pd.DataFrame, dev: pd.DataFrame | None = None) -> Figure:
    """Losses by epoch, smoothed by a moving average: a panel per system, a line per seed.

    Args:
        metrics: system, seed, and the columns of ``metrics.jsonl``.
        dev: system, seed, epoch, and the columns of ``dev.jsonl``, for systems whose model was
            chosen by dev scores; a ring marks the chosen one.
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
        if dev is not None and (dev["system"] == system).any():
            _plot_dev(ax, dev[dev["system"] == system])
        ax.set_title(system)
        ax.set_ylim(bottom=0)
        ax.grid(axis="y")
        ax.legend(loc="upper right", fontsize=8)
    for ax in axes[-3:]:
        ax.set_xlabel("epoch")
    return figure


def _plot_dev(ax: Axes, scores: pd.DataFrame) -> None:
    """F1 on dev data, on a separate axis on the right."""
    right = ax.twinx()
    for n, (_, run) in enumerate(scores.groupby("seed", sort=False)):
        name = "dev F1 (right)" if n == 0 else None
        right.plot(run["epoch"], run["f1"], ".-", color=PURPLE, linewidth=0.8, markersize=4)
        ax.plot([], [], ".-", color=PURPLE, linewidth=0.8, markersize=4, label=name)
        best = run[run["chosen"]]
        right.plot(best["epoch"], best["f1"], "o", color=PURPLE, fillstyle="none", markersize=8)
    right.set_ylim(0, 100)

"""What became of the English answers in translation: a bar per language."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lbmrc.report.charts.style import GREY, PALETTE, axes_grid, legend_below
from lbmrc.translation.funnel_table import in_cascade_order

_HATCHES = ["", "///", "xx", "\\\\\\", "++", "--"]


def plot_recovery(recoveries: Sequence[Mapping[str, Any]]) -> Figure:
    """What became of the English answers in each language (the translation's recovery files).

    Where a cascade sought them, a second panel shows those that the first pair of markers did not
    bring, by the step that found them.
    """
    reasons = list(dict.fromkeys(reason for funnel in recoveries for reason in funnel["lost"]))
    sought = [funnel for funnel in recoveries if "steps" in funnel]
    figure, axes = axes_grid(2 if sought else 1, 1, 7.4, 1.2 + 0.4 * len(recoveries))
    every, *rest = axes[:, 0]
    if sought:
        first = [funnel.get("steps", {}).get("markers", 0) for funnel in recoveries]
        others = [
            sum(f.get("steps", {}).values()) - n for f, n in zip(recoveries, first, strict=True)
        ]
        parts = {"found by markers": first, "found by other steps": others}
        if len(sought) < len(recoveries):
            parts["ready-made"] = [0 if f in sought else f["kept"] for f in recoveries]
        parts["lost"] = [funnel["questions"] - funnel["kept"] for funnel in recoveries]
        _shares(every, recoveries, parts)
        _sought_further(rest[0], sought, reasons)
        for ax in (every, *rest):
            ax.legend(loc="upper left", bbox_to_anchor=(1.14, 1.1), fontsize=8)
    else:
        lost = {f"lost: {r}": [f["lost"].get(r, 0) for f in recoveries] for r in reasons}
        _shares(every, recoveries, {"recovered": [f["kept"] for f in recoveries]} | lost, False)
        legend_below(figure, every)
    for place, funnel in enumerate(recoveries):
        every.text(101, place, f"{funnel['kept']:,} of {funnel['questions']:,}", va="center")
    every.set_xlabel("% of the English answers")
    return figure


def _sought_further(
    ax: Axes, recoveries: Sequence[Mapping[str, Any]], reasons: Sequence[str]
) -> None:
    """The answers that the first pair of markers did not bring, by the step that found them."""
    steps = in_cascade_order([step for funnel in recoveries for step in funnel["steps"]])
    parts = {s: [f["steps"].get(s, 0) for f in recoveries] for s in steps if s != "markers"}
    parts |= {f"lost: {r}": [f["lost"].get(r, 0) for f in recoveries] for r in reasons}
    _shares(ax, recoveries, parts)
    for place, counts in enumerate(zip(*parts.values(), strict=True)):
        ax.text(101, place, f"{sum(counts):,}", va="center")
    ax.set_title("what the first markers did not bring")
    ax.set_xlabel("% of these")


def _shares(
    ax: Axes,
    recoveries: Sequence[Mapping[str, Any]],
    parts: Mapping[str, Sequence[int]],
    lost_in_grey: bool = True,
) -> None:
    """A bar per language: its parts in percent of their sum."""
    languages = [funnel["language"] for funnel in recoveries]
    totals = np.maximum(np.sum(list(parts.values()), axis=0), 1)
    left, greys = np.zeros(len(languages)), 0
    for n, (label, counts) in enumerate(parts.items()):
        values = 100 * np.array(counts) / totals
        colour, hatch = PALETTE[n % len(PALETTE)], _HATCHES[n % len(_HATCHES)]
        if lost_in_grey and label.startswith("lost"):
            colour, hatch, greys = GREY, _HATCHES[greys % len(_HATCHES)], greys + 1
        elif lost_in_grey:
            hatch = _HATCHES[n // len(PALETTE)]
        ax.barh(
            languages, values, left=left, color=colour, hatch=hatch, label=label, height=0.6,
            edgecolor="#FFFFFF", linewidth=0,
        )  # fmt: skip
        left += values
    ax.set_xlim(0, 100)
    ax.invert_yaxis()

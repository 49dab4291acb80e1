"""What became of the English answers in translation: a bar per language."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from lbmrc.report.charts.style import GREY, PALETTE, axes_grid
from lbmrc.translation.funnel_table import in_cascade_order

Recovery = Mapping[str, Any]
Parts = Mapping[str, Sequence[int]]

_GREYS = [GREY, "#4E535B"]
_HATCHES = ["", "///", "xx", "\\\\\\", "++", "--"]


def plot_recovery(recoveries: Sequence[Recovery]) -> Figure:
    """What became of the English answers in each language (the translation's recovery files).

    If a cascade was used, a second panel shows the answers that the first pair of markers did not
    recover, by the step that found them.
    """
    sought = [funnel for funnel in recoveries if "steps" in funnel]
    if not sought:
        parts: Parts = {"recovered": [f["kept"] for f in recoveries]} | _lost(recoveries)
        figure, (ax,) = _panels(recoveries, [parts])
        _shares(ax, recoveries, parts, lost_in_grey=False)
    else:
        parts, further = _by_markers(recoveries), _by_further_steps(sought)
        figure, (ax, below) = _panels(recoveries, [parts, further])
        _shares(ax, recoveries, parts)
        _shares(below, sought, further)
        totals = [sum(counts) for counts in zip(*further.values(), strict=True)]
        _label(below, [f"{f['language']}: {n:,}" for f, n in zip(sought, totals, strict=True)])
        below.set_title("what the first markers did not bring")
        below.set_xlabel("% of these")
    _label(ax, [f"{f['language']}: {f['kept']:,} of {f['questions']:,}" for f in recoveries])
    ax.set_xlabel("% of the English answers")
    return figure


def _panels(recoveries: Sequence[Recovery], panels: Sequence[Parts]) -> tuple[Figure, list[Axes]]:
    """Panels stacked vertically, each as high as its bars and legend require."""
    heights = [max(0.8 + 0.4 * len(recoveries), 0.6 + 0.2 * len(parts)) for parts in panels]
    height = sum(heights) / len(heights)
    figure, axes = axes_grid(len(panels), 1, 8.0, height, height_ratios=heights)
    return figure, list(axes[:, 0])


def _label(ax: Axes, texts: Sequence[str]) -> None:
    ax.set_yticks(range(len(texts)), texts)


def _lost(recoveries: Sequence[Recovery]) -> dict[str, Sequence[int]]:
    reasons = dict.fromkeys(reason for funnel in recoveries for reason in funnel["lost"])
    return {f"lost: {r}": [f["lost"].get(r, 0) for f in recoveries] for r in reasons}


def _by_markers(recoveries: Sequence[Recovery]) -> Parts:
    """All answers: found by the first pair of markers, by another step, or lost."""
    steps = [funnel.get("steps", {}) for funnel in recoveries]
    parts = {
        "found by markers": [found.get("markers", 0) for found in steps],
        "found by other steps": [sum(f.values()) - f.get("markers", 0) for f in steps],
    }
    if not all("steps" in funnel for funnel in recoveries):
        readymade = [0 if "steps" in funnel else funnel["kept"] for funnel in recoveries]
        parts["ready-made"] = readymade
    return parts | {"lost": [funnel["questions"] - funnel["kept"] for funnel in recoveries]}


def _by_further_steps(recoveries: Sequence[Recovery]) -> Parts:
    """The answers that the first pair of markers did not recover, by the step that found them."""
    steps = in_cascade_order([step for funnel in recoveries for step in funnel["steps"]])
    parts = {s: [f["steps"].get(s, 0) for f in recoveries] for s in steps if s != "markers"}
    return parts | _lost(recoveries)


def _shares(
    ax: Axes,
    recoveries: Sequence[Recovery],
    parts: Parts,
    lost_in_grey: bool = True,
) -> None:
    """A bar per language: its parts in percent of their sum."""
    languages = [funnel["language"] for funnel in recoveries]
    totals = np.maximum(np.sum(list(parts.values()), axis=0), 1)
    left, greys = np.zeros(len(languages)), 0
    for n, (label, counts) in enumerate(parts.items()):
        values = 100 * np.array(counts) / totals
        colour = PALETTE[n % len(PALETTE)]
        hatch = _HATCHES[(n + n // len(PALETTE)) % len(_HATCHES)]  # so no two parts look the same
        if lost_in_grey and label.startswith("lost"):
            colour = _GREYS[greys // len(_HATCHES) % len(_GREYS)]
            hatch, greys = _HATCHES[greys % len(_HATCHES)], greys + 1
        elif lost_in_grey:
            hatch = _HATCHES[n // len(PALETTE)]
        ax.barh(
            languages, values, left=left, color=colour, hatch=hatch, label=label, height=0.6,
            edgecolor="#FFFFFF", linewidth=0,
        )  # fmt: skip
        left += values
    ax.set_xlim(0, 100)
    ax.invert_yaxis()
    ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1), borderaxespad=0, fontsize=8)

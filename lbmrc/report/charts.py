"""The figures of a report, as SVG: frames in, files out.

Colours are Okabe and Ito's, told apart by the colour-blind, and never the only difference; text
and axes are drawn in the colour of the text around, so that a figure stands on light and dark.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd

from lbmrc.analysis import error_analysis as answers
from lbmrc.analysis import gxlt, teacher_weights
from lbmrc.translation.funnel_table import in_cascade_order

mpl.use("Agg")

from matplotlib import pyplot as plt
from matplotlib.axes import Axes
from matplotlib.figure import Figure

BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
SKY, PURPLE, GREY = "#56B4E9", "#CC79A7", "#8A8F98"
PALETTE = [BLUE, ORANGE, GREEN, VERMILION, PURPLE, SKY]
MARKERS = ["o", "s", "D", "^", "v", "X"]
_HATCHES = ["", "///", "xx", "\\\\\\", "++", "--"]
_INK = "#010203"
# Set for good: a title or legend takes its colour when it is made.
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
        **{
            f"{part}color": _INK
            for part in ("text.", "axes.edge", "axes.label", "axes.title", "xtick.", "ytick.")
        },
    }
)


def save(figure: Figure, path: str | Path) -> None:
    """Write an SVG whose bytes depend on the figure alone, and close the figure."""
    figure.savefig(path, format="svg", transparent=True, metadata={"Date": None})
    plt.close(figure)
    path = Path(path)
    text = re.sub(r"^.*?(?=<svg)", "", path.read_text(encoding="utf-8"), flags=re.DOTALL)
    path.write_text(text.replace(_INK, "currentColor"), encoding="utf-8")


def _axes(rows: int, columns: int, width: float, height: float, **more: Any) -> tuple[Figure, Any]:
    """A figure of axes, each ``width`` × ``height`` inches; and the axes, (rows, columns)."""
    size = (width * columns, height * rows)
    return plt.subplots(rows, columns, figsize=size, squeeze=False, **more)


def _small_multiples(count: int, width: float, height: float, **more: Any) -> tuple[Figure, list]:
    columns = min(3, count)
    figure, axes = _axes(-(-count // columns), columns, width, height, **more)
    for spare in axes.flat[count:]:
        spare.set_axis_off()
    return figure, list(axes.flat[:count])


def _heat_map(axes: Axes, square: pd.DataFrame, form: str, **colours: Any) -> Any:
    image = axes.imshow(square.to_numpy(), **colours)
    axes.set_xticks(range(square.shape[1]), square.columns)
    axes.set_yticks(range(square.shape[0]), square.index)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    for (row, column), value in np.ndenumerate(square.to_numpy()):
        red, green, blue, _ = image.cmap(image.norm(value))
        light = 0.3 * red + 0.6 * green + 0.1 * blue > 0.5
        colour = "#111111" if light else "#FFFFFF"
        text = form.format(value)
        axes.text(column, row, text, ha="center", va="center", color=colour, fontsize=8)
    return image


def gxlt_figure(frame: pd.DataFrame) -> Figure:
    """A heat map of F1 a system (`lbmrc.analysis.gxlt.matrices`), all on one scale."""
    parts = list(frame.groupby(["benchmark", "split", "system"], sort=False))
    figure, axes = _small_multiples(len(parts), 3.1, 2.9)
    limits = {"vmin": frame["f1"].min(), "vmax": frame["f1"].max(), "cmap": "cividis"}
    several = frame.groupby(["benchmark", "split"]).ngroups > 1
    for ax, ((benchmark, split, system), part) in zip(axes, parts, strict=True):
        image = _heat_map(ax, gxlt.matrix(part, "f1"), "{:.0f}", **limits)
        ax.set_title(f"{system} ({benchmark} {split})" if several else system)
        ax.set_xlabel("question")
        ax.set_ylabel("passage")
    bar = figure.colorbar(image, ax=axes, label="F1", shrink=0.6, aspect=30)
    bar.outline.set_visible(False)
    return figure


def boundary_figure(boundary: pd.DataFrame) -> Figure:
    """Exact, overlapping and missed answers by system (`answers.boundaries`)."""
    every = boundary[boundary["language"] == answers.ALL]
    parts = list(every.groupby(["benchmark", "split"], sort=False))
    systems = every["system"].nunique()
    figure, axes = _axes(1, len(parts), 3.4, 1.1 + 0.27 * systems, sharey=True)
    kinds = {"exact": (BLUE, ""), "overlapping": (ORANGE, "///"), "elsewhere": (GREY, "")}
    for ax, ((benchmark, split), part) in zip(axes[0], parts, strict=True):
        left = np.zeros(len(part))
        for kind, (colour, hatch) in kinds.items():
            values = 100 * part[kind].to_numpy()
            ax.barh(
                part["system"], values, left=left, color=colour, hatch=hatch, label=kind,
                edgecolor="#FFFFFF", linewidth=0, height=0.75,
            )  # fmt: skip
            left += values
        ax.set_title(f"{benchmark} {split}")
        ax.set_xlabel("% of answers")
        ax.set_xlim(0, 100)
    axes[0, 0].invert_yaxis()
    _legend(figure, axes[0, 0])
    return figure


def answers_figure(kinds: pd.DataFrame) -> Figure:
    """F1 by type and by length of the gold answer (`lbmrc.analysis.error_analysis.by_kind`)."""
    parts = list(kinds.groupby(["benchmark", "split"], sort=False))
    systems = list(kinds["system"].unique())
    height = 1.1 + 0.3 * len(systems)
    figure, axes = _axes(2, len(parts), 3.4, height, sharex=True, sharey=True)
    for column, ((benchmark, split), part) in enumerate(parts):
        for ax, (kind, groups) in zip(axes[:, column], answers.KINDS.items(), strict=True):
            for n, group in enumerate(groups):
                points = part[(part["kind"] == kind) & (part["group"] == group)]
                places = [systems.index(name) for name in points["system"]]
                style = {"color": PALETTE[n], "marker": MARKERS[n], "linestyle": "none"}
                ax.plot(points["f1"], places, label=group, markersize=5.5, **style)
            ax.set_yticks(range(len(systems)), systems)
            ax.grid(axis="x")
            ax.set_title(f"{benchmark} {split}: by {kind}" + (" in words" * (kind == "length")))
            if column == len(parts) - 1:
                ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1))
    for ax in axes[-1]:
        ax.set_xlabel("F1")
    axes[0, 0].invert_yaxis()
    return figure


def weights_figure(weight: pd.DataFrame, agreement: pd.DataFrame) -> Figure:
    """Mean `confident` weights (a row a set of teachers, a map a teacher), and agreement."""
    sets = list(weight["teachers"].unique())
    most = max(weight[weight["teachers"] == name]["teacher"].nunique() for name in sets)
    figure, axes = _axes(len(sets), most + 1, 2.7, 2.6)
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
            _heat_map(
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
    kinds = {"uniform": (GREY, ""), "confident": (BLUE, ""), "as-printed": (ORANGE, "///")}
    for n, (kind, (colour, hatch)) in enumerate(kinds.items()):
        places = np.arange(len(every)) + 0.27 * (n - 1)
        bars = ax.bar(
            places, every[kind], 0.25, color=colour, hatch=hatch, edgecolor="#FFFFFF",
            linewidth=0, label=kind,
        )  # fmt: skip
        ax.bar_label(bars, fmt="%.2f", fontsize=7)
    ax.set_xticks(range(len(every)), every["side"])
    ax.set_ylim(0, 1.3)
    ax.set_yticks([0, 0.5, 1])
    ax.legend(loc="upper center", ncols=3, fontsize=7, columnspacing=0.8, handlelength=1)


def funnel_figure(recoveries: Sequence[Mapping[str, Any]]) -> Figure:
    """What became of the English answers in each language (the translation's recovery files).

    Where a cascade sought them, a second panel shows those that the first pair of markers did not
    bring, by the step that found them.
    """
    reasons = list(dict.fromkeys(reason for funnel in recoveries for reason in funnel["lost"]))
    sought = [funnel for funnel in recoveries if "steps" in funnel]
    figure, axes = _axes(2 if sought else 1, 1, 7.4, 1.2 + 0.4 * len(recoveries))
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
        _legend(figure, every)
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
    """A bar a language, of parts in per cent of their sum."""
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


def training_figure(journals: pd.DataFrame) -> Figure:
    """Losses by epoch, a mean of the steps before: a panel a system, a line a seed.

    Args:
        journals: system, seed, and the columns of ``metrics.jsonl``.
    """
    systems = list(journals["system"].unique())
    figure, axes = _small_multiples(len(systems), 2.6, 2.0, sharex=True)
    losses = {
        "nll": ("NLL", BLUE, "-"),
        "kd": ("KD", VERMILION, "--"),
        "lakm": ("LAKM", GREEN, ":"),
    }
    for ax, system in zip(axes, systems, strict=True):
        part = journals[journals["system"] == system]
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


def _legend(figure: Figure, axes: Axes) -> None:
    handles, labels = axes.get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=len(labels))

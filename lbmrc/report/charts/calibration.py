"""The students' confidence against the share of right answers (reliability diagrams)."""

from collections.abc import Mapping
from typing import Any

from matplotlib.figure import Figure

from lbmrc.common.markdown import markdown_table, number, percent
from lbmrc.report.charts.style import BLUE, GREY, VERMILION, small_multiples

Calibrations = Mapping[tuple[str, str], Mapping[str, Any]]
"""By system and seed, the contents of ``calibration.json``."""


def plot_calibration(calibrations: Calibrations) -> Figure:
    """A panel per system and seed: each bin's mean confidence and share of right answers."""
    figure, axes = small_multiples(len(calibrations), 2.6, 2.6, sharex=True, sharey=True)
    for ax, ((system, seed), found) in zip(axes, calibrations.items(), strict=True):
        ax.plot([0, 100], [0, 100], ":", color=GREY, linewidth=1)
        for label, bins, colour, mark in (
            ("T = 1", found["bins_before"], VERMILION, "s--"),
            (f"T = {found['temperature']:.2f}", found["bins_after"], BLUE, "o-"),
        ):
            questions, confidence, right = zip(*bins, strict=True)
            x, y = ([100 * share for share in shares] for shares in (confidence, right))
            ax.plot(x, y, mark[1:], color=colour, linewidth=1)
            areas = [4 + 120 * n / found["questions"] for n in questions]
            ax.scatter(x, y, areas, color=colour, marker=mark[0], alpha=0.7, label=label)
        ax.set_title(f"{system}, seed {seed}")
        ax.grid()
        ax.legend(loc="upper left", fontsize=8, markerscale=0.6)
    for ax in axes[-3:]:
        ax.set_xlabel("confidence, %")
    for ax in axes[::3]:
        ax.set_ylabel("right answers, %")
    return figure


def to_markdown(calibrations: Calibrations) -> str:
    """Each system's temperature and expected calibration error."""
    rows = [
        [
            system,
            seed,
            found["dataset"],
            f"{found['questions']:,}",
            percent(found["accuracy"]),
            number(found["temperature"], 2),
            number(100 * found["ece_before"]),
            number(100 * found["ece_after"]),
        ]
        for (system, seed), found in calibrations.items()
    ]
    header = ["system", "seed", "dev data", "questions", "right", "temperature"]
    header += ["ECE at T = 1", "ECE calibrated"]
    note = (
        "The expected calibration error (ECE, in points) is the mean gap between confidence and "
        "the share of right answers over ten bins of confidence; after calibration on passages "
        "that took no part in the fit."
    )
    return f"# Confidence of the students\n\n{note}\n\n{markdown_table(header, rows, 3)}\n"

"""What the page adds to a table: differences, the best of each column, links to the questions."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from markupsafe import Markup, escape

from lbmrc.report.table_formats import Figures, Grid, Line

EXPLORER = "explorer.html"
"""The page of predictions, beside the report."""

COMPARISONS = "comparisons.md"
"""The file of intervals, in the folder of tables beside the report."""

OURS = ("ours", "")
"""Sources of the lines with our figures: beside the paper's, and in tables of ours alone."""


class Best(NamedTuple):
    """The highest scores of a column, as printed."""

    exact_match: str
    f1: str


def best_of_ours(grid: Grid) -> list[Best | None]:
    """The best scores of our systems in each language; None if fewer than two were scored.

    Scores that are printed the same count as equal.
    """
    ours = [line.cells for group in grid.groups for line in group if line.source in OURS]
    return [_best([cell for cell in column if cell]) for column in zip(*ours, strict=True)]


def _best(cells: Sequence[Figures]) -> Best | None:
    if len(cells) < 2:
        return None
    return Best(
        f"{max(cell.exact_match for cell in cells):.1f}", f"{max(cell.f1 for cell in cells):.1f}"
    )


def with_differences(grid: Grid) -> list[list[Line]]:
    """The table's groups of lines, with a line of differences after each pair of ours and paper's.

    No differences if the data are not the paper's.
    """
    if grid.warning:
        return grid.groups
    return [list(_with_differences(group)) for group in grid.groups]


def _with_differences(lines: Sequence[Line]) -> Iterable[Line]:
    for n, line in enumerate(lines):
        yield line
        before = lines[n - 1] if n else None
        if line.source == "paper" and before and before.source == "ours" and not line.label:
            cells = [
                ours and paper and Figures(ours.exact_match - paper.exact_match, ours.f1 - paper.f1)
                for ours, paper in zip(before.cells, line.cells, strict=True)
            ]
            if any(cells):
                yield Line("", "difference", cells)


def linked_note(note: str) -> Markup:
    """A note of a table; the file of comparisons in it is a link."""
    link = Markup('<a href="tables/{0}">{0}</a>').format(COMPARISONS)
    return escape(note).replace(COMPARISONS, link)


def explorer_links(grid: Grid, line: Line) -> list[str]:
    """For each cell of a line, the link to its questions and system in the explorer, or empty."""
    systems = line.systems or [""] * len(line.cells)
    return [
        _link(grid.benchmark, language, system) if cell and system else ""
        for language, cell, system in zip(grid.languages, line.cells, systems, strict=True)
    ]


def _link(benchmark: str, language: str, system: str) -> str:
    chosen = {"benchmark": benchmark, "passage": language, "language": language, "system": system}
    return f"{EXPLORER}#{urlencode(chosen)}"

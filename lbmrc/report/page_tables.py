"""What the page adds to a table that is laid out: ours minus the paper's, under the two."""

from collections.abc import Iterable, Sequence

from lbmrc.report.table_formats import Figures, Grid, Line


def with_differences(grid: Grid) -> list[list[Line]]:
    """The table's groups of lines, a line of differences after each pair of ours and the paper's.

    There is none where the data are not the paper's.
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

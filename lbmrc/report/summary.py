"""What a run prints at its end, on one screen: the main table and the paths of the other files."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pandas as pd

from lbmrc.report.paper_tables import LAYOUTS, all_systems, table, worth_showing
from lbmrc.report.table_formats import Grid, grid, grids_of_all, to_terminal


def main_table(
    scores: pd.DataFrame,
    same_data_as_paper: bool,
    numbers: Iterable[int],
    comparisons: pd.DataFrame | None = None,
    note: str = "",
) -> str:
    """The first of the paper's tables that has scores of ours, or else the table of all systems.

    The paper's scores are omitted if ours are not comparable with them. Notes on the paper's table
    are always omitted: the files have them. ``note``: printed under the table.
    """
    for number in numbers:
        frame = table(number, scores)
        if worth_showing(number, frame):
            found = _without_paper(grid(number, frame, same_data_as_paper, comparisons))
            notes = [text for text in found.notes if text not in LAYOUTS[number].notes]
            break
    else:
        found = grids_of_all(all_systems(scores))[0]
        notes = found.notes
    return to_terminal(replace(found, notes=[*notes, *([note] if note else [])]))


def _without_paper(found: Grid) -> Grid:
    if not found.warning:
        return found
    ours = [[line for line in group if line.source == "ours"] for group in found.groups]
    groups = [[line._replace(source="") for line in group] for group in ours if group]
    return replace(found, groups=groups)


def locations(run: str | Path) -> str:
    """The files of a finished run, in its folder."""
    places = {
        "report": f"{run}/report.html",
        "predictions": f"{run}/explorer.html, to read in a browser",
        "tables": f"{run}/tables/ (tables.txt: all of them)",
        "systems": f"{run}/systems/SYSTEM/seed-N/: model, metrics, predictions, scores",
    }
    return "".join(f"  {name:<12} {place}\n" for name, place in places.items())

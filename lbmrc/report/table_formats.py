"""Tables 1-6 as Markdown, as LaTeX (booktabs) and for the terminal, in the paper's layout.

Input: the frames of `lbmrc.report.paper_tables`. Output: text, with systems as rows, languages as
columns, "EM / F1" in the cells, and the paper's scores under ours. Every table has a warning if the
data are not the paper's.
"""

import math
import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd

from lbmrc.analysis.comparisons import DOWN, UP, Marked, Marks, legend, mark
from lbmrc.common.markdown import markdown_table
from lbmrc.report.paper_tables import LAYOUTS, all_systems, table, worth_showing

NOT_COMPARABLE = (
    "Ours were not measured on the paper's data: the paper's scores are for the real SQuAD, MLQA "
    "and XQuAD and are shown for layout only."
)
BENCHMARK_NAMES = {"mlqa": "MLQA", "xquad": "XQuAD"}
_LATEX = str.maketrans(
    {c: f"\\{c}" for c in "&%$#_{}"}
    | {
        "\\": r"\textbackslash{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        "¶": r"\P{}",
        "†": r"\dag{}",
        "λ": r"$\lambda$",
        UP: r"$\uparrow$",
        DOWN: r"$\downarrow$",
    }
)


class Figures(NamedTuple):
    """The scores of a cell in percent; standard deviations are NaN if there is only one seed."""

    exact_match: float
    f1: float
    exact_match_sd: float = math.nan
    f1_sd: float = math.nan
    marks: Marks = Marks()

    def text(self, separator: str = " / ", deviations: bool = True) -> str:
        exact_match, f1 = f"{self.exact_match:.1f}", f"{self.f1:.1f}"
        if deviations and not math.isnan(self.f1_sd):
            exact_match += f"±{self.exact_match_sd:.1f}"
            f1 += f"±{self.f1_sd:.1f}"
        return exact_match + self.marks.exact_match + separator + f1 + self.marks.f1


class Line(NamedTuple):
    """A printed line: its label (empty on a system's second line), the source of its scores, cells.

    ``systems``: in lines of our scores, the system of each cell.
    """

    label: str
    source: str
    cells: list[Figures | None]
    systems: Sequence[str] = ()


@dataclass(frozen=True)
class Grid:
    """A table as printed: rules separate groups of lines; the warning is above the table.

    ``benchmark``: its name and split, such as ``mlqa.test``.
    """

    name: str
    heading: str
    languages: list[str]
    groups: list[list[Line]]
    caption: str
    notes: list[str] = field(default_factory=list)
    warning: str = ""
    benchmark: str = ""

    def rows(self, columns: Iterable[int], **form: Any) -> list[list[list[str]]]:
        """The cell texts of all groups in the given language columns, header group first."""
        columns = list(columns)
        sources = any(line.source for group in self.groups for line in group)

        def row(label: str, source: str, texts: list[str]) -> list[str]:
            return [label, *([source] if sources else []), *(texts[n] for n in columns)]

        lines = [
            [row(x.label, x.source, [c.text(**form) if c else "-" for c in x.cells]) for x in group]
            for group in self.groups
        ]
        return [[row("System", "", self.languages)], *lines]


def grid(
    number: int,
    frame: pd.DataFrame,
    same_data_as_paper: bool,
    comparisons: pd.DataFrame | None = None,
) -> Grid:
    """Lay out a table of the paper.

    Args:
        number: the table's number in the paper.
        frame: from `lbmrc.report.paper_tables.table`.
        same_data_as_paper: whether the data are the paper's, which makes scores comparable.
        comparisons: from `lbmrc.analysis.comparisons.compare`, for the marks at our scores.
    """
    layout = LAYOUTS[number]
    labels = {row.system: row.label for row in layout.rows()}
    extras = [system for system in frame["system"].unique() if system not in labels]
    labels |= {system: f"{system} †" for system in extras}
    cells = {(row.system, row.language): row for row in frame.itertuples()}
    trained = {
        (row.system, language): (name, language)
        for row in layout.rows()
        for language, name in row.trained_as.items()
    }
    scored = [cell for cell, row in cells.items() if not math.isnan(row.f1)]
    marked = (
        Marked({}, {}, 0, 0)
        if comparisons is None
        else mark(comparisons, layout.benchmark, "test", [trained.get(c, c) for c in scored])
    )

    def our_figures(row: Any) -> Figures | None:
        cell = row.system, row.language
        found = marked.cells.get(trained.get(cell, cell), Marks())
        return _figures(row.exact_match, row.f1, row.exact_match_sd, row.f1_sd, found)

    def lines(system: str) -> list[Line]:
        found = [cells.get((system, language)) for language in layout.languages]
        ours = [c and our_figures(c) for c in found]
        paper = [c and _figures(c.paper_exact_match, c.paper_f1) for c in found]
        names = [trained.get((system, language), (system,))[0] for language in layout.languages]
        both = [("ours", ours, names), ("paper", paper, [])]
        shown = [line for line in both if any(line[1])]
        return [Line("" if n else labels[system], *line) for n, line in enumerate(shown)]

    groups = [[row.system for row in group] for group in layout.groups] + [extras]
    laid_out = [[line for system in group for line in lines(system)] for group in groups]
    meaning = legend(marked)
    return Grid(
        name=f"Table {number}",
        heading=BENCHMARK_NAMES[layout.benchmark],
        languages=layout.languages,
        groups=[group for group in laid_out if group],
        caption=layout.caption,
        notes=[
            _seeds_note(frame) + (" † Not in the paper." if extras else ""),
            *([meaning] if meaning else []),
            *layout.notes,
        ],
        warning="" if same_data_as_paper else NOT_COMPARABLE,
        benchmark=f"{layout.benchmark}.test",
    )


def grids_of_all(frame: pd.DataFrame) -> list[Grid]:
    """Lay out all systems (a frame of `all_systems`), one grid per split of a benchmark."""
    result = []
    for (benchmark, split), part in frame.groupby(["benchmark", "split"], sort=False):
        languages = list(part["language"].unique())
        cells = {
            (row.system, row.language): _figures(
                row.exact_match, row.f1, row.exact_match_sd, row.f1_sd
            )
            for row in part.itertuples()
        }
        lines = [
            Line(
                system,
                "",
                [cells.get((system, language)) for language in languages],
                [system] * len(languages),
            )
            for system in part["system"].unique()
        ]
        result.append(
            Grid(
                name="All systems",
                heading=f"{BENCHMARK_NAMES.get(benchmark, benchmark)} {split}",
                languages=languages,
                groups=[lines],
                caption="Each question in the language of its passage.",
                notes=[_seeds_note(part)],
                benchmark=f"{benchmark}.{split}",
            )
        )
    return result


def to_markdown(grid: Grid) -> str:
    """A heading, the caption, any warning, the table and its notes."""
    header, *groups = grid.rows(range(len(grid.languages)))
    text = len(header[0]) - len(grid.languages)
    table = markdown_table(header[0], [row for group in groups for row in group], text)
    warning = [f"> **{grid.warning}**"] if grid.warning else []
    parts = [f"### {_title(grid)}", grid.caption, *warning, table, *grid.notes]
    return "\n\n".join(parts) + "\n"


def to_latex(grid: Grid) -> str:
    """A ``table*`` in ASCII that needs only ``\\usepackage{booktabs}``."""
    columns = len(grid.languages)
    header, *groups = grid.rows(range(columns))
    text = len(header[0]) - columns
    heading = rf"\multicolumn{{{columns}}}{{c}}{{{_latex(grid.heading)} (EM / F1)}}"
    lines = [
        r"\begin{table*}[t]",
        r"\centering\footnotesize\setlength{\tabcolsep}{3pt}",
        rf"\begin{{tabular}}{{{'l' * text}{'r' * columns}}}",
        r"\toprule",
        f"{' &' * text} {heading} " + r"\\",
        rf"\cmidrule(l){{{text + 1}-{text + columns}}}",
    ]
    for group in [header, *groups]:
        lines += [" & ".join(map(_latex, row)) + r" \\" for row in group] + [r"\midrule"]
    lines[-1] = r"\bottomrule"
    warning = [rf"\textbf{{{_latex(grid.warning)}}}"] if grid.warning else []
    caption = " ".join([_latex(grid.caption), *warning, *map(_latex, grid.notes)])
    label = "-".join(_title(grid).lower().replace(":", "").split()[:-3])
    lines += [
        r"\end{tabular}",
        rf"\caption{{{caption}}}",
        rf"\label{{tab:{label}}}",
        r"\end{table*}",
    ]
    return "\n".join(lines) + "\n"


def to_terminal(grid: Grid, width: int = 100) -> str:
    """Title, caption, table and notes, without the warning, in at most ``width`` columns.

    To fit, deviations are left out first, then spaces; then languages are split into blocks.
    """
    everything = range(len(grid.languages))
    forms = [
        {"separator": " / ", "deviations": True},
        {"separator": " / ", "deviations": False},
        {"separator": "/", "deviations": False},
    ]
    for form in forms:
        lines = _block(grid.rows(everything, **form), len(everything))
        if len(lines[1]) <= width:
            break
    else:
        narrowest = len(_block(grid.rows([0], **form), 1)[1])
        each = max(
            1, 1 + (width - narrowest) * (len(everything) - 1) // (len(lines[1]) - narrowest)
        )
        each = math.ceil(len(everything) / math.ceil(len(everything) / each))
        lines = []
        for first in everything[::each]:
            part = everything[first : first + each]
            lines += [*([""] if lines else []), *_block(grid.rows(part, **form), len(part))]
    around = [_fill(text, width) for text in [grid.caption, *grid.notes]]
    return "\n".join([_title(grid), around[0], "", *lines, "", *around[1:]]) + "\n"


def render_terminal(
    scores: pd.DataFrame,
    same_data_as_paper: bool,
    numbers: Iterable[int] = LAYOUTS,
    width: int = 100,
    comparisons: pd.DataFrame | None = None,
    note: str = "",
) -> str:
    """For a terminal: the tables that have scores of ours, then the tables of all systems.

    ``note``: printed under the last table.
    """
    frames = {number: table(number, scores) for number in numbers}
    shown = [
        grid(number, frame, same_data_as_paper, comparisons)
        for number, frame in frames.items()
        if worth_showing(number, frame)
    ]
    grids = [*shown, *grids_of_all(all_systems(scores))]
    face = [] if same_data_as_paper else [_fill(f"NOTE: {NOT_COMPARABLE}", width) + "\n"]
    grids[-1:] = _with_note(grids[-1:], note)
    return "\n".join([*face, *(to_terminal(g, width) + "\n" for g in grids)]).rstrip() + "\n"


def write_tables(
    folder: str | Path,
    scores: pd.DataFrame,
    same_data_as_paper: bool,
    numbers: Iterable[int],
    comparisons: pd.DataFrame | None = None,
    note: str = "",
) -> None:
    """Write ``table{N}`` and ``all``, each as .csv, .md and .tex, to a folder.

    ``note``: printed under each table.
    """
    folder = Path(folder)
    everything = all_systems(scores)
    files = {f"table{number}": table(number, scores) for number in numbers}
    grids = {
        f"table{number}": [grid(number, files[f"table{number}"], same_data_as_paper, comparisons)]
        for number in numbers
    }
    files["all"], grids["all"] = everything, grids_of_all(everything)
    for name, frame in files.items():
        frame.to_csv(folder / f"{name}.csv", index=False, lineterminator="\n")
        noted = _with_note(grids[name], note)
        markdown = "\n".join(map(to_markdown, noted))
        (folder / f"{name}.md").write_text(markdown, encoding="utf-8")
        (folder / f"{name}.tex").write_text("\n".join(map(to_latex, noted)), encoding="ascii")


def _with_note(grids: Iterable[Grid], note: str) -> list[Grid]:
    return [replace(grid, notes=[*grid.notes, note]) if note else grid for grid in grids]


def _figures(exact_match: float, f1: float, *more: Any) -> Figures | None:
    return None if math.isnan(f1) else Figures(exact_match, f1, *more)


def _title(grid: Grid) -> str:
    return f"{grid.name}: {grid.heading} (EM / F1)"


def _fill(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_on_hyphens=False)


def _latex(text: str) -> str:
    return re.sub(r"±([\d.]+)", r"$_{\\pm \1}$", text.translate(_LATEX)).replace("±", r"$\pm$")


def _seeds_note(frame: pd.DataFrame) -> str:
    counts = sorted({n for n in frame["seeds"] if n})
    if not counts:
        return "Ours: not run."
    if counts[-1] == 1:
        return "Ours: one seed."
    several = f"{counts[0]}" if len(counts) == 1 else f"{counts[0]} to {counts[-1]}"
    return f"Ours: mean of {several} seeds; ±, where shown, is the sample standard deviation."


def _block(groups: list[list[list[str]]], languages: int) -> list[str]:
    """Aligned lines, with a rule after each group except the last (so line 1 is the widest)."""
    rows = [row for group in groups for row in group]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    text = len(widths) - languages
    rule = "-" * (sum(widths) + 2 * (len(widths) - 1))
    lines = []
    for group in groups:
        for row in group:
            cells = enumerate(zip(row, widths, strict=True))
            padded = [t.ljust(w) if n < text else t.rjust(w) for n, (t, w) in cells]
            lines.append("  ".join(padded).rstrip())
        lines.append(rule)
    return lines[:-1]

"""``report.html``: what a run measured, what lies behind it, what it took and what was run.

In go the files of ``results/{run}``; out comes one page. Its parts are in
`lbmrc.report.page_parts`.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from lbmrc.common.markdown import markdown_table
from lbmrc.report.page_parts import (
    Section,
    details,
    duration,
    figure,
    machines,
    markdown,
    page,
    paper_table,
    stages,
    stages_markdown,
    systems_markdown,
)
from lbmrc.report.table_formats import NOT_COMPARABLE, grid

ANALYSES = {
    "Passage and question language": ["gxlt"],
    "Boundaries, types and lengths of answers": ["boundaries", "answers"],
    "Teacher weights": ["teacher_weights"],
    "Translated answers": ["recovery"],
    "Training": ["training"],
}


@dataclass(frozen=True)
class Run:
    """A run as its config says it.

    Attributes:
        name: its name.
        systems: ``train`` or ``distil`` of each system.
        seeds: of each system.
        languages: of the branches.
        same_data_as_paper: whether the paper's scores compare with ours.
    """

    name: str
    systems: Mapping[str, Mapping[str, Any]]
    seeds: Mapping[str, Sequence[int]]
    languages: Sequence[str]
    same_data_as_paper: bool


def build(
    run: Run,
    folder: str | Path,
    tables: Iterable[int],
    captions: Mapping[str, str],
    manifests: Iterable[str | Path],
    style: str,
) -> str:
    """The report as HTML.

    Args:
        run: what the config says.
        folder: ``results/{run}``, with its tables, figures and benchmarks.
        tables: the paper's numbers of those that were written.
        captions: of the figures to show, by the name of their file.
        manifests: of the stages.
        style: CSS.
    """
    folder = Path(folder)
    measured = stages(folder / "benchmarks")
    shown = {title: [f for f in names if f in captions] for title, names in ANALYSES.items()}
    sections = [
        _tables(run, folder, tables),
        Section("Comparisons", _first_part_open(folder / "tables/comparisons.md")),
        *(_analysis(folder, title, names, captions) for title, names in shown.items() if names),
        _time(measured),
        _what_was_run(run, manifests),
    ]
    facts = {
        "systems": str(len(run.systems)),
        "models scored": str(sum(map(len, run.seeds.values()))),
        "language branches": ", ".join(run.languages),
        "time of all jobs": duration(measured["seconds"].sum()),
        "memory at its highest": f"{measured['memory_mib'].max():,.0f} MiB",
    }
    warning = "" if run.same_data_as_paper else NOT_COMPARABLE
    return page(run.name, style, warning, facts, sections)


def _tables(run: Run, folder: Path, numbers: Iterable[int]) -> Section:
    compared = pd.read_csv(folder / "tables/comparisons.csv")
    frames = {n: pd.read_csv(folder / f"tables/table{n}.csv") for n in numbers}
    grids = [grid(n, frame, run.same_data_as_paper, compared) for n, frame in frames.items()]
    everything = details("Every system", markdown(_text(folder / "tables/all.md")))
    return Section("Tables", "".join(map(paper_table, grids)) + everything)


def _analysis(
    folder: Path, title: str, figures: Iterable[str], captions: Mapping[str, str]
) -> Section:
    body = "".join(figure(folder / f"figures/{name}.svg", captions[name]) for name in figures)
    for name in figures:
        if (path := folder / f"tables/{name}.md").exists():
            body += _first_part_open(path)
    return Section(title, body)


def _first_part_open(path: Path) -> str:
    """Markdown up to the end of its first part; the others can be unfolded."""
    intro, *parts = _text(path).split("\n## ")
    shown = markdown("\n## ".join([intro, *parts[:1]]))
    more = "".join(f"\n## {part}" for part in parts[1:])
    return shown + (details("More", markdown(more)) if more else "")


def _time(measured: pd.DataFrame) -> Section:
    by_stage, jobs = stages_markdown(measured)
    return Section("Time and memory", markdown(by_stage) + details("Every job", markdown(jobs)))


def _what_was_run(run: Run, manifests: Iterable[str | Path]) -> Section:
    versions, machine = machines(manifests)
    tables = [systems_markdown(run.systems, run.seeds)]
    for header, values in ((["machine", ""], machine), (["package", "version"], versions)):
        rows = [[name, ", ".join(found)] for name, found in values.items()]
        tables.append(markdown_table(header, rows, 2))
    return Section("What was run", markdown("\n\n".join(tables)))


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")

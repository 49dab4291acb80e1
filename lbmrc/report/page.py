"""``report.html``: a run's results, data and training, cost, and the software that made it.

Input: the files of ``results/{run}``, and the template of the page
(``workflow/report/report.html.j2``).
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jinja2
import pandas as pd
from markupsafe import Markup

from lbmrc.common.durations import duration
from lbmrc.report.job_times import job_times, jobs_markdown, mebibytes, stages_markdown
from lbmrc.report.markup import Folded, folded_markdown, inline_svg, markdown
from lbmrc.report.page_tables import (
    COMPARISONS,
    EXPLORER,
    OURS,
    best_of_ours,
    explorer_links,
    linked_note,
    with_differences,
)
from lbmrc.report.provenance import (
    COMMIT,
    DATE,
    DEVICE,
    machines,
    machines_markdown,
    systems_markdown,
)
from lbmrc.report.table_formats import NOT_COMPARABLE, Grid, grid, grids_of_all

ANALYSES = {
    "Passage and question language": ["gxlt"],
    "Boundaries, types and lengths of answers": ["boundaries", "answers"],
    "Teacher weights": ["teacher_weights"],
    "Translated answers": ["recovery"],
    "Training": ["training"],
    "Confidence of the students": ["calibration"],
}


@dataclass(frozen=True)
class Run:
    """A run as described by its config.

    Attributes:
        name: its name.
        systems: ``train`` or ``distil`` of each system.
        seeds: of each system.
        languages: of the branches.
        same_data_as_paper: whether the paper's scores are comparable with ours.
    """

    name: str
    systems: Mapping[str, Mapping[str, Any]]
    seeds: Mapping[str, Sequence[int]]
    languages: Sequence[str]
    same_data_as_paper: bool


class Figure(NamedTuple):
    """A chart and its caption."""

    svg: Markup
    caption: str


class Analysis(NamedTuple):
    """A section of the page: its charts, and its tables as text."""

    title: str
    figures: list[Figure]
    texts: list[Folded]


def build(
    run: Run,
    folder: str | Path,
    tables: Iterable[int],
    captions: Mapping[str, str],
    manifests: Iterable[str | Path],
    template: str,
    style: str,
    script: str,
) -> str:
    """The report as HTML.

    Args:
        run: the run as its config describes it.
        folder: ``results/{run}``, with its tables, figures and benchmarks.
        tables: the paper's numbers of the tables that were written.
        captions: of the figures to show, by file name.
        manifests: of the stages.
        template: the page's Jinja template; values are escaped, except HTML made here.
        style: CSS.
        script: JavaScript.
    """
    folder, manifests = Path(folder), list(manifests)
    jobs = job_times(folder / "benchmarks")
    shown = {title: [f for f in names if f in captions] for title, names in ANALYSES.items()}
    versions, ran_on = machines(manifests)
    facts = {
        "systems": str(len(run.systems)),
        "models scored": str(sum(map(len, run.seeds.values()))),
        "language branches": ", ".join(run.languages),
        "time of all jobs": duration(jobs["seconds"].sum()),
        "memory at its highest": mebibytes(jobs["memory_mib"].max()),
        **{name: ", ".join(ran_on[name]) for name in (DEVICE, DATE, COMMIT) if name in ran_on},
    }
    return (
        _environment()
        .from_string(template)
        .render(
            run=run.name,
            style=Markup(style),
            script=Markup(script),
            explorer=EXPLORER,
            warning="" if run.same_data_as_paper else NOT_COMPARABLE,
            facts=facts,
            tables=_tables(run, folder, tables),
            all_systems=grids_of_all(pd.read_csv(folder / "tables/all.csv")),
            comparisons=folded_markdown(_text(folder / "tables" / COMPARISONS)),
            analyses=[_analysis(folder, t, names, captions) for t, names in shown.items() if names],
            stages=markdown(stages_markdown(jobs)),
            jobs=markdown(jobs_markdown(jobs)),
            systems=markdown(systems_markdown(run.systems, run.seeds)),
            machines=markdown(machines_markdown(versions, ran_on)),
        )
    )


def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        undefined=jinja2.StrictUndefined,
    )
    environment.filters["slug"] = lambda title: re.sub(r"\W+", "-", title.lower())
    environment.filters["best_of_ours"] = best_of_ours
    environment.filters["with_differences"] = with_differences
    environment.filters["linked_note"] = linked_note
    environment.globals["explorer_links"] = explorer_links
    environment.globals["OURS"] = OURS
    return environment


def _tables(run: Run, folder: Path, numbers: Iterable[int]) -> list[Grid]:
    compared = pd.read_csv(folder / "tables/comparisons.csv")
    frames = {n: pd.read_csv(folder / f"tables/table{n}.csv") for n in numbers}
    measured_first = sorted(frames, key=lambda n: bool(frames[n]["f1"].isna().all()))
    return [grid(n, frames[n], run.same_data_as_paper, compared) for n in measured_first]


def _analysis(
    folder: Path, title: str, names: Iterable[str], captions: Mapping[str, str]
) -> Analysis:
    figures = [
        Figure(inline_svg(folder / f"figures/{name}.svg", captions[name]), captions[name])
        for name in names
    ]
    files = [folder / f"tables/{name}.md" for name in names]
    return Analysis(title, figures, [folded_markdown(_text(f)) for f in files if f.exists()])


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")

"""The parts of ``report.html``: HTML for any width, light or dark, without a script or a request.

In go tables laid out (`lbmrc.report.table_formats`), Markdown, figures as SVG, and what the stages
left
behind: Snakemake's benchmarks and our manifests.
"""

import html
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
from markdown_it import MarkdownIt

from lbmrc.common.json_io import read_json
from lbmrc.common.markdown import markdown_table
from lbmrc.report.table_formats import Figures, Grid, Line

TITLE = "Cross-lingual MRC with Language Branch Knowledge Distillation"


@dataclass(frozen=True)
class Section:
    """A heading, and HTML under it."""

    title: str
    body: str

    @property
    def name(self) -> str:
        """What a link to it is called."""
        return re.sub(r"\W+", "-", self.title.lower())


def page(
    run: str, style: str, warning: str, facts: Mapping[str, str], sections: Sequence[Section]
) -> str:
    """The whole document.

    Args:
        run: the run's name.
        style: CSS.
        warning: stands above everything; empty for none.
        facts: what is named: how many.
        sections: in order.
    """
    links = "".join(f'<a href="#{s.name}">{html.escape(s.title)}</a>' for s in sections)
    boxes = "".join(
        f"<div><b>{html.escape(value)}</b><span>{html.escape(name)}</span></div>"
        for name, value in facts.items()
    )
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        f"<title>lbmrc: {html.escape(run)}</title>",
        f"<style>\n{style}</style></head>",
        f"<body><main><header><h1>{TITLE}</h1>",
        f'<p class="soft">Liu et al., COLING 2020, reproduced: run <b>{html.escape(run)}</b></p>',
        f'<p class="warning">{html.escape(warning)}</p>' if warning else "",
        f'<div class="facts">{boxes}</div></header><nav aria-label="Contents">{links}</nav>',
        *(
            f'<section id="{s.name}"><h2>{html.escape(s.title)}</h2>\n{s.body}</section>'
            for s in sections
        ),
        "</main></body></html>",
    ]
    return "\n".join(part for part in parts if part) + "\n"


# ------------------------------------------------------------------------------------------- parts


def paper_table(grid: Grid) -> str:
    """A table of the paper: ours, the paper's and, on the same data, ours minus the paper's."""
    differing = (lambda lines: lines) if grid.warning else _with_differences
    head = "".join(f'<th scope="col">{name}</th>' for name in ["System", "", *grid.languages])
    bodies = [
        f'<tbody class="group">{"".join(_rows(differing(group)))}</tbody>' for group in grid.groups
    ]
    notes = "".join(f"<li>{html.escape(note)}</li>" for note in grid.notes)
    return (
        f"<h3>{html.escape(f'{grid.name}: {grid.heading}')} (EM / F1)</h3>"
        f"<p>{html.escape(grid.caption)}</p>"
        + _scroll(
            f'<table class="figures"><thead><tr>{head}</tr></thead>{"".join(bodies)}</table>',
            grid.name,
        )
        + f'<ul class="notes">{notes}</ul>\n'
    )


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


def _rows(lines: Iterable[Line]) -> Iterable[str]:
    for line in lines:
        texts = [_cell(cell, line.source) for cell in line.cells]
        cells = "".join(f"<td>{text}</td>" for text in texts)
        first = " first" if line.label else ""
        yield (
            f'<tr class="{line.source or "ours"}{first}">'
            f'<th scope="row">{html.escape(line.label)}</th>'
            f'<td class="source">{line.source}</td>{cells}</tr>'
        )


def _cell(cell: Figures | None, source: str) -> str:
    if cell is None:
        return "" if source == "difference" else "-"
    if source == "difference":
        return f"{cell.exact_match:+z.1f} / {cell.f1:+z.1f}"
    return re.sub(r"(±[\d.]+)", r"<small>\1</small>", cell.text())


def figure(path: str | Path, caption: str) -> str:
    """An SVG drawn into the page; its ids are made its own."""
    path = Path(path)
    svg = path.read_text(encoding="utf-8")
    svg = re.sub(r"<metadata>.*?</metadata>\s*", "", svg, flags=re.DOTALL)
    svg = re.sub(r'\bid="([^"]+)"', rf'id="{path.stem}-\1"', svg)
    svg = re.sub(r'(href="|url\()#', rf"\1#{path.stem}-", svg)
    label = html.escape(caption, quote=True)
    svg = svg.replace("<svg ", f'<svg role="img" aria-label="{label}" ', 1)
    return f"<figure>{_scroll(svg, caption)}<figcaption>{label}</figcaption></figure>\n"


def markdown(text: str, heading: int = 2) -> str:
    """Markdown without its title, its other headings ``heading`` - 1 levels down."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(re.sub(r"\A# .*\n+", "", text))
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(6, int(token.tag[1]) + heading - 1)}"
    rendered = parser.renderer.render(tokens, parser.options, {})
    return re.sub(
        r"<table>.*?</table>", lambda m: _scroll(m[0], "table"), rendered, flags=re.DOTALL
    )


def details(summary: str, body: str) -> str:
    return f"<details><summary>{html.escape(summary)}</summary>\n{body}</details>\n"


def _scroll(content: str, label: str) -> str:
    """What may be wider than the screen: scrolls by itself, by keyboard too."""
    label = html.escape(label, quote=True)
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{label}">{content}</div>'


# ---------------------------------------------------------------------- what it took, on what


def stages(folder: str | Path) -> pd.DataFrame:
    """What Snakemake measured of every job under a folder of benchmarks.

    Columns: stage (the rule's folder or file), job, seconds (wall clock), cpu_seconds, memory_mib
    (resident, at its highest; missing for jobs too short to measure).
    """
    folder = Path(folder)
    records = []
    for path in sorted(folder.rglob("*.tsv")):
        line = pd.read_csv(path, sep="\t", na_values=["-", "NA"]).iloc[0]
        stage, _, job = str(path.relative_to(folder).with_suffix("")).partition("/")
        memory = line["max_rss"] or None  # 0: the job ended before the first look
        records.append((stage, job, line["s"], line["cpu_time"], memory))
    columns = ["stage", "job", "seconds", "cpu_seconds", "memory_mib"]
    frame = pd.DataFrame(records, columns=columns)
    return frame.astype(dict.fromkeys(columns[2:], float))


def stages_markdown(frame: pd.DataFrame) -> tuple[str, str]:
    """Time and memory by stage, the longest first; and of every job."""
    groups = frame.groupby("stage").agg(
        jobs=("job", "size"),
        seconds=("seconds", "sum"),
        longest=("seconds", "max"),
        cpu_seconds=("cpu_seconds", "sum"),
        memory_mib=("memory_mib", "max"),
    )
    groups = groups.sort_values("seconds", ascending=False)
    rows = [
        [
            row.Index,
            str(row.jobs),
            *map(duration, [row.seconds, row.longest, row.cpu_seconds]),
            _mib(row.memory_mib),
        ]
        for row in groups.itertuples()
    ]
    header = ["stage", "jobs", "time", "longest job", "CPU time", "memory at its highest"]
    jobs = [
        [row.stage, row.job, duration(row.seconds), duration(row.cpu_seconds), _mib(row.memory_mib)]
        for row in frame.itertuples()
    ]
    return (
        markdown_table(header, rows),
        markdown_table(["stage", "job", "time", "CPU time", "memory"], jobs, 2),
    )


def duration(seconds: float) -> str:
    """``8.4 s``, ``3 min 20 s``, ``5 h 07 min``; "-" for none."""
    if pd.isna(seconds):
        return "-"
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def _mib(value: float) -> str:
    return "-" if pd.isna(value) else f"{value:,.0f} MiB"


def machines(manifests: Iterable[str | Path]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """What stages ran on, from their manifests: versions by package, then machines by property.

    Several values of one mean that stages ran under different ones.
    """
    versions: dict[str, set[str]] = {}
    machine: dict[str, set[str]] = {}
    for path in manifests:
        content = read_json(path)
        for found, values in (("versions", versions), ("machine", machine)):
            for name, value in content[found].items():
                values.setdefault(name, set()).add(str(value))
        if device := content.get("device"):
            shown = f"{device['name']} ({device['precision']})"
            machine.setdefault("device of models", set()).add(shown)
    if peaks := machine.pop("gpu_peak_memory_mib", None):
        machine["gpu memory at its highest"] = {_mib(max(map(float, peaks)))}
    return tuple({n: sorted(v) for n, v in sorted(d.items())} for d in (versions, machine))


def systems_markdown(
    systems: Mapping[str, Mapping[str, Any]], seeds: Mapping[str, Sequence[int]]
) -> str:
    """What each system is made of."""
    rows = []
    for name, system in systems.items():
        if distil := system.get("distil"):
            weights = distil["weights"]
            shown = weights if isinstance(weights, str) else ", ".join(map(str, weights))
            what = f"distilled from {', '.join(distil['teachers'])}"
            if several := distil.get("teacher_seeds"):
                what += f" of seeds {', '.join(map(str, several))}"
            what += f"; weights: {shown}"
        else:
            what = f"gold labels of {', '.join(system['train'])}"
            what += " and masked phrases in turn" if system.get("lakm") else ""
        changed = {**system.get("training", {}), **(system.get("distil") or {}).get("settings", {})}
        what += "".join(f"; {key} {value}" for key, value in changed.items())
        rows.append([name, what, ", ".join(map(str, seeds[name]))])
    return markdown_table(["system", "trained on", "seeds"], rows, 3)

"""The report, from files of a run written by hand; and the figures in it."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from browser import browser
from markupsafe import escape

from lbmrc.analysis.comparisons import COLUMNS
from lbmrc.report.charts.recovery import plot_recovery
from lbmrc.report.charts.style import save
from lbmrc.report.job_times import job_times
from lbmrc.report.markup import inline_svg, markdown
from lbmrc.report.page import Run, build
from lbmrc.report.page_tables import best_of_ours, explorer_links, linked_note
from lbmrc.report.paper_tables import SCORE_COLUMNS
from lbmrc.report.provenance import machines
from lbmrc.report.table_formats import NOT_COMPARABLE, Figures, Grid, Line, write_tables

PARTS = Path(__file__).parents[3] / "workflow/report"
VOID = {"meta", "br", "hr", "img", "link", "input"}


class Nesting(HTMLParser):
    """Checks that tags are closed in order; collects ids, links and texts."""

    def __init__(self):
        super().__init__()
        self.open, self.ids, self.links, self.texts = [], [], [], []

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [v for k, v in found.items() if k in ("href", "src", "xlink:href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        self.open.pop()

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)


def read(text):
    parser = Nesting()
    parser.feed(text)
    assert parser.open == []
    return parser


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("results")
    for name in ("tables", "figures", "benchmarks/train"):
        (folder / name).mkdir(parents=True)
    scores = pd.DataFrame(
        [
            ("baseline", 1, "mlqa", "test", "en", "en", 61.0, 75.0),
            ("a<b", 1, "mlqa", "test", "en", "en", 10.0, 20.0),
        ],
        columns=SCORE_COLUMNS,
    )
    compared = pd.DataFrame(
        [("mlqa", "test", "baseline", "a<b", "en", 9, 8, 3, 51, 40, 60, 0.01, 55, 45, 65, 0.01)],
        columns=COLUMNS,
    )
    compared.to_csv(folder / "tables/comparisons.csv", index=False)
    (folder / "tables/comparisons.md").write_text("# Comparisons\n\nintro\n\n## one\n\n## two\n")
    write_tables(folder / "tables", scores, False, [1, 2], compared)
    funnel = {"language": "es", "questions": 10, "kept": 7, "lost": {"empty": 3}}
    save(plot_recovery([funnel]), folder / "figures/recovery.svg")
    header = "s\th:m:s\tmax_rss\tmax_vms\tmax_uss\tmax_pss\tio_in\tio_out\tmean_load\tcpu_time\n"
    (folder / "benchmarks/train/baseline.seed-1.tsv").write_text(
        header + "90.5\t0:01:30\t512.0\t1\t1\t1\t0\t0\t99\t80.0\n"
    )
    (folder / "benchmarks/tables.tsv").write_text(
        header + "0.4\t0:00:00\tNA\tNA\tNA\tNA\tNA\tNA\tNA\tNA\n"
    )
    for number, version in enumerate(["2.13.0", "2.14.0"]):
        manifest = {
            "versions": {"torch": version},
            "machine": {"cpus": 2, "gpu": "H200", "gpu_peak_memory_mib": 1000 + number,
                        "malloc": {"MALLOC_A_": "1", "MALLOC_B_": "2"}},
            "result": {},
            "began": ("2026-02-01T10:00:00+00:00", "2026-01-30T23:59:59+00:00")[number],
            "commit": "0123456789ab" + number * "-dirty",
            "device": {"kind": "cuda", "name": "H200", "precision": "bf16 autocast"},
        }  # fmt: skip
        (folder / f"{number}.json").write_text(json.dumps(manifest))
    return folder


@pytest.fixture(scope="module")
def page(folder):
    return page_of(folder, same_data_as_paper=False)


def page_of(folder, same_data_as_paper):
    run = Run(
        name="by-hand",
        systems={"baseline": {"train": ["squad.en"]}, "a<b": {"distil": {
            "teachers": ["baseline"], "weights": [1.0], "settings": {"temperature": 4}}}},
        seeds={"baseline": [1], "a<b": [1]},
        languages=["en", "es"],
        same_data_as_paper=same_data_as_paper,
    )  # fmt: skip
    manifests = [folder / "0.json", folder / "1.json"]
    template, script = (
        (PARTS / name).read_text(encoding="utf-8") for name in ("report.html.j2", "report.js")
    )
    captions = {"recovery": "What <became>."}
    style = "body > p { margin: 0 }"
    return build(run, folder, [2, 1], captions, manifests, template, style, script)


def test_the_page_is_whole_and_needs_nothing_else(page):
    found = read(page)
    assert len(found.ids) == len(set(found.ids))
    outside = {link for link in found.links if not link.startswith("#")}
    assert {link[1:] for link in {*found.links} - outside} <= set(found.ids)
    beside = {link.partition("#")[0] for link in outside}
    assert "explorer.html" in beside <= {"explorer.html", "tables/comparisons.md"}
    assert not re.search(r"<script [^>]|<link|@import|url\((?!#)|src=", page)
    assert page.startswith("<!doctype html>") and "viewport" in page


def test_ours_the_papers_and_the_difference_stand_under_each_other(folder):
    page = page_of(folder, same_data_as_paper=True)
    page = re.sub(r"</?a\b[^>]*>", "", page)
    row = page[page.index('scope="row">Baseline') :]
    ours, paper, difference = re.findall(r"<td>(.+?)</td>", row)[0:13:6]
    assert ours == '<b class="best">61.0</b>▲ / <b class="best">75.0</b>▲'
    assert paper == "63.4 / 77.3"
    assert difference == "-2.4 / -2.3"
    assert str(escape(NOT_COMPARABLE)) not in page


def test_bold_is_the_best_of_ours_in_each_column_and_measure():
    def line(source, *cells):
        return Line("name", source, [c and Figures(*c) for c in cells])

    one, two = (60.04, 70.0), (50.0, 70.04)
    groups = [[line("ours", one, None), line("paper", (99.0, 99.0), one)], [line("ours", two, two)]]
    laid_out = Grid("Table 1", "MLQA", ["en", "es"], groups, "")
    assert best_of_ours(laid_out) == [("60.0", "70.0"), None]
    assert best_of_ours(replace(laid_out, groups=[[line("paper", one, two)]])) == []


def test_a_table_without_a_score_of_ours_stands_after_those_that_have_some(page):
    names = re.findall(r"<h3>(Table \d)", page)
    assert names == ["Table 1", "Table 2"]  # asked for as 2, 1


def test_a_note_links_to_the_intervals():
    link = '<a href="tables/comparisons.md">comparisons.md</a>'
    assert linked_note("a<b: in comparisons.md.") == f"a&lt;b: in {link}."
    assert linked_note("Bold") == "Bold"


def test_bold_is_explained(page):
    assert '<b class="best">61.0</b>' in page and '<b class="best">10.0</b>' not in page
    assert "<li>Bold: the best of ours in a column.</li>" in page


def test_our_figures_lead_to_their_questions_in_the_explorer(page):
    figures = (60.0, 70.0)
    ours = Line("w/o LBMRC", "ours", [Figures(*figures), None], ["without-en", "without-es"])
    paper = Line("", "paper", [Figures(*figures)] * 2)
    laid_out = Grid("Table 4", "MLQA", ["en", "es"], [[ours, paper]], "", benchmark="mlqa.test")
    address = "explorer.html#benchmark=mlqa.test&passage=en&language=en&system=without-en"
    assert explorer_links(laid_out, ours) == [address, ""]
    assert explorer_links(laid_out, paper) == ["", ""]
    assert escape(address.replace("without-en", "baseline")) in page
    assert "system=a%3Cb" in page


def test_figures_of_other_data_stand_beside_ours_without_a_difference(page):
    assert str(escape(NOT_COMPARABLE)) in page
    assert "63.4 / 77.3" in page and "-2.4 / -2.3" not in page
    assert "a&lt;b †" in page and "a<b" not in page


def test_data_are_escaped_and_style_svg_and_markdown_are_not(page):
    assert "What &lt;became&gt;." in page and "<became>" not in page
    assert "body > p { margin: 0 }" in page
    assert '<svg role="img" aria-label="What &lt;became&gt;." ' in page
    assert "<table>" in page


def test_an_svg_in_the_page_keeps_its_ids_apart(folder):
    drawn = read(inline_svg(folder / "figures/recovery.svg", 'a "caption"'))
    assert drawn.ids and all(id.startswith("recovery-") for id in drawn.ids)
    links = {link[1:] for link in drawn.links if not link.startswith("data:")}
    assert links <= set(drawn.ids)


def test_time_memory_and_what_was_run_are_there(page, folder):
    text = " ".join(read(page).texts)
    found = ["1 min 30 s", "512 MiB", "2.13.0, 2.14.0", "H200 (bf16 autocast)", "1,001 MiB"]
    found += [
        "MALLOC_A_=1, MALLOC_B_=2",
        "2026-01-30 to 2026-02-01",
        "0123456789ab, 0123456789ab-dirty",
    ]
    for part in found:
        assert part in text
    assert "distilled from baseline; weights: 1.0; temperature 4" in text
    frame = job_times(folder / "benchmarks").set_index("stage")
    assert frame.loc["train", "job"] == "baseline.seed-1"
    assert np.isnan(frame.loc["tables", "memory_mib"])
    versions, machine = machines([folder / "0.json"])
    assert versions == {"torch": ["2.13.0"]} and machine["gpu"] == ["H200"]


def test_only_the_first_part_of_an_analysis_is_unfolded(page):
    before, after = page.split("<summary>More</summary>")
    assert ">one</h3>" in before and ">two</h3>" in after.split("</details>")[0]


def test_markdown_loses_its_title_and_escapes_html():
    text = markdown("# Title\n\n<b>\n\n## Part\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n")
    assert "Title" not in text and "<b>" not in text
    assert "<h3>Part</h3>" in text and '<div class="scroll"' in text


@pytest.mark.slow
def test_a_click_on_a_header_sorts_systems_with_all_their_lines(folder, tmp_path):
    path = tmp_path / "report.html"
    path.write_text(page_of(folder, same_data_as_paper=True), encoding="utf-8")
    with browser() as window:
        window.size(1280, 800)
        window.open(path.as_uri())
        first = ".tables .table:first-child"
        own = window.texts(f"{first} tbody tr")
        header = f"{first} thead th:nth-child(3)"
        for score in (1, 0):  # F1, then exact match
            window.click(f"{header} button")
            rows = window.texts(f"{first} tbody tr")
            assert rows != own and sorted(rows) == sorted(own)
            figures = window.texts(f"{first} tr.first td:nth-child(3)")
            scores = [float(re.findall(r"[\d.]+", x)[score]) for x in figures if x != "-"]
            assert len(scores) > 4 and scores == sorted(scores, reverse=True)
            at = next(n for n, row in enumerate(rows) if row.startswith("Baseline"))
            assert "63.4 / 77.3" in rows[at + 1] and "-2.4 / -2.3" in rows[at + 2]
            assert len(window.texts("th[aria-sort=descending]")) == 1
        window.click(f"{header} button")
        assert window.texts(f"{first} tbody tr") == own
        assert window.texts("th[aria-sort]") == [] and window.errors() == []

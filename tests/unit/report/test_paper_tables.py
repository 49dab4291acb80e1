"""The six tables, from score files written by hand to what is printed."""

import json
import math
import shutil
import subprocess

import pandas as pd
import pytest

from lbmrc.common.errors import UserError
from lbmrc.report.paper_tables import (
    LAYOUTS,
    SCORE_COLUMNS,
    TABLE_COLUMNS,
    all_systems,
    collect,
    published,
    table,
    worth_showing,
)
from lbmrc.report.table_formats import (
    NOT_COMPARABLE,
    grid,
    render_terminal,
    to_latex,
    to_markdown,
    to_terminal,
    write_tables,
)


def scores(*rows):
    """Rows "system seed benchmark.split.context.question exact_match f1"."""
    records = []
    for row in rows:
        system, seed, cell, exact_match, f1 = row.split()
        records.append((system, int(seed), *cell.split("."), float(exact_match), float(f1)))
    return pd.DataFrame(records, columns=SCORE_COLUMNS)


def cell(frame, system, language):
    found = frame[(frame["system"] == system) & (frame["language"] == language)]
    assert len(found) == 1
    return found.iloc[0]


SOME = scores(
    "baseline 1 mlqa.test.en.en 60 70",
    "baseline 2 mlqa.test.en.en 64 71",
    "baseline 3 mlqa.test.en.en 62 75",
    "baseline 1 mlqa.test.en.de 1 2",
    "baseline 1 mlqa.dev.en.en 3 4",
    "baseline 1 xquad.test.en.en 61 81",
    "mixmrc-full 1 mlqa.test.hi.hi 33.25 44.5",
    "ours-without-de 1 mlqa.test.es.es 50 60",
    "without-lbmrc-es 1 mlqa.test.es.es 40 50",
    "without-lbmrc-es 1 mlqa.test.de.de 10 20",
    "without-lbmrc-de 1 mlqa.test.de.de 45 55",
)


def test_the_layouts_hold_exactly_the_same_data_as_paper():
    paper = published()
    assert len(paper) == 104
    for number, layout in LAYOUTS.items():
        part = paper[paper["table"] == number]
        assert set(part["benchmark"]) == {layout.benchmark}
        assert list(part["system"].unique()) == [row.system for row in layout.rows()]
        assert set(part["language"]) == set(layout.languages)


def test_same_data_as_paper_agree_with_the_paper_in_some_cells():
    paper = published().set_index(["table", "system", "language"])
    assert tuple(paper.loc[(1, "ours-imp", "es"), ["exact_match", "f1"]]) == (54.3, 72.0)
    assert tuple(paper.loc[(3, "mixmrc", "tr"), ["exact_match", "f1"]]) == (47.8, 65.8)


def test_a_cell_is_mean_deviation_and_seeds_beside_the_paper():
    frame = table(1, SOME)
    assert list(frame.columns) == TABLE_COLUMNS
    row = cell(frame, "baseline", "en")
    assert (row["exact_match"], row["f1"], row["seeds"]) == (62, 72, 3)
    assert row["exact_match_sd"] == pytest.approx(2)
    assert row["f1_sd"] == pytest.approx(math.sqrt(7))
    assert (row["paper_exact_match"], row["paper_f1"]) == (63.4, 77.3)


def test_one_seed_has_no_deviation():
    row = cell(table(2, SOME), "baseline", "en")
    assert (row["exact_match"], row["f1"], row["seeds"]) == (61, 81, 1)
    assert math.isnan(row["exact_match_sd"]) and math.isnan(row["f1_sd"])


def test_rows_of_the_paper_that_are_not_run_stay_without_ours():
    row = cell(table(1, SOME), "lewis-translate-train", "vi")
    assert row["seeds"] == 0
    assert math.isnan(row["exact_match"]) and math.isnan(row["f1"])
    assert (row["paper_exact_match"], row["paper_f1"]) == (39.4, 59.3)


def test_what_neither_has_is_no_row():
    frame = table(1, SOME)
    assert set(frame[frame["system"] == "lakm"]["language"]) == {"en", "es", "de"}


def test_our_own_systems_follow_in_tables_1_to_3_alone():
    row = cell(table(1, SOME), "mixmrc-full", "hi")
    assert (row["exact_match"], row["f1"]) == (33.25, 44.5)
    assert math.isnan(row["paper_f1"])
    assert table(1, SOME)["system"].iloc[-1] == "mixmrc-full"
    for number in (4, 5, 6):
        assert "mixmrc-full" not in set(table(number, SOME)["system"])
    assert "ours-without-de" not in set(table(1, SOME)["system"])


def test_without_lbmrc_is_a_model_a_language():
    frame = table(4, SOME)
    assert cell(frame, "without-lbmrc", "es")["f1"] == 50
    assert cell(frame, "without-lbmrc", "de")["f1"] == 55
    assert cell(frame, "baseline", "en")["f1"] == 72


def test_ablations_share_their_first_row_with_table_1():
    frame = table(6, SOME)
    assert cell(frame, "ours-without-de", "es")["f1"] == 60
    assert cell(frame, "ours-imp", "en")["paper_f1"] == 79.2


def test_all_systems_hold_every_split_but_no_other_question_language():
    frame = all_systems(SOME)
    assert len(frame) == 8
    dev = frame[frame["split"] == "dev"]
    assert list(dev["f1"]) == [4]


def test_a_table_is_shown_if_what_it_is_about_was_run():
    def shown(*rows):
        return [n for n in LAYOUTS if worth_showing(n, table(n, scores(*rows)))]

    assert shown("baseline 1 mlqa.test.en.en 60 70") == [1]
    assert shown("baseline 1 xquad.test.en.en 60 70") == [2]
    assert shown("ours-imp 1 xquad.test.tr.tr 60 70") == [3]
    assert shown("without-lbmrc-es 1 mlqa.test.es.es 60 70") == [4]
    assert shown("teacher-es 1 mlqa.test.es.es 60 70") == [5]
    assert shown("ours-imp 1 mlqa.test.es.es 60 70") == [1]
    assert shown("ours-only-en 1 mlqa.test.es.es 60 70") == [6]
    assert shown("ours-imp 1 mlqa.dev.es.es 60 70") == []


def score_file(folder, name, **changes):
    content = {
        "system": "baseline",
        "seed": 42,
        "benchmark": "mlqa",
        "split": "test",
        "passage_language": "es",
        "question_language": "es",
        "exact_match": 50.0,
        "f1": 61.5,
    } | changes
    path = folder / name
    path.write_text(json.dumps({k: v for k, v in content.items() if v is not None}))
    return path


def test_score_files_are_collected_in_order(tmp_path):
    files = [score_file(tmp_path, "a.json", seed=2), score_file(tmp_path, "b.json", seed=1)]
    frame = collect(files)
    assert list(frame.columns) == SCORE_COLUMNS
    assert list(frame["seed"]) == [2, 1]
    assert cell(table(1, frame), "baseline", "es")["f1"] == 61.5


def test_bad_score_files_are_named(tmp_path):
    good = score_file(tmp_path, "good.json")
    with pytest.raises(UserError, match=r"bad\.json: no split, f1"):
        collect([good, score_file(tmp_path, "bad.json", f1=None, split=None)])
    with pytest.raises(UserError, match=r"again\.json: scores the same as .*good\.json"):
        collect([good, score_file(tmp_path, "again.json", f1=1.0)])
    (tmp_path / "cut.json").write_text('{"f1": ')
    with pytest.raises(UserError, match=r"cut\.json: not valid JSON"):
        collect([tmp_path / "cut.json"])


def lines_of(text, label):
    lines = text.splitlines()
    start = next(n for n, line in enumerate(lines) if line.removeprefix("| ").startswith(label))
    return [[c for c in line.replace("|", " ").split("  ") if c.strip()] for line in lines[start:]]


def test_markdown_has_the_papers_layout():
    text = to_markdown(grid(1, table(1, SOME), same_data_as_paper=True))
    assert text.startswith("### Table 1: MLQA (EM / F1)\n")
    ours, paper, *_ = lines_of(text, "Baseline")
    assert [t.strip() for t in ours[1:3]] == ["ours", "62.0±2.0 / 72.0±2.6"]
    assert [t.strip() for t in paper[:2]] == ["paper", "63.4 / 77.3"]
    assert "mixmrc-full †" in text and "† Not in the paper." in text
    assert "Lewis¶" in text and "MLQA's translate-train" in text
    assert "Yuan et al. (2020)'s own" in text
    assert "Ours: mean of 1 to 3 seeds" in text
    assert NOT_COMPARABLE not in text


def test_notes_say_what_a_row_shares_and_what_has_none():
    def text(number):
        return to_markdown(grid(number, table(number, SOME), same_data_as_paper=True))

    assert "w/ mix share their teachers" in text(6)
    assert "compared with translate-train" in text(1)
    for number in (1, 2, 3):
        assert "λ2 = 0 has no row" in text(number) and "mixmrc-full" in text(number)


def test_columns_of_markdown_are_even():
    for number in LAYOUTS:
        text = to_markdown(grid(number, table(number, SOME), same_data_as_paper=True))
        rows = [line for line in text.splitlines() if line.startswith("|")]
        assert len({len(row) for row in rows}) == 1
        assert {row.count("|") for row in rows} == {len(LAYOUTS[number].languages) + 3}


@pytest.mark.parametrize("number", LAYOUTS)
def test_other_data_are_named_on_the_face_of_each_table(number):
    other = grid(number, table(number, SOME), same_data_as_paper=False)
    assert NOT_COMPARABLE in to_markdown(other)
    assert NOT_COMPARABLE in to_latex(other)


@pytest.mark.parametrize("number", LAYOUTS)
def test_latex_is_ascii_and_balanced(number):
    frame = table(number, pd.concat([SOME, scores("my_own 1 mlqa.test.en.en 99.5 100")]))
    text = to_latex(grid(number, frame, same_data_as_paper=True))
    assert text.isascii()
    assert text.count("{") == text.count("}")
    assert text.count("$") % 2 == 0
    columns = len(LAYOUTS[number].languages) + 2
    body = text[text.index("\\cmidrule") : text.index("\\bottomrule")].splitlines()[1:]
    assert {line.count(" & ") for line in body if line.endswith("\\\\")} == {columns - 1}
    for command in ("toprule", "midrule", "bottomrule"):
        assert f"\\{command}" in text
    if number == 1:
        assert "my\\_own \\dag{} & ours & 99.5 / 100.0" in text
        assert "62.0$_{\\pm 2.0}$ / 72.0$_{\\pm 2.6}$" in text


@pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no LaTeX (pdflatex) here")
def test_latex_compiles(tmp_path):
    tables = "".join(
        to_latex(grid(number, table(number, SOME), same_data_as_paper=False)) for number in LAYOUTS
    )
    (tmp_path / "tables.tex").write_text(
        "\\documentclass{article}\\usepackage{booktabs}\\begin{document}"
        f"{tables}\\end{{document}}"
    )
    result = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "tables.tex"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-2000:]


def test_the_terminal_is_never_too_wide():
    languages = ["en", "es", "de", "ar", "hi", "vi", "el", "ru", "tr"]
    many = scores(
        *(
            f"{system} {seed} {benchmark}.test.{x}.{x} {40 + seed}.25 {50 + seed}.5"
            for system in ["baseline", "a-system-with-quite-a-name", "ours-imp-as-printed"]
            for seed in [1, 2, 3]
            for benchmark in ["mlqa", "xquad"]
            for x in languages
        )
    )
    for width in (60, 80, 100, 120, 250):
        text = render_terminal(many, same_data_as_paper=False, width=width)
        assert max(map(len, text.splitlines())) <= width
        for heading in ["Table 1: MLQA", "Table 3: XQuAD", "All systems: XQuAD test"]:
            assert heading in text
        assert "Table 4" not in text and "Table 5" not in text
        assert " ".join(text.split()).count(NOT_COMPARABLE) == 1
    assert "42.2±1.0 / 52.5±1.0" in text


def test_a_narrow_terminal_loses_no_figure():
    rows = [
        f"baseline 1 xquad.test.{x}.{x} 1{n}.5 2{n}.5"
        for n, x in enumerate(["en", "es", "de", "ar", "hi", "vi", "el", "ru", "tr"])
    ]
    wide = render_terminal(scores(*rows), same_data_as_paper=True, width=200)
    narrow = render_terminal(scores(*rows), same_data_as_paper=True, width=48)
    for n in range(9):
        assert f"1{n}.5 / 2{n}.5" in wide
        assert f"1{n}.5/2{n}.5" in narrow.replace(" / ", "/")
    assert "NOTE" not in wide


def test_terminal_lines_stand_under_each_other():
    text = to_terminal(grid(5, table(5, SOME), same_data_as_paper=True))
    header = next(line for line in text.splitlines() if line.startswith("System"))
    row = next(line for line in text.splitlines() if line.startswith("Es "))
    assert len(header) == len(row)
    assert "Ours: not run." in text


def test_files_are_written_and_read_back(tmp_path):
    write_tables(tmp_path, SOME, same_data_as_paper=False, numbers=[1, 2, 3, 5])
    names = {
        f"{t}.{e}"
        for t in ["table1", "table2", "table3", "table5", "all"]
        for e in ["csv", "md", "tex"]
    }
    assert {path.name for path in tmp_path.iterdir()} == names
    frame = pd.read_csv(tmp_path / "table1.csv")
    pd.testing.assert_frame_equal(frame, table(1, SOME))
    header, first = (tmp_path / "table1.csv").read_text().splitlines()[:2]
    assert header == ",".join(TABLE_COLUMNS)
    assert first == "mlqa,lewis-translate-train,en,,,,,0,62.4,74.9"
    before = (tmp_path / "all.md").read_bytes()
    write_tables(tmp_path, SOME, same_data_as_paper=False, numbers=[1], note="On two devices.")
    for name in ("table1.md", "table1.tex", "all.md", "all.tex"):
        assert "On two devices." in (tmp_path / name).read_text()
    write_tables(tmp_path, SOME, same_data_as_paper=False, numbers=[1])
    assert (tmp_path / "all.md").read_bytes() == before

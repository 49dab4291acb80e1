"""The one screen at the end of a run."""

import pandas as pd
import pytest

from lbmrc.report.paper_tables import LAYOUTS, SCORE_COLUMNS
from lbmrc.report.summary import locations, main_table

CELLS = [(language, 61.0, 75.0) for language in ("en", "es", "de", "ar", "hi", "vi")]


def scores(system, benchmark="mlqa"):
    rows = [
        (system, 1, benchmark, "test", language, language, em, f1) for language, em, f1 in CELLS
    ]
    return pd.DataFrame(rows, columns=SCORE_COLUMNS)


def test_ours_stand_alone_where_the_papers_figures_do_not_compare():
    text = main_table(scores("baseline"), False, LAYOUTS)
    rows = [line for line in text.splitlines() if "/" in line]
    assert text.startswith("Table 1: MLQA")
    assert [row.split()[0] for row in rows[1:]] == ["Baseline"]
    assert "63.4" not in text and "ours" not in text and "Ours: one seed." in text


def test_the_papers_figures_stand_under_ours_where_they_compare():
    text = main_table(scores("baseline"), True, LAYOUTS, note="A note.")
    assert "63.4" in text and "A note." in text
    assert not any(note in " ".join(text.split()) for note in LAYOUTS[1].notes)


@pytest.mark.parametrize("same", [True, False])
def test_it_fits_a_screen(same):
    every = pd.concat(scores(name) for group in LAYOUTS[1].groups for name in
                      (row.system for row in group))  # fmt: skip
    lines = main_table(every, same, LAYOUTS).splitlines()
    assert len(lines) < 35 and max(map(len, lines)) <= 100


def test_without_a_table_of_the_papers_it_is_that_of_all_systems():
    text = main_table(scores("mine", "xquad"), True, [5, 6])
    assert text.startswith("All systems: XQuAD test") and "mine" in text


def test_places():
    places = locations("results/mini")
    assert "results/mini/report.html\n" in places and "results/mini/explorer.html," in places

"""Comparisons of systems, from scores of questions written by hand to the marks in a table."""

import pandas as pd
import pytest

from lbmrc.analysis.comparisons import COLUMNS, Marks, compare, marks, marks_legend, to_markdown
from lbmrc.common.errors import UserError
from lbmrc.report.paper_tables import SCORE_COLUMNS, table
from lbmrc.report.table_formats import grid, to_latex
from lbmrc.report.table_formats import to_markdown as table_markdown


def questions(system, seed, language, f1, benchmark="mlqa", question=None):
    """One question a score: ids q0, q1, ..."""
    return pd.DataFrame(
        {
            "system": system,
            "seed": seed,
            "benchmark": benchmark,
            "split": "test",
            "passage_language": language,
            "question_language": question or language,
            "id": [f"q{n}" for n in range(len(f1))],
            "exact_match": [int(score == 1) for score in f1],
            "f1": f1,
        }
    )


SOME = pd.concat(
    [
        questions("ours", 1, "en", [1, 1, 1, 0.5] * 10),
        questions("ours", 2, "en", [1, 1, 0.5, 0.5] * 10),
        questions("base", 1, "en", [0.5, 0.5, 0.5, 0.5] * 10),
        questions("ours", 1, "es", [1, 0.0] * 5),
        questions("ours", 2, "es", [1, 0.0] * 5),
        questions("base", 1, "es", [0.0, 1] * 5),
        questions("ours", 1, "es", [0.0] * 9, question="en"),
    ]
)


def line(frame, language):
    return frame.set_index("language").loc[language]


def test_a_difference_is_between_means_over_seeds():
    frame = compare(SOME, [["ours", "base"]], draws=500)
    assert list(frame.columns) == COLUMNS
    assert list(frame["language"]) == ["en", "es", "mean"]
    english = line(frame, "en")
    assert english["questions"] == 40
    assert english["f1"] == pytest.approx(100 * (1 + 1 + 0.75 + 0.5) / 4 - 50)
    assert english["exact_match"] == pytest.approx(100 * (1 + 1 + 0.5) / 4)
    assert 0 < english["f1_low"] < english["f1"] < english["f1_high"]
    spanish = line(frame, "es")
    assert spanish["f1"] == pytest.approx(0)
    assert spanish["f1_low"] < 0 < spanish["f1_high"]


def test_the_mean_is_over_languages_and_draws_questions_by_id():
    frame = compare(SOME, [["ours", "base"]], draws=500)
    assert line(frame, "mean")["f1"] == pytest.approx(frame["f1"][:2].mean())
    # the same scores in two languages are no more evidence than in one
    ours = [questions("ours", 1, x, [1, 0.0, 0.5] * 10) for x in ("en", "es")]
    base = [questions("base", 1, x, [0.2, 0.1, 0.3] * 10) for x in ("en", "es")]
    twice = compare(pd.concat(ours + base), [["ours", "base"]], draws=2000)
    for bound in ("f1_low", "f1_high"):
        assert line(twice, "mean")[bound] == pytest.approx(line(twice, "en")[bound])


def test_the_order_of_questions_does_not_matter_and_others_are_refused():
    shuffled = SOME.sample(frac=1, random_state=1)
    pd.testing.assert_series_equal(
        line(compare(shuffled, [["ours", "base"]], draws=50), "en")[["f1", "exact_match"]],
        line(compare(SOME, [["ours", "base"]], draws=50), "en")[["f1", "exact_match"]],
    )
    with pytest.raises(UserError, match=r"ours and base were not scored on the same .* mlqa test"):
        compare(pd.concat([SOME, questions("base", 1, "de", [1.0])]), [["ours", "base"]])


COMPARED = pd.DataFrame(
    [
        ("mlqa", "test", "ours-imp", "mixmrc", "en", 9, 2, 1, 3, -1, -2, 1),
        ("mlqa", "test", "ours-imp", "mixmrc", "es", 9, -2, -3, -1, -2, -3, -0.5),
        ("mlqa", "test", "ours-imp", "baseline", "es", 9, 2, 1, 3, 2, 1, 3),
        ("xquad", "test", "ours-imp", "mixmrc", "en", 9, -2, -3, -1, 2, 1, 3),
    ],
    columns=COLUMNS,
)


def test_marks_are_of_the_first_comparison_and_of_intervals_without_zero():
    assert marks(COMPARED, "mlqa", "test") == {
        ("ours-imp", "en"): Marks("▲", ""),
        ("ours-imp", "es"): Marks("▼", "▼"),
    }
    assert marks(COMPARED, "mlqa", "dev") == {}
    assert "ours-imp with mixmrc" in marks_legend(COMPARED, ["baseline", "ours-imp"])
    assert marks_legend(COMPARED, ["baseline"]) == ""


def test_tables_bear_the_marks_and_explain_them():
    records = [("ours-imp", 1, "mlqa", "test", x, x, 60.0, 70.0) for x in ("en", "es", "de")]
    scores = pd.DataFrame(records, columns=SCORE_COLUMNS)
    marked = grid(1, table(1, scores), True, COMPARED)
    text = table_markdown(marked)
    assert "60.0▲ / 70.0 " in text and "60.0▼ / 70.0▼" in text and "60.0 / 70.0 " in text
    assert "▲, ▼: better, worse" in text
    latex = to_latex(marked)
    assert latex.isascii() and r"60.0$\uparrow$ / 70.0" in latex
    assert "▲" not in table_markdown(grid(1, table(1, scores), True))


def test_markdown_says_differences_with_intervals():
    text = to_markdown(COMPARED)
    assert "## ours-imp against mixmrc: mlqa test" in text
    assert "+2.0 [+1.0, +3.0]▲" in text and "-1.0 [-2.0, +1.0] " in text
    nothing = compare(SOME, [])
    assert list(nothing.columns) == COLUMNS and len(nothing) == 0
    assert "names no `comparisons`" in to_markdown(nothing)

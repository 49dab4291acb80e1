"""Comparisons of systems, from scores of questions written by hand to the marks in a table."""

import pandas as pd
import pytest

from lbmrc.analysis.comparisons import (
    COLUMNS,
    Marked,
    Marks,
    compare,
    legend,
    mark,
    passage_clusters,
    to_markdown,
)
from lbmrc.common.errors import UserError
from lbmrc.report.paper_tables import SCORE_COLUMNS, table
from lbmrc.report.table_formats import grid, to_latex
from lbmrc.report.table_formats import to_markdown as table_markdown


def questions(system, seed, language, f1, benchmark="mlqa", question=None, per_passage=1):
    """One question per score: ids q0, q1, ..."""
    return pd.DataFrame(
        {
            "system": system,
            "seed": seed,
            "benchmark": benchmark,
            "split": "test",
            "passage_language": language,
            "question_language": question or language,
            "id": [f"q{n}" for n in range(len(f1))],
            "passage_id": [f"{language}/{n // per_passage}" for n in range(len(f1))],
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


def test_the_mean_is_over_languages_and_draws_a_passage_with_its_translations():
    frame = compare(SOME, [["ours", "base"]], draws=500)
    assert line(frame, "mean")["f1"] == pytest.approx(frame["f1"][:2].mean())
    # the same scores in two languages are no more evidence than in one
    ours = [questions("ours", 1, x, [1, 0.0, 0.5] * 10) for x in ("en", "es")]
    base = [questions("base", 1, x, [0.2, 0.1, 0.3] * 10) for x in ("en", "es")]
    twice = compare(pd.concat(ours + base), [["ours", "base"]], draws=2000)
    for bound in ("f1_low", "f1_high"):
        assert line(twice, "mean")[bound] == pytest.approx(line(twice, "en")[bound])


def width(frame):
    return (frame["f1_high"] - frame["f1_low"]).iloc[0]


def test_questions_on_one_passage_are_drawn_together():
    def compared(per_passage):
        scores = [1.0] * 5 + [0.0] * 5
        parts = [
            questions(name, 1, "en", f1, per_passage=per_passage)
            for name, f1 in (("ours", scores * 8), ("base", [0.5] * 80))
        ]
        return compare(pd.concat(parts), [["ours", "base"]], draws=2000)

    alone, together = compared(1), compared(5)
    assert (alone["passages"].item(), together["passages"].item()) == (80, 16)
    # Of questions that are right or wrong by passages of five, 16 are independent, not 80.
    assert width(together) / width(alone) == pytest.approx(5**0.5, rel=0.1)


def test_seeds_that_differ_widen_the_interval():
    def compared(*seeds):
        parts = [questions("ours", n, "en", f1) for n, f1 in enumerate(seeds)]
        parts += [questions("base", n, "en", [0.5] * 40) for n in range(len(seeds))]
        return compare(pd.concat(parts), [["ours", "base"]], draws=2000)

    alike = compared([1, 0.0] * 20, [1, 0.0] * 20)
    apart = compared([1, 1.0] * 20, [0, 0.0] * 20)
    assert (alike["seeds"] == 2).all() and (apart["seeds"] == 2).all()
    assert apart["f1"].item() == alike["f1"].item() == 0
    assert width(apart) == pytest.approx(100)
    assert width(alike) < 40


def test_one_seed_has_an_interval_and_no_p_value():
    frame = compare(SOME, [["ours", "base"]], draws=500)
    assert (frame["seeds"] == 1).all()
    assert frame[["exact_match_p", "f1_p"]].isna().all(axis=None)
    both = pd.concat([SOME, SOME[SOME["system"] == "base"].assign(seed=2)])
    frame = compare(both, [["ours", "base"]], draws=500)
    assert (frame["seeds"] == 2).all()
    assert frame[["exact_match_p", "f1_p"]].notna().all(axis=None)
    few = both[both["id"].isin([f"q{n}" for n in range(5)])]
    frame = compare(few, [["ours", "base"]], draws=500)
    assert (frame["passages"] == 5).all() and frame["f1_p"].isna().all()


def test_a_cluster_is_a_passage_with_its_translations():
    keys = pd.DataFrame(
        [
            ("en", "A/0", "1"),
            ("en", "A/0", "2"),
            ("en", "A/1", "3"),
            ("es", "a/0", "1"),
            ("es", "a/1", "2"),
            ("es", "A/1", "4"),  # the same name as the English A/1, but no question in common
            ("de", "x/0", "4"),
        ],
        columns=["passage_language", "passage_id", "id"],
    )
    clusters = passage_clusters(keys)
    groups = {frozenset(part.index) for _, part in clusters.groupby(clusters)}
    assert groups == {
        frozenset([("en", "1"), ("en", "2"), ("es", "1"), ("es", "2")]),
        frozenset([("en", "3")]),
        frozenset([("es", "4"), ("de", "4")]),
    }
    shuffled = passage_clusters(keys.sample(frac=1, random_state=1))
    pd.testing.assert_series_equal(shuffled.sort_index(), clusters.sort_index())


def test_the_order_of_questions_does_not_matter_and_others_are_refused():
    columns = [column for column in COLUMNS if column != "language"]
    frames = [compare(some, [["ours", "base"]], draws=50) for some in
              (SOME.sample(frac=1, random_state=1), SOME)]  # fmt: skip
    for language in ("en", "es", "mean"):
        first, second = (line(frame, language)[columns] for frame in frames)
        pd.testing.assert_series_equal(first, second)
    with pytest.raises(UserError, match=r"ours and base were not scored on the same .* mlqa test"):
        compare(pd.concat([SOME, questions("base", 1, "de", [1.0])]), [["ours", "base"]])


def compared(*rows):
    """Rows "benchmark system against language seeds EM p F1 p", intervals around them."""
    records = []
    for row in rows:
        benchmark, system, against, language, seeds, *numbers = row.split()
        exact_match, p, f1, q = map(float, numbers)
        record = [benchmark, "test", system, against, language, 9, 8, int(seeds)]
        record += [exact_match, exact_match - 1, exact_match + 1, p, f1, f1 - 1, f1 + 1, q]
        records.append(record)
    return pd.DataFrame(records, columns=COLUMNS)


COMPARED = compared(
    "mlqa ours-imp mixmrc en 3 2 .001 -1 .4",
    "mlqa ours-imp mixmrc es 3 -2 .001 -2 .002",
    "mlqa ours-imp mixmrc mean 3 9 .0001 9 .0001",
    "mlqa ours-imp baseline es 3 2 .001 2 .001",
    "xquad ours-imp mixmrc en 3 -2 .001 2 .001",
)
BOTH = [("ours-imp", "en"), ("ours-imp", "es"), ("baseline", "en")]


def test_marks_are_of_the_first_comparison_and_of_cells_in_the_table():
    marked = mark(COMPARED, "mlqa", "test", BOTH)
    assert marked == Marked(
        {("ours-imp", "en"): Marks("▲", ""), ("ours-imp", "es"): Marks("▼", "▼")},
        {"ours-imp": "mixmrc"},
        tested=4,
        untested=0,
    )
    text = legend(marked)
    assert "(ours-imp with mixmrc)" in text
    assert "for the 4 comparisons of this table" in text and "of which 3 are marked" in text
    assert mark(COMPARED, "mlqa", "dev", BOTH) == Marked({}, {}, 0, 0)
    assert legend(mark(COMPARED, "mlqa", "test", [("baseline", "en")])) == ""


def test_the_more_comparisons_a_table_makes_the_less_is_significant():
    rows = [f"mlqa ours-imp mixmrc x{n} 3 2 .011 2 {p}" for n, p in enumerate([0.5, 0.6, 0.9])]
    few = mark(compared(*rows[:1]), "mlqa", "test", [("ours-imp", "x0")])
    assert few.cells["ours-imp", "x0"] == Marks("▲", "")
    many = mark(compared(*rows), "mlqa", "test", [("ours-imp", f"x{n}") for n in range(3)])
    assert many.tested == 6
    assert set(many.cells.values()) == {Marks()}


def test_one_seed_is_not_marked():
    single = compared("mlqa ours-imp mixmrc en 1 20 nan 20 nan", "mlqa b mixmrc en 3 2 .01 2 .3")
    marked = mark(single, "mlqa", "test", [("ours-imp", "en"), ("b", "en")])
    assert marked.cells["ours-imp", "en"] == Marks()
    assert marked.cells["b", "en"] == Marks("▲", "")
    assert (marked.tested, marked.untested) == (2, 2)
    assert "2 comparisons are not tested and get no mark: a single seed" in legend(marked)
    text = to_markdown(single)
    assert "+20.0 [+19.0, +21.0] " in text and "holds no training noise" in text
    assert "no training noise" not in to_markdown(COMPARED)


def test_tables_bear_the_marks_and_explain_them():
    records = [("ours-imp", 1, "mlqa", "test", x, x, 60.0, 70.0) for x in ("en", "es", "de")]
    scores = pd.DataFrame(records, columns=SCORE_COLUMNS)
    marked = grid(1, table(1, scores), True, COMPARED)
    text = table_markdown(marked)
    assert "60.0▲ / 70.0 " in text and "60.0▼ / 70.0▼" in text and "60.0 / 70.0 " in text
    assert "▲, ▼: significantly better, worse" in text
    latex = to_latex(marked)
    assert latex.isascii() and r"60.0$\uparrow$ / 70.0" in latex
    assert "▲" not in table_markdown(grid(1, table(1, scores), True))


def test_a_row_made_of_several_systems_bears_the_marks_of_each():
    cells = [("without-lbmrc-es", "es", 40.0), ("without-lbmrc-de", "de", 45.0)]
    records = [(system, 1, "mlqa", "test", x, x, f1, f1) for system, x, f1 in cells]
    found = compared(
        "mlqa without-lbmrc-es baseline es 3 -5 .001 -5 .001",
        "mlqa without-lbmrc-es baseline de 3 5 .001 5 .001",
        "mlqa without-lbmrc-de baseline de 3 -5 .001 -5 .9",
    )
    scores = pd.DataFrame(records, columns=SCORE_COLUMNS)
    text = table_markdown(grid(4, table(4, scores), True, found))
    assert "40.0▼ / 40.0▼" in text and "45.0▼ / 45.0 " in text
    assert "for the 4 comparisons" in text
    assert "without-lbmrc-es with baseline, without-lbmrc-de with baseline" in text


def test_markdown_shows_differences_with_intervals():
    text = to_markdown(COMPARED)
    assert "## ours-imp against mixmrc: mlqa test" in text
    assert "+2.0 [+1.0, +3.0]▲" in text and "-1.0 [-2.0, +0.0] " in text
    assert text.count("+9.0 [+8.0, +10.0]▲") == 2
    assert "2 comparisons, 2 of them marked." in text  # the mean
    assert "4 comparisons, 3 of them marked." in text  # ours-imp against mixmrc, MLQA
    nothing = compare(SOME, [])
    assert list(nothing.columns) == COLUMNS and len(nothing) == 0
    assert "names no `comparisons`" in to_markdown(nothing)

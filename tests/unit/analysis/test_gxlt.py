"""Passage × question language, from scores written by hand."""

import pandas as pd
import pytest

from lbmrc.analysis import gxlt
from lbmrc.report.paper_tables import SCORE_COLUMNS

F1 = {"en": {"en": 80, "es": 74}, "es": {"en": 60, "es": 58}}


def scores(seeds=(1, 2)):
    rows = [
        ("ours", seed, "mlqa", "test", context, question, f1 - 10 + seed, f1 + seed)
        for seed in seeds
        for context, questions in F1.items()
        for question, f1 in questions.items()
    ]
    rows += [("ours", seed, "xquad", "test", x, x, 50.0, 60.0) for seed in seeds for x in F1]
    return pd.DataFrame(rows, columns=SCORE_COLUMNS)


def test_only_benchmarks_that_pair_languages_have_a_matrix():
    frame = gxlt.matrices(scores())
    assert set(frame["benchmark"]) == {"mlqa"}
    square = gxlt.matrix(frame, "f1")
    assert list(square.index) == list(square.columns) == ["en", "es"]
    assert square.loc["es", "en"] == pytest.approx(61.5)
    assert frame["f1_sd"].iloc[0] == pytest.approx(0.5**0.5)
    assert set(frame["seeds"]) == {2}


def test_variance_is_shared_out():
    variance = gxlt.variance(gxlt.matrices(scores([1]))).set_index("measure")
    # means: passages 77 and 59, questions 70 and 66, all 68; the seed adds 1 everywhere
    total = sum((f1 - 68) ** 2 for row in F1.values() for f1 in row.values())
    assert variance.loc["f1", "passage_language"] == pytest.approx(4 * 9**2 / total)
    assert variance.loc["f1", "question_language"] == pytest.approx(4 * 2**2 / total)
    assert variance.loc[
        "f1", ["passage_language", "question_language", "rest"]
    ].sum() == pytest.approx(1)
    assert variance.loc["f1", "deviation"] == pytest.approx((total / 4) ** 0.5)


def test_markdown_has_passages_down_and_questions_across():
    frame = gxlt.matrices(scores([1]))
    lines = gxlt.to_markdown(frame, gxlt.variance(frame)).splitlines()
    assert "| passage | en   | es   |" in lines
    assert "| es      | 61.0 | 59.0 |" in lines

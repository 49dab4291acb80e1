"""Teachers that agree, differ, and are right together: by hand."""

import numpy as np
import pandas as pd
import pytest

from lbmrc.analysis.diversity import COLUMNS, by_student, diversity, to_markdown
from lbmrc.common.errors import UserError

GOLD = "x"


def frame(system, seed, answers):
    count = len(answers)
    return pd.DataFrame(
        {
            "system": system,
            "seed": seed,
            "benchmark": "xquad",
            "split": "test",
            "passage_language": "en",
            "question_language": "en",
            "id": [f"q{n}" for n in range(count)],
            "passage_id": [f"p{n}" for n in range(count)],
            "exact_match": [int(answer == GOLD) for answer in answers],
            "prediction": list(answers),
        }
    )


# question:      0 1 2 3 4 5 6 7
RUNS = {
    ("t-en", 1): "xxxxabxa",
    ("t-es", 1): "xxxabbxa",
    ("t-de", 1): "xxabccxx",
    ("ours", 1): "xxxxabxa",
}
QUESTIONS = pd.concat([frame(*run, answers) for run, answers in RUNS.items()])
STUDENTS = {"ours": [(1, [("t-en", 1), ("t-es", 1), ("t-de", 1)])]}


def test_the_measures_of_one_set_of_teachers():
    (row,) = by_student(QUESTIONS, STUDENTS, draws=50).itertuples()
    # pairs that differ: en-es 3, 4; en-de 2 3 4 5 7; es-de 2 3 4 5 7
    assert row.disagreement == pytest.approx(100 * (2 + 5 + 5) / 24)
    assert row.oracle == pytest.approx(100 * 6 / 8)
    assert row.teacher == pytest.approx(100 * (5 + 4 + 4) / 24)
    assert row.student_score == pytest.approx(100 * 5 / 8)
    # alike: 0, 1 and 6, all right, the student too
    assert row.gain_agreed == 0
    disputed = [1 - 2 / 3, 1 - 1 / 3, 0, 0, 0 - 1 / 3]
    assert row.gain_disputed == pytest.approx(100 * np.mean(disputed))
    right = np.array([[c == GOLD for c in RUNS[(f"t-{x}", 1)]] for x in ("en", "es", "de")], float)
    pairs = np.corrcoef(right)[np.triu_indices(3, 1)]
    assert row.error_correlation == pytest.approx(pairs.mean(), abs=1e-6)
    assert row.disagreement_low <= row.disagreement <= row.disagreement_high
    assert row.teachers == "t-de, t-en, t-es"


def test_equal_teachers_do_not_differ():
    answers = np.array([list("xxab")] * 2)
    found = diversity(answers, (answers == GOLD).astype(float), np.array([1.0, 1, 1, 0]))
    assert not found.disagreement.any()
    assert found.error_correlation == pytest.approx(1)
    assert list(found.gain) == [0, 0, 1, 0]
    always = np.ones((2, 4))
    assert np.isnan(diversity(answers, always, np.ones(4)).error_correlation)


def test_the_table_has_a_row_for_each_student():
    found = by_student(QUESTIONS, STUDENTS, draws=20)
    assert list(found.columns) == COLUMNS
    assert "| ours    | t-de, t-en, t-es |" in to_markdown(found)


def test_a_teacher_that_was_not_scored_on_a_question_is_refused():
    missing = QUESTIONS[(QUESTIONS["system"] != "t-de") | (QUESTIONS["id"] != "q3")]
    with pytest.raises(UserError, match="not scored on the same questions"):
        by_student(missing, STUDENTS, draws=10)

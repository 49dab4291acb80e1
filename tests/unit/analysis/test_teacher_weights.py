"""Impurity weights and agreement with gold, against scipy and against the student's own weights."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import scipy.special
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.analysis.teacher_weights import (
    Ragged,
    analyse,
    best_tokens,
    impurities,
    to_markdown,
    weights,
)
from lbmrc.common.errors import UserError


@given(st.lists(st.integers(1, 9), min_size=1, max_size=8), st.integers(0, 1000))
def test_impurity_and_best_token_are_scipys_and_numpys(sizes, seed):
    parts = [np.random.default_rng(seed + n).normal(0, 4, n_) for n, n_ in enumerate(sizes)]
    ragged = Ragged(np.concatenate(parts), np.array(sizes))
    expected = [scipy.stats.entropy(scipy.special.softmax(part)) for part in parts]
    np.testing.assert_allclose(impurities(ragged), expected, atol=1e-12)
    np.testing.assert_array_equal(best_tokens(ragged), [part.argmax() for part in parts])


def test_of_equal_logits_the_first_is_best():
    np.testing.assert_array_equal(
        best_tokens(Ragged(np.array([1.0, 3, 3, 2, 2, 0]), np.array([3, 3]))), [1, 0]
    )


def test_the_weights_are_the_students():
    torch = pytest.importorskip("torch")
    from lbmrc.distillation.losses import teacher_weights

    logits = np.random.default_rng(0).normal(0, 3, (3, 5, 7))
    size = np.full(5, 7)
    impurity = np.array([impurities(Ragged(z.ravel(), size)) for z in logits])
    mask = torch.ones(5, 7, dtype=torch.bool)
    for name, sign in (("confident", -1), ("as-printed", 1)):
        theirs = teacher_weights(torch.tensor(logits), mask, name).numpy()
        np.testing.assert_allclose(weights(impurity, sign), theirs, atol=1e-6)


def write_windows(path, language, rows):
    """Rows (question language, start, end, size)."""
    table = pa.table(
        {
            "passage_language": [language] * len(rows),
            "question_language": [row[0] for row in rows],
            "start": pa.array([row[1] for row in rows], pa.int16()),
            "end": pa.array([row[2] for row in rows], pa.int16()),
            "input_ids": pa.array([[0] * row[3] for row in rows], pa.list_(pa.int32())),
        }
    )
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as stream:
        stream.write_table(table)


def write_logits(path, start, end):
    table = pa.table(
        {
            "start": pa.array([np.array(z, np.float32) for z in start], pa.list_(pa.float32())),
            "end": pa.array([np.array(z, np.float32) for z in end], pa.list_(pa.float32())),
        }
    )
    pq.write_table(table, path, row_group_size=2)


@pytest.fixture
def files(tmp_path):
    """Three windows: the sure teacher is right in the first, wrong in the second; no answer."""
    write_windows(tmp_path / "en.arrow", "en", [("en", 1, 2, 3), ("es", 1, 1, 3)])
    write_windows(tmp_path / "es.arrow", "es", [("es", 0, 0, 4)])
    sure, unsure = [0.0, 9, 0], [1.0, 0, 0]
    write_logits(tmp_path / "a.parquet", [sure, unsure, [9, 0, 0, 0]], [sure, sure, [0, 0, 0, 0]])
    write_logits(tmp_path / "b.parquet", [unsure, sure, [9, 0, 0, 0]], [sure, sure, [0, 0, 0, 0]])
    windows = [tmp_path / "en.arrow", tmp_path / "es.arrow"]
    return windows, [tmp_path / "a.parquet", tmp_path / "b.parquet"]


def test_weights_by_language_and_agreement_with_gold(files):
    windows, logits = files
    weight, agreement = analyse(windows, ["a", "b"], [logits])
    keys = ["weighting", "teacher", "passage_language", "question_language"]
    rows = weight.set_index(keys)
    entropies = [scipy.stats.entropy(scipy.special.softmax(z)) for z in ([0.0, 9, 0], [1.0, 0, 0])]
    trust = scipy.special.softmax([-entropies[0], -entropies[1]])
    assert rows.loc[("confident", "a", "en", "en"), "weight_start"] == pytest.approx(trust[0], 1e-4)
    assert rows.loc[("confident", "b", "en", "en"), "weight_start"] == pytest.approx(trust[1], 1e-4)
    assert rows.loc[("as-printed", "a", "en", "en"), "weight_start"] == pytest.approx(
        trust[1], 1e-4
    )
    assert rows.loc[("confident", "a", "es", "es"), "weight_end"] == pytest.approx(0.5)
    assert rows.loc[("confident", "a", "en", "en"), "right_start"] == 1
    assert rows.loc[("confident", "b", "en", "en"), "right_start"] == 0
    assert pd.isna(rows.loc[("confident", "a", "es", "es"), "right_start"])
    assert rows.loc[("confident", "a", "en", "es"), "windows"] == 1

    found = agreement.set_index(["side", "passage_language"]).loc[("start", "all")]
    assert (found["windows"], found["uniform"]) == (2, 0.5)
    assert found["confident"] == pytest.approx(trust[0], 1e-4)
    assert found["as-printed"] == pytest.approx(trust[1], 1e-4)
    assert "end" not in set(agreement["side"])  # no window where one end is right and one wrong

    twice, again = analyse(windows, ["a", "b"], [logits, logits])
    pd.testing.assert_frame_equal(twice, weight)
    assert again["windows"].sum() == 2 * agreement["windows"].sum()
    text = to_markdown(weight.assign(teachers="a + b"), agreement.assign(teachers="a + b"))
    assert "### a + b: as-printed" in text and "| start | all     | 2       | 0.500 " in text


def test_logits_of_other_windows_are_refused(files):
    (english, spanish), logits = files
    with pytest.raises(UserError, match=r"a\.parquet: logits of 3 windows, and there are 4"):
        analyse([english, spanish, spanish], ["a", "b"], [logits])
    with pytest.raises(UserError, match=r"a\.parquet: made on other windows"):
        analyse([spanish, english], ["a", "b"], [logits])

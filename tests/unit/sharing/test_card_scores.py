"""Scores with intervals from a file of question scores."""

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lbmrc.sharing.card_scores import cell_scores


def write(path, passages, language="en"):
    draw = np.random.default_rng(3)
    right = draw.integers(0, 2, passages * 4)
    rows = {
        "benchmark": ["xquad"] * len(right),
        "split": ["test"] * len(right),
        "passage_language": [language] * len(right),
        "question_language": ["en"] * len(right),
        "passage_id": [f"T/{n // 4}" for n in range(len(right))],
        "exact_match": right.tolist(),
        "f1": (0.5 + right / 2).tolist(),
    }
    pq.write_table(pa.table(rows), path)
    return right


def test_means_and_intervals_over_passages(tmp_path):
    right = write(tmp_path / "q.parquet", 50)
    (cell,) = cell_scores(tmp_path / "q.parquet")
    assert (cell.benchmark, cell.passage_language, cell.questions) == ("xquad", "en", 200)
    assert cell.exact_match == pytest.approx(100 * right.mean())
    assert cell.f1 == pytest.approx(50 + 50 * right.mean())
    # of means of independent passages the normal interval is near
    of_passages = 100 * right.reshape(50, 4).mean(axis=1)
    half = 1.96 * of_passages.std() / np.sqrt(50)
    low, high = cell.exact_match_interval
    assert low == pytest.approx(cell.exact_match - half, abs=1.0)
    assert high == pytest.approx(cell.exact_match + half, abs=1.0)
    assert cell.f1_interval[1] - cell.f1_interval[0] == pytest.approx((high - low) / 2)


def test_too_few_passages_have_no_interval(tmp_path):
    write(tmp_path / "q.parquet", 5)
    (cell,) = cell_scores(tmp_path / "q.parquet")
    assert cell.exact_match_interval is None and cell.f1_interval is None

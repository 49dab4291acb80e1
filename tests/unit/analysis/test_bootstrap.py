"""Bootstrap and analysis of variance against scipy and against sums written out."""

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.analysis.bootstrap import paired_bootstrap, two_way
from lbmrc.common.errors import UserError


def test_the_interval_is_scipys_percentile_bootstrap():
    values = np.random.default_rng(0).choice([-1.0, 0.0, 1.0, 0.4], 400, p=[0.1, 0.6, 0.2, 0.1])
    ours = paired_bootstrap(values[:, None])
    theirs = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=10_000, method="percentile", rng=1
    ).confidence_interval
    assert ours.mean[0] == pytest.approx(values.mean())
    # both are random: of 10,000 draws a percentile is sure to about a fiftieth of the width
    tolerance = (theirs.high - theirs.low) / 25
    assert ours.low[0] == pytest.approx(theirs.low, abs=tolerance)
    assert ours.high[0] == pytest.approx(theirs.high, abs=tolerance)


def test_columns_share_the_draws_and_the_seed_decides_them():
    values = np.random.default_rng(1).normal(size=(50, 1))
    both = paired_bootstrap(np.hstack([values, 2 * values + 1]), draws=500)
    assert both.low[1] == pytest.approx(2 * both.low[0] + 1)
    assert paired_bootstrap(values, draws=500).low == both.low[0]
    assert paired_bootstrap(values, draws=500, seed=1).low != both.low[0]


def test_draws_made_in_parts_are_all_there(monkeypatch):
    values = np.random.default_rng(2).normal(size=(40, 2))
    whole = paired_bootstrap(values, draws=301)
    monkeypatch.setattr("lbmrc.analysis.bootstrap._CHUNK_NUMBERS", 4_000)
    parts = paired_bootstrap(values, draws=301)
    np.testing.assert_allclose(whole, parts)


def test_the_interval_covers_the_truth_as_often_as_it_says():
    generator = np.random.default_rng(3)
    samples = generator.normal(0.3, 1, size=(300, 80))
    intervals = [paired_bootstrap(sample[:, None], draws=400) for sample in samples]
    covered = np.mean([i.low[0] <= 0.3 <= i.high[0] for i in intervals])
    assert 0.90 <= covered <= 0.985


def test_equal_systems_have_no_difference():
    assert paired_bootstrap(np.zeros((7, 1)), draws=100) == (0, 0, 0)
    with pytest.raises(ValueError, match="no questions"):
        paired_bootstrap(np.zeros((0, 1)))


def test_variance_written_out():
    matrix = np.array([[60.0, 50.0, 40.0], [30.0, 26.0, 10.0]])
    grand = 36.0
    rows = 3 * ((50 - grand) ** 2 + (22 - grand) ** 2)
    columns = 2 * ((45 - grand) ** 2 + (38 - grand) ** 2 + (25 - grand) ** 2)
    variance = two_way(matrix)
    assert variance.rows == pytest.approx(rows)
    assert variance.columns == pytest.approx(columns)
    assert variance.total == pytest.approx(((matrix - grand) ** 2).sum())


@given(
    st.integers(2, 6),
    st.integers(2, 6),
    st.integers(0, 10_000),
)
def test_variance_is_what_least_squares_explains(n, m, seed):
    matrix = np.random.default_rng(seed).uniform(0, 100, (n, m))
    target = matrix.ravel() - matrix.mean()
    rows = np.repeat(np.eye(n), m, axis=0)
    columns = np.tile(np.eye(m), (n, 1))

    def explained(design):
        fitted = design @ np.linalg.lstsq(design, target, rcond=None)[0]
        return (fitted**2).sum()

    variance = two_way(matrix)
    assert variance.rows == pytest.approx(explained(rows), abs=1e-6)
    assert variance.columns == pytest.approx(explained(columns), abs=1e-6)
    rest = (target**2).sum() - explained(np.hstack([rows, columns]))
    assert variance.rest == pytest.approx(rest, abs=1e-6)
    assert sum(variance.shares()) == pytest.approx(1)


def test_a_constant_matrix_has_no_shares_and_one_with_gaps_no_variance():
    assert np.isnan(two_way(np.full((2, 2), 3.0)).shares()).all()
    with pytest.raises(UserError, match="missing cells"):
        two_way([[1.0, np.nan], [2.0, 3.0]])

"""Bootstrap against a plain twin and scipy, Holm's correction, variance written out."""

import random
from statistics import fmean

import numpy as np
import pytest
import scipy.stats
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.analysis.bootstrap import (
    draw_passages,
    draw_seeds,
    estimate,
    holm,
    paired_draws,
    two_way,
)
from lbmrc.common.errors import UserError


def sums_of(scores, passages, languages):
    """(S, P, L, 1) and (P, L) of scores {(passage, language): [[a score per seed], ...]}."""
    seeds = len(next(iter(scores.values()))[0])
    sums = np.zeros((seeds, passages, languages, 1))
    questions = np.zeros((passages, languages))
    for (passage, language), answers in scores.items():
        questions[passage, language] = len(answers)
        sums[:, passage, language, 0] = np.sum(answers, axis=0)
    return sums, questions


def twin_draws(ours, theirs, passages, language, draws, seed):
    """The scheme of `paired_draws` in one language, by lists of answers."""
    answers = [
        {p: found for (p, spoken), found in scores.items() if spoken == language}
        for scores in (ours, theirs)
    ]
    seeds = [len(next(iter(scores.values()))[0]) for scores in (ours, theirs)]

    def score(system, of_passages, of_seeds):
        return fmean(
            question[s]
            for p in of_passages
            for question in answers[system].get(p, [])
            for s in of_seeds
        )

    drawn_seeds = []
    for system, count in enumerate(seeds):
        generator = np.random.default_rng([seed, system + 1])
        many = count > 1
        drawn_seeds.append(
            generator.integers(count, size=(draws, count - 1)).tolist() if many else [[0]] * draws
        )
    drawn_passages = np.random.default_rng(seed).integers(passages, size=(draws, passages))
    result = []
    for d in range(draws):
        every = range(passages)
        observed = [score(system, every, range(seeds[system])) for system in (0, 1)]
        by_seeds = [score(system, every, drawn_seeds[system][d]) for system in (0, 1)]
        by_passages = [score(x, drawn_passages[d].tolist(), range(seeds[x])) for x in (0, 1)]
        effect_of_seeds = (by_seeds[0] - by_seeds[1]) - (observed[0] - observed[1])
        effect_of_passages = (by_passages[0] - by_passages[1]) - (observed[0] - observed[1])
        result.append(observed[0] - observed[1] + effect_of_seeds + effect_of_passages)
    return result


@pytest.mark.parametrize(("ours_seeds", "their_seeds"), [(1, 1), (2, 2), (3, 2), (1, 4)])
def test_draws_are_the_twins(ours_seeds, their_seeds):
    generator = random.Random(ours_seeds)
    passages, ours, theirs = 9, {}, {}
    for passage in range(passages):
        for language in (0, 1):
            for scores, seeds in ((ours, ours_seeds), (theirs, their_seeds)):
                scores[passage, language] = [
                    [generator.choice([0, 1, 0.4]) for _ in range(seeds)]
                    for _ in range(1 + (passage + language) % 4)
                ]
    (our_sums, questions), (their_sums, same) = (sums_of(s, passages, 2) for s in (ours, theirs))
    assert (questions == same).all()
    drawn = paired_draws(our_sums, their_sums, questions, draws=60, seed=5)
    assert drawn.shape == (60, 2, 1)
    for language in (0, 1):
        expected = twin_draws(ours, theirs, passages, language, 60, 5)
        np.testing.assert_allclose(drawn[:, language, 0], expected, atol=1e-12)


def bootstrap(differences, draws=10_000, seed=42):
    """Of one seed, one question on each passage, (questions, measures)."""
    sums = np.asarray(differences, float)[None, :, None, :]
    drawn = paired_draws(sums, 0 * sums, np.ones((sums.shape[1], 1)), draws, seed)
    return estimate(sums.mean(axis=1)[0], drawn)


def test_with_one_question_on_each_passage_the_interval_is_scipys():
    values = np.random.default_rng(0).choice([-1.0, 0.0, 1.0, 0.4], 400, p=[0.1, 0.6, 0.2, 0.1])
    ours = bootstrap(values[:, None])
    theirs = scipy.stats.bootstrap(
        (values,), np.mean, n_resamples=10_000, method="percentile", rng=1
    ).confidence_interval
    assert ours.difference == pytest.approx(values.mean())
    # Both are random: a percentile of 10,000 draws is exact to about a fiftieth of the width.
    tolerance = (theirs.high - theirs.low) / 25
    assert ours.low == pytest.approx(theirs.low, abs=tolerance)
    assert ours.high == pytest.approx(theirs.high, abs=tolerance)


def test_measures_share_the_draws_and_the_seed_decides_them():
    values = np.random.default_rng(1).normal(size=(50, 1))
    both = bootstrap(np.hstack([values, 2 * values + 1]), draws=500)
    assert both.low[0, 1] == pytest.approx(2 * both.low[0, 0] + 1)
    assert bootstrap(values, draws=500).low[0, 0] == pytest.approx(both.low[0, 0])
    assert bootstrap(values, draws=500, seed=1).low[0, 0] != both.low[0, 0]


def test_draws_made_in_parts_are_all_there(monkeypatch):
    whole = np.vstack(list(draw_passages(40, 301, np.random.default_rng(2))))
    assert whole.shape == (301, 40) and (whole.sum(axis=1) == 40).all()
    monkeypatch.setattr("lbmrc.analysis.bootstrap._NUMBERS_AT_ONCE", 4_000)
    parts = list(draw_passages(40, 301, np.random.default_rng(2)))
    assert len(parts) == 4
    np.testing.assert_array_equal(whole, np.vstack(parts))


def test_questions_that_share_a_passage_are_no_more_evidence_than_one():
    values = np.random.default_rng(3).normal(size=(30, 1))
    once = bootstrap(values, draws=2_000)
    sums = 5 * values[None, :, None, :]
    drawn = paired_draws(sums, 0 * sums, np.full((30, 1), 5.0), 2_000)
    five = estimate(values.mean(axis=0)[None], drawn)
    np.testing.assert_allclose(five, once)


def test_two_seeds_that_disagree_widen_the_interval_to_the_variance_of_their_mean():
    seeds = 4
    ours = np.random.default_rng(4).normal(size=(seeds, 1, 1, 1)) + np.zeros((seeds, 20, 1, 1))
    drawn = paired_draws(ours, 0 * ours[:1], np.ones((20, 1)), draws=40_000)
    assert drawn.var() == pytest.approx(ours[:, 0, 0, 0].var(ddof=1) / seeds, rel=0.03)


def test_one_seed_fewer_is_drawn_and_a_single_one_is_kept():
    generator = np.random.default_rng(0)
    assert (draw_seeds(1, 5, generator) == 1).all()
    assert set(map(tuple, draw_seeds(2, 50, generator))) == {(0, 1), (1, 0)}
    three = draw_seeds(3, 200, generator)
    assert set(three.ravel()) == {0, 0.5, 1} and (three.sum(axis=1) == 1).all()


def test_the_interval_covers_the_truth_as_often_as_it_says():
    generator = np.random.default_rng(3)
    samples = generator.normal(0.3, 1, size=(300, 80))
    intervals = [bootstrap(sample[:, None], draws=400) for sample in samples]
    covered = np.mean([i.low[0, 0] <= 0.3 <= i.high[0, 0] for i in intervals])
    assert 0.90 <= covered <= 0.985


def test_with_training_noise_an_interval_over_passages_alone_is_too_narrow():
    generator = np.random.default_rng(5)
    covered = {"both": [], "passages": []}
    for _ in range(200):
        ours, theirs = (
            generator.normal(size=(3, 1, 1, 1)) * 0.2 + generator.normal(size=(3, 60, 1, 1))
            for _ in range(2)
        )
        means = [scores.mean(axis=0, keepdims=True) for scores in (ours, theirs)]
        difference = (means[0] - means[1]).mean(axis=(0, 1))
        for name, pair in {"both": (ours, theirs), "passages": means}.items():
            found = estimate(difference, paired_draws(*pair, np.ones((60, 1)), 400))
            covered[name].append(found.low[0, 0] <= 0 <= found.high[0, 0])
    assert 0.92 <= np.mean(covered["both"]) <= 0.99
    assert np.mean(covered["passages"]) < 0.85


def test_p_values_count_draws_on_the_other_side_and_are_never_zero():
    drawn = np.array([-1.0] * 3 + [1e-12] * 2 + [1.0] * 95)[:, None]
    assert estimate(np.array([0.9]), drawn).p_value == 2 * (1 + 5) / 101
    assert estimate(np.array([1.0]), np.ones((99, 1))).p_value == 2 / 100
    assert estimate(np.array([1.0]), np.array([[np.nan]] * 50 + [[1.0]] * 49)).p_value == 2 / 50


def test_equal_systems_have_no_difference():
    assert bootstrap(np.zeros((7, 1)), draws=100) == (0, 0, 0, 1)
    with pytest.raises(ValueError, match="no questions"):
        bootstrap(np.zeros((0, 1)))


def test_holm_written_out():
    # m = 4: 0.01 * 4, then 0.02 * 3 = 0.06, 0.03 * 2 = 0.06, 0.9 * 1
    np.testing.assert_allclose(
        holm([0.9, 0.01, np.nan, 0.03, 0.02]), [0.9, 0.04, np.nan, 0.06, 0.06]
    )
    np.testing.assert_allclose(holm([0.4, 0.3]), [0.6, 0.6])
    assert np.isnan(holm([np.nan])).all() and holm([]).size == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_rejects_one_after_the_other(p_values):
    adjusted = holm(p_values)
    left = sorted(p_values)
    rejected = 0
    while left and left[0] * len(left) <= 0.05:
        left.pop(0)
        rejected += 1
    assert (adjusted <= 0.05).sum() == rejected
    assert (adjusted >= p_values).all() and (adjusted <= 1).all()


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

"""Spread of scores: made with known deviations and found again; power against simulation."""

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from lbmrc.analysis.variance import (
    of_differences,
    of_passage_differences,
    of_passages,
    of_seeds,
    of_twins,
    power,
    run_means,
    seeds_needed,
)


def means(deviation, systems=200, seeds=5, shared=0.0, draw=5):
    """`run_means` of systems whose seeds have a known spread, a part of it the same for all."""
    generator = np.random.default_rng(draw)
    common = generator.normal(0, shared, seeds)
    rows = [
        [f"s{system}", seed, 80 + common[seed] + generator.normal(0, deviation)]
        for system in range(systems)
        for seed in range(seeds)
    ]
    return pd.DataFrame(rows, columns=["system", "seed", "f1"])


def test_spread_between_seeds_is_pooled_over_systems():
    deviation, freedom = of_seeds(means(1.5), "f1")
    assert freedom == 200 * 4
    assert deviation == pytest.approx(1.5, rel=0.1)
    two = pd.DataFrame({"system": list("aaabb"), "seed": [1, 2, 3, 1, 2], "f1": [1, 2, 6, 4, 5.0]})
    assert of_seeds(two, "f1").deviation == pytest.approx(np.sqrt((14 + 0.5) / 3))


def test_spread_of_differences_leaves_out_what_systems_share():
    frame = means(1.0, shared=5.0)
    pairs = [(f"s{n}", f"s{n + 1}") for n in range(0, 200, 2)]
    deviation, freedom = of_differences(frame, pairs, "f1")
    assert freedom == 100 * 4
    assert deviation == pytest.approx(np.sqrt(2), rel=0.15)


def test_spread_of_twins_is_that_of_one_of_them():
    one, other = means(2.0, draw=1), means(2.0, draw=2)
    assert of_twins(one, other[other["system"] != "s0"], "f1").size == 199 * 5
    assert of_twins(one, other, "f1").deviation == pytest.approx(2, rel=0.1)


def questions(passages=200, each=3, seeds=2, system="base", draw=6):
    generator = np.random.default_rng(draw)
    rows = []
    for language in ("en", "es"):
        for seed in range(seeds):
            easy = np.random.default_rng(7).normal(0, 0.1, passages)
            f1 = np.repeat(0.7 + easy, each) + generator.normal(0, 0.01, passages * each)
            rows += [
                [system, seed, "mlqa", "test", language, language, f"q{n}", f"p{n // each}", 0, x]
                for n, x in enumerate(f1)
            ]
    columns = ["system", "seed", "benchmark", "split", "passage_language", "question_language"]
    return pd.DataFrame(rows, columns=[*columns, "id", "passage_id", "exact_match", "f1"])


def test_spread_from_passages_counts_passages_not_questions():
    frame = questions()
    assert len(run_means(frame)) == 2
    deviation, passages = of_passages(frame, "mlqa", "f1")
    assert passages == 200
    assert deviation == pytest.approx(100 * 0.1 / np.sqrt(200), rel=0.2)
    # what both systems find easy is no part of their difference
    other = questions(system="other", draw=9)
    both = pd.concat([frame, other])
    difference = of_passage_differences(both, "mlqa", [("other", "base")], "f1")
    assert difference.size == 200
    noise = 100 * 0.01 * np.sqrt(2 / 2 / 2 / (3 * 200))  # two systems, seeds, languages
    assert difference.deviation == pytest.approx(noise, rel=0.2)


@pytest.mark.parametrize(("seeds", "effect"), [(3, 2.0), (8, 1.0), (20, 0.5)])
def test_power_is_the_share_of_significant_simulations(seeds, effect):
    drawn = np.random.default_rng(8).normal(effect, 1.0, (4000, seeds))
    found = (scipy.stats.ttest_1samp(drawn, 0, axis=1).pvalue < 0.05).mean()
    assert power(seeds, effect, 1.0) == pytest.approx(found, abs=0.03)


@pytest.mark.parametrize("effect", [0.3, 0.5, 1.0, 3.0])
def test_seeds_needed_is_the_first_number_with_the_power(effect):
    found = seeds_needed(effect, 1.0)
    assert power(found, effect, 1.0) >= 0.8
    assert found == 2 or power(found - 1, effect, 1.0) < 0.8
    assert seeds_needed(10 * effect, 10.0) == found


def test_a_difference_out_of_reach_is_refused():
    with pytest.raises(ValueError, match="seeds for a difference"):
        seeds_needed(0.001, 1.0)

"""Losses per 10% of noise against numpy's polyfit, their intervals, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from invented_scores import invented_scores

from lbmrc.analysis.language_means import group_means
from lbmrc.analysis.noise import loss_coefficients, losses, scores_by_level, to_markdown
from lbmrc.common.errors import UserError
from lbmrc.report.charts.study import plot_study
from lbmrc.report.charts.style import save

LEVELS = [0, 10, 20, 40]
LANGUAGES = ["en", "es", "hi"]
# F1 lost per 10% of noise
TRUE = {"steady": 1.0, "fragile": 4.0}


def level(noise, seeds=(1, 2, 3, 4), passages=30, systems=TRUE):
    """Scores that fall by a known slope, with noise for each system, seed and question."""
    drawn = {
        (system, seed): np.random.default_rng([noise, seed, list(TRUE).index(system)])
        for system in systems
        for seed in seeds
    }

    def f1_of(system, seed, number):
        mean = 0.8 - TRUE[system] * noise / 1000
        return mean + drawn[system, seed].normal(0, 0.05, number)

    return invented_scores(drawn, LANGUAGES, passages, f1_of)


@pytest.fixture(scope="module")
def levels():
    return {noise: level(noise) for noise in LEVELS}


@pytest.fixture(scope="module")
def lost(levels):
    return losses(levels, ["en", "es"], [["fragile", "steady"]], draws=400)


def test_coefficients_are_those_of_least_squares():
    scores = np.array([90.0, 88.5, 88.0, 81.0])
    slope, _ = np.polyfit(LEVELS, scores, 1)
    assert loss_coefficients(LEVELS) @ scores == pytest.approx(-10 * slope)
    with pytest.raises(UserError, match="two levels"):
        loss_coefficients([0])


@pytest.mark.parametrize("metric", ["exact_match", "f1"])
def test_a_loss_is_the_slope_of_the_mean_score(levels, lost, metric):
    rows = lost.set_index(["system", "against", "languages"])
    for languages, group in {
        "trained": ["en", "es"],
        "zero-shot": ["hi"],
        "all": LANGUAGES,
    }.items():
        slopes = {}
        for system in TRUE:
            means = [
                100
                * frame[(frame["system"] == system) & frame["passage_language"].isin(group)][
                    metric
                ].mean()
                for frame in levels.values()
            ]
            slopes[system] = -10 * np.polyfit(LEVELS, means, 1)[0]
            assert rows.loc[(system, "", languages), metric] == pytest.approx(slopes[system])
        difference = rows.loc[("fragile", "steady", languages), metric]
        assert difference == pytest.approx(slopes["fragile"] - slopes["steady"])


def test_intervals_hold_the_truth_and_the_difference_is_significant(lost):
    rows = lost[lost["languages"] == "all"].set_index(["system", "against"])
    for (system, against), row in rows.iterrows():
        truth = TRUE[system] - (TRUE[against] if against else 0)
        assert row["f1_low"] - 0.3 < truth < row["f1_high"] + 0.3
        assert row["f1_low"] < row["f1"] < row["f1_high"]
        assert row["f1_p"] < 0.05
    text = to_markdown(pd.DataFrame(columns=["benchmark", "split", "noise"]), lost)
    assert "differences of the points lost" in text and "*" in text.split("##")[2]


def test_one_seed_is_not_tested():
    frames = {noise: level(noise, seeds=(1,)) for noise in (0, 20)}
    lost = losses(frames, ["en"], [["fragile", "steady"]], draws=50)
    assert lost[["exact_match_p", "f1_p"]].isna().all(axis=None)


def test_runs_that_differ_between_levels_are_refused():
    frames = {0: level(0), 20: level(20, passages=29)}
    with pytest.raises(UserError, match="not scored on the same questions"):
        losses(frames, ["en"], [], draws=10)


def test_scores_by_level_and_their_chart(levels, tmp_path):
    scores = scores_by_level(levels, ["en", "es"], draws=50)
    assert list(scores["noise"].unique()) == LEVELS
    assert list(scores["languages"].unique()) == ["trained", "zero-shot", "all"]
    row = scores[(scores["languages"] == "all") & (scores["noise"] == 0)].iloc[0]
    of = levels[0][levels[0]["system"] == row["system"]]
    assert row["f1"] == pytest.approx(100 * of["f1"].mean())
    save(plot_study(scores, "noise", "noise, %", ["languages"]), tmp_path / "noise.svg")
    text = (tmp_path / "noise.svg").read_text()
    assert "fragile" in text and "xquad test: zero-shot" in text
    assert "| fragile | trained" in to_markdown(scores, losses(levels, ["en"], [], draws=10))


def test_languages_that_are_all_trained_leave_no_zero_shot_mean():
    means = group_means(level(0), LANGUAGES, draws=50)
    assert list(means["languages"].unique()) == ["trained", "all"]
    assert list(means["count"].unique()) == [3]

"""Scores by translator and differences from the reference, against plain means."""

import numpy as np
import pytest
from invented_scores import invented_scores

from lbmrc.analysis.translators import differences, scores_by_translator, to_markdown
from lbmrc.common.errors import UserError

LANGUAGES = ["en", "es", "de"]
# F1 lost with the worse translator
LOST = {"mixmrc": 8.0, "ours": 3.0}


def scored(worse, seeds=(1, 2, 3), passages=30):
    drawn = {
        (system, seed): np.random.default_rng([worse, seed, number])
        for number, system in enumerate(LOST)
        for seed in seeds
    }

    def f1_of(system, seed, number):
        mean = 0.7 - worse * LOST[system] / 100
        return mean + drawn[system, seed].normal(0, 0.05, number)

    return invented_scores(drawn, LANGUAGES, passages, f1_of)


@pytest.fixture(scope="module")
def runs():
    return {"human": scored(0), "rules": scored(1)}


@pytest.fixture(scope="module")
def found(runs):
    return differences(runs, ["en", "es"], [["ours", "mixmrc"]], draws=2000)


@pytest.mark.parametrize("metric", ["exact_match", "f1"])
def test_a_difference_is_that_of_the_mean_scores(runs, found, metric):
    rows = found.set_index(["system", "against", "languages"])
    means = {
        (name, system): 100 * frame.loc[frame["system"] == system, metric].mean()
        for name, frame in runs.items()
        for system in LOST
    }
    own = {system: means["rules", system] - means["human", system] for system in LOST}
    for system, difference in own.items():
        assert rows.loc[(system, "", "all"), metric] == pytest.approx(difference)
    assert rows.loc[("ours", "mixmrc", "all"), metric] == pytest.approx(own["ours"] - own["mixmrc"])


def test_intervals_hold_the_truth(found):
    rows = found[found["languages"] == "zero-shot"].set_index(["system", "against"])
    truth = {("mixmrc", ""): -8.0, ("ours", ""): -3.0, ("ours", "mixmrc"): 5.0}
    for keys, value in truth.items():
        row = rows.loc[keys]
        assert row["f1_low"] - 0.3 < value < row["f1_high"] + 0.3
        assert row["f1_p"] < 0.05


def test_tables_name_the_translators_and_the_reference(runs, found):
    scores = scores_by_translator(runs, ["en", "es"], draws=50)
    text = to_markdown("human", scores, found)
    assert "## xquad test: F1 by translator" in text
    header = next(line for line in text.splitlines() if line.startswith("|"))
    assert [cell.strip() for cell in header.split("|")[1:5]] == [
        "system",
        "languages",
        "human",
        "rules",
    ]
    assert "## xquad test: rules minus human\n" in text
    assert "*" in text.split("## xquad test: rules minus human")[1]


def test_other_questions_are_refused(runs):
    with pytest.raises(UserError, match="not scored on the same questions"):
        differences({"human": runs["human"], "rules": scored(1, passages=29)}, ["en"], [], draws=10)

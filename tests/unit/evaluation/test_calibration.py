"""Temperature and calibration error, on questions whose probabilities are known."""

import json

import numpy as np
import pytest

from lbmrc.common.errors import UserError
from lbmrc.evaluation.calibration import (
    calibrate,
    confidences,
    expected_calibration_error,
    fit_temperature,
    read_calibration,
    write_calibration,
)


def drawn(temperature, questions=4000, spans=6):
    """Scores, and right answers as often as the softmax at this temperature says."""
    draw = np.random.default_rng(7)
    scores = -np.sort(-draw.normal(0, 4, (questions, spans)))
    return scores, draw.random(questions) < confidences(scores, temperature)[:, 0]


def test_confidences_are_a_softmax_and_nothing_where_no_span_is():
    found = confidences(np.array([[np.log(4), np.log(1), -np.inf]]), 1.0)
    assert found.tolist() == [[pytest.approx(0.8), pytest.approx(0.2), 0]]
    assert confidences(np.array([[2e4, 1e4]]), 1e4)[0, 0] == pytest.approx(1 / (1 + np.exp(-1)))


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_the_temperature_that_made_the_answers_is_found(temperature):
    scores, right = drawn(temperature)
    assert fit_temperature(scores, right) == pytest.approx(temperature, rel=0.1)


def test_the_calibration_error_is_that_of_a_plain_count():
    draw = np.random.default_rng(1)
    sure, right = draw.random(500), draw.random(500) < 0.5
    expected = 0.0
    for number in range(10):
        inside = (sure >= number / 10) & (sure < (number + 1) / 10)
        expected += inside.mean() * abs(sure[inside].mean() - right[inside].mean())
    assert expected_calibration_error(sure, right) == pytest.approx(expected)
    assert expected_calibration_error(np.array([1.0]), np.array([True])) == 0


def test_an_overconfident_system_is_calibrated_on_passages_that_took_no_part():
    scores, right = drawn(3.0)
    found = calibrate(scores.tolist(), right.tolist(), [f"T/{i // 5}" for i in range(4000)], "dev")
    assert found.temperature == pytest.approx(3.0, rel=0.1)
    assert found.ece_before > 0.1
    assert found.ece_after < 0.03
    assert (found.questions, found.dataset) == (4000, "dev")
    assert found.accuracy == pytest.approx(right.mean(), abs=1e-4)
    for bins, error in ((found.bins_before, found.ece_before), (found.bins_after, found.ece_after)):
        counts, confidence, accuracy = np.array(bins).T
        assert counts.sum() == 4000
        assert (counts * abs(confidence - accuracy)).sum() / 4000 == pytest.approx(error, abs=2e-4)


def test_questions_without_an_answer_are_left_out():
    scores = [[2.0, 1.0], [], [3.0], [1.0, 0.5]]
    assert calibrate(scores, [True, False, True, False], list("abba"), "dev").questions == 3
    with pytest.raises(UserError, match=r"dev: too few passages"):
        calibrate(scores, [True, False, True, False], list("aaaa"), "dev")


def test_a_file_comes_back_and_another_is_refused(tmp_path):
    scores, right = drawn(2.0, questions=50)
    own = calibrate(scores.tolist(), right.tolist(), [str(i) for i in range(50)], "dev")
    path = tmp_path / "calibration.json"
    write_calibration(path, own)
    assert read_calibration(path) == own
    for other in ({}, [], {**json.loads(path.read_text()), "temperature": 0}):
        path.write_text(json.dumps(other))
        with pytest.raises(UserError, match="not a calibration"):
            read_calibration(path)

"""The confidence of an answer: a softmax over the best spans, at a temperature fitted on dev data
(Guo et al. 2017), and how far confidences are from the share of right answers.

A question's spans have scores s_1 >= ... >= s_n (sums of two logits). The confidence of span i is
exp(s_i / T) / sum_j exp(s_j / T); T = 1 gives the model's own confidence. T minimises the negative
log-likelihood, over questions, of whether the best span is right (an exact match).
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from lbmrc.common.atomic import write_text
from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json

FILE = "calibration.json"
SPANS = 20
"""The softmax is over at most this many of a passage's best spans."""

_BINS = 10
_TEMPERATURES = np.geomspace(0.05, 50, 601)
_CERTAIN = 1e-6


@dataclass(frozen=True)
class Calibration:
    """A temperature and what it was fitted on.

    ``ece_before`` (T = 1) and ``ece_after`` are expected calibration errors, between 0 and 1;
    ``ece_after`` is cross-fitted over two halves of the passages, each with the temperature fitted
    on the other. ``accuracy`` is the share of right answers. ``bins_before`` and ``bins_after`` are
    the bins behind the errors (`reliability`), empty in a calibration made elsewhere.
    """

    temperature: float
    ece_before: float
    ece_after: float
    accuracy: float
    questions: int
    dataset: str
    bins_before: Sequence[Sequence[float]] = ()
    bins_after: Sequence[Sequence[float]] = ()


def confidences(scores: np.ndarray, temperature: float) -> np.ndarray:
    """The confidence of each span, (..., n), from its score; -inf (no span) gives 0."""
    shifted = (scores - scores.max(axis=-1, keepdims=True)) / temperature
    weights = np.exp(shifted)
    return weights / weights.sum(axis=-1, keepdims=True)


def fit_temperature(scores: np.ndarray, right: np.ndarray) -> float:
    """The temperature with the lowest negative log-likelihood, within 1%, between 0.05 and 50.

    Args:
        scores: (N, n), in descending order; -inf where a question has fewer spans.
        right: (N,), whether the best span is right.
    """
    losses = []
    for temperature in _TEMPERATURES:
        best = np.clip(confidences(scores, temperature)[:, 0], _CERTAIN, 1 - _CERTAIN)
        losses.append(-np.log(np.where(right, best, 1 - best)).mean())
    return float(_TEMPERATURES[int(np.argmin(losses))])


def expected_calibration_error(confidence: np.ndarray, right: np.ndarray) -> float:
    """Mean gap between confidence and accuracy, 0 to 1, over ten equal-width bins of confidence.

    Args:
        confidence, right: (N,), for the best span of each question; N > 0.
    """
    gaps = np.bincount(_bins(confidence), confidence - right, _BINS)
    return float(np.abs(gaps).sum() / len(confidence))


def reliability(confidence: np.ndarray, right: np.ndarray) -> list[list[float]]:
    """Number of questions, mean confidence and share of right answers of each non-empty bin.

    Bins and arguments are those of `expected_calibration_error`.
    """
    bins = _bins(confidence)
    parts = ((confidence[bins == number], right[bins == number]) for number in np.unique(bins))
    return [[len(c), round(float(c.mean()), 4), round(float(r.mean()), 4)] for c, r in parts]


def _bins(confidence: np.ndarray) -> np.ndarray:
    return np.minimum((confidence * _BINS).astype(int), _BINS - 1)


def calibrate(
    scores: Sequence[Sequence[float]],
    right: Sequence[bool],
    passages: Sequence[str],
    dataset: str,
) -> Calibration:
    """Fit a temperature and measure the remaining error.

    Args:
        scores: each question's span scores, best first.
        right: whether each question's best span is right.
        passages: an identifier of each question's passage.
        dataset: name of the dev data.

    Raises:
        UserError: if no question has a span, or all questions are on one passage.
    """
    answered = [i for i, own in enumerate(scores) if own]
    table = np.full((len(answered), max(map(len, scores), default=0)), -np.inf)
    for row, i in enumerate(answered):
        table[row, : len(scores[i])] = scores[i]
    correct = np.array([right[i] for i in answered], bool)
    number = {name: n for n, name in enumerate(dict.fromkeys(passages))}
    half = np.array([number[passages[i]] % 2 for i in answered], bool)
    if not (half.any() and (~half).any()):
        raise UserError(f"{dataset}: too few passages with an answer to calibrate on; name another")
    held_out = np.empty(len(answered))
    for part in (half, ~half):
        held_out[part] = confidences(table[part], fit_temperature(table[~part], correct[~part]))[
            :, 0
        ]
    before = confidences(table, 1)[:, 0]
    return Calibration(
        temperature=round(fit_temperature(table, correct), 4),
        ece_before=round(expected_calibration_error(before, correct), 4),
        ece_after=round(expected_calibration_error(held_out, correct), 4),
        accuracy=round(float(correct.mean()), 4),
        questions=len(answered),
        dataset=dataset,
        bins_before=reliability(before, correct),
        bins_after=reliability(held_out, correct),
    )


def write_calibration(path: str | Path, calibration: Calibration) -> None:
    """Write it as JSON, atomically."""
    write_text(path, json.dumps(asdict(calibration), indent=1) + "\n")


def read_calibration(path: str | Path) -> Calibration:
    """Read what `write_calibration` wrote.

    Raises:
        UserError: if it is not a calibration.
    """
    content = read_json(path)
    try:
        found = Calibration(**content)
        if found.temperature > 0:
            return found
    except TypeError:
        pass
    raise UserError(f"{path}: not a calibration; delete it, or calibrate again")

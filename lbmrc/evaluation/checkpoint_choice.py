"""Selects the checkpoint of a training that becomes the system: the best by F1 on dev data.

Input: the checkpoints of a training after each epoch, and the dev questions of the source language.
Dev data in other languages must not be used: the system would no longer be zero-shot there.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lbmrc.common.json_io import read_json
from lbmrc.evaluation.metrics import Metric, score
from lbmrc.evaluation.prediction import answer_benchmarks

if TYPE_CHECKING:
    from lbmrc.config.stages import DecodingSettings

_DEV = "dev"


class DevScore(NamedTuple):
    """Exact match and F1 (in percent) of the checkpoint after a step of training."""

    step: int
    exact_match: float
    f1: float


def score_checkpoints(
    candidates: str | Path,
    windows: str | Path,
    dataset: str | Path,
    metric: Metric,
    language: str,
    decoding: "DecodingSettings",
    device: str,
    state: str | Path,
) -> list[DevScore]:
    """Have each checkpoint answer the dev questions, and score the answers.

    Args:
        candidates: folder of the checkpoints, ``step-120`` and so on.
        windows: file of the dev questions' windows, made for prediction.
        dataset: file of these questions, in SQuAD format.
        metric: the rules for exact match and F1.
        language: of questions and passages.
        decoding: n-best, longest answer, batch size.
        device: "cpu" or "cuda".
        state: folder that keeps the answers if the run is killed; the caller removes it at the end.

    Returns:
        The scores, in the order of training.

    Raises:
        UserError: if the windows were made for training, or the dataset has no questions.
    """
    steps = {int(path.name.removeprefix("step-")): path for path in Path(candidates).glob("step-*")}
    questions, scores = read_json(dataset), []
    for step, path in sorted(steps.items()):
        kept = Path(state) / path.name
        answers = answer_benchmarks(path, [windows], [_DEV], decoding, device, kept)
        found = score(questions, answers.get(f"{_DEV}.{language}.{language}", {}), metric, language)
        scores.append(DevScore(step, **found))
    return scores


def best_checkpoint(scores: Sequence[DevScore]) -> DevScore:
    """The one with the best F1; ties go to the best exact match, then to the earliest."""
    return max(scores, key=lambda score: (score.f1, score.exact_match, -score.step))

"""What a student trains on (Section 3.2): its windows, the teachers' logits of them, Equation 6.

The trainer does not import this module, so a change to distillation retrains no teacher.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from lbmrc.distillation.losses import (
    Weighting,
    aggregate,
    distillation_loss,
    teacher_weights,
    total_loss,
)
from lbmrc.model.span_model import pad_id, span_logits
from lbmrc.training.losses import nll_loss
from lbmrc.training.span_extraction import SpanExtraction

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedModel

    from lbmrc.config.stages import DistillationSettings
    from lbmrc.distillation.read_logits import TeacherLogits


@dataclass(frozen=True)
class Distillation:
    """What defines a student: the K teachers' logits of its windows, how these are weighted
    (`lbmrc.distillation.losses.teacher_weights`), and lambda_1, lambda_2 and tau."""

    teachers: "TeacherLogits"
    weighting: Weighting
    settings: "DistillationSettings"

    def make_task(self, windows: "Dataset", network: "PreTrainedModel") -> "DistilledSpans":
        """A student's task: a `lbmrc.training.task.MakeTask`."""
        return DistilledSpans(windows, pad_id(network), self)


class DistilledSpans(SpanExtraction):
    """Windows with their gold spans and their teachers: a `lbmrc.training.task.Task`.

    Raises:
        ValueError: if the teachers' logits have a different number of windows.
    """

    def __init__(self, windows: "Dataset", pad_id: int, distillation: Distillation):
        if len(distillation.teachers) != len(windows):
            raise ValueError(f"logits of {len(distillation.teachers)} windows for {len(windows)}")
        super().__init__(windows, pad_id)
        self.distillation = distillation

    def __getitems__(self, rows: list[int]) -> dict[str, Tensor]:
        """The rows, and their teacher_start and teacher_end logits: float16 (K, B, L)."""
        start, end = self.distillation.teachers.batch(rows)
        return super().__getitems__(rows) | {
            "teacher_start": torch.from_numpy(start),
            "teacher_end": torch.from_numpy(end),
        }

    def losses(self, network: "PreTrainedModel", batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The total loss of Equation 6, and its parts "nll" (Equation 5) and "kd" (Equation 4)."""
        mask = batch["mask"]
        start, end = span_logits(network, batch)
        nll = nll_loss(start, end, batch["start"], batch["end"], mask)

        def soft_logits(logits: Tensor) -> Tensor:
            weights = teacher_weights(logits, mask, self.distillation.weighting)
            return aggregate(logits, weights)

        settings = self.distillation.settings
        soft_start, soft_end = (soft_logits(batch[f"teacher_{side}"]) for side in ("start", "end"))
        kd = distillation_loss(start, end, soft_start, soft_end, mask, settings.temperature)
        loss = total_loss(nll, kd, settings.nll_weight, settings.kd_weight)
        return {"loss": loss, "nll": nll, "kd": kd}

    def identity(self) -> dict[str, Any]:
        """Teachers, weighting, lambdas and temperature."""
        return {
            "distillation": {
                "teachers": self.distillation.teachers.identity,
                "weighting": self.distillation.weighting,
                "settings": self.distillation.settings.model_dump(mode="json"),
            }
        }

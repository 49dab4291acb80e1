"""What a student trains on (Section 3.2): its windows, the teachers' logits of them, Equation 6.

Kept from ``lbmrc.training.trainer``, so that a change of the distillation trains no teacher again.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from transformers import PreTrainedModel

from lbmrc.distillation.losses import (
    Weighting,
    aggregate,
    distillation_loss,
    teacher_weights,
    total_loss,
)
from lbmrc.model.span_model import span_logits
from lbmrc.training.losses import nll_loss
from lbmrc.training.trainer import SpanExtraction

if TYPE_CHECKING:
    from datasets import Dataset

    from lbmrc.config.stages import DistillationSettings
    from lbmrc.distillation.read_logits import TeacherLogits


@dataclass(frozen=True)
class Distillation:
    """What makes a student: the K teachers' logits of its windows, how these are weighed
    (`lbmrc.distillation.losses.teacher_weights`), and lambda_1, lambda_2 and tau."""

    teachers: "TeacherLogits"
    weighting: Weighting
    settings: "DistillationSettings"

    def task(self, windows: "Dataset", pad_id: int) -> "DistilledSpans":
        return DistilledSpans(windows, pad_id, self)

    def job(self) -> dict[str, Any]:
        """All of it that decides the student."""
        return {
            "teachers": self.teachers.identity,
            "weighting": self.weighting,
            "settings": self.settings.model_dump(mode="json"),
        }


class DistilledSpans(SpanExtraction):
    """Windows with their gold spans and their teachers, as batches and as losses."""

    def __init__(self, windows: "Dataset", pad_id: int, distil: Distillation):
        if len(distil.teachers) != len(windows):
            raise ValueError(f"logits of {len(distil.teachers)} windows for {len(windows)}")
        super().__init__(windows, pad_id)
        self.distil = distil

    def __getitems__(self, rows: list[int]) -> dict[str, Tensor]:
        """Besides, the teachers' logits: float16 (K, B, L)."""
        start, end = self.distil.teachers.batch(rows)
        return super().__getitems__(rows) | {
            "teacher_start": torch.from_numpy(start),
            "teacher_end": torch.from_numpy(end),
        }

    def losses(self, model: PreTrainedModel, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        mask = batch["mask"]
        start, end = span_logits(model, batch)
        nll = nll_loss(start, end, batch["start"], batch["end"], mask)

        def soft(logits: Tensor) -> Tensor:
            weights = teacher_weights(logits, mask, self.distil.weighting)
            return aggregate(logits, weights)

        settings = self.distil.settings
        teacher_start, teacher_end = soft(batch["teacher_start"]), soft(batch["teacher_end"])
        kd = distillation_loss(start, end, teacher_start, teacher_end, mask, settings.temperature)
        loss = total_loss(nll, kd, settings.nll_weight, settings.kd_weight)
        return {"loss": loss, "nll": nll, "kd": kd}

"""Mixed precision: bf16 for the encoder's matrix products on a GPU, float32 for the span head.

Weights, norms, losses and the optimiser stay float32 in training and inference alike; on a CPU
everything is float32. The logits z_s and z_e are float32 everywhere: in bf16 a logit of 10 is
rounded to a multiple of 1/16, which is too coarse as a target for a student.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def in_bf16(device: str | torch.device) -> bool:
    """Whether models compute in bf16 on the device: only on GPUs with hardware support."""
    gpu = torch.device(device).type == "cuda"
    return gpu and torch.cuda.is_bf16_supported(including_emulation=False)


def precision_name(device: str | torch.device) -> str:
    """What models compute in there, for the manifest."""
    return "bf16 autocast" if in_bf16(device) else "float32"


@contextmanager
def inference(device: str | torch.device) -> Iterator[None]:
    """Disable gradients and use the precision of training."""
    kind = torch.device(device).type
    with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=in_bf16(device)):
        yield


class Float32Linear(torch.nn.Linear):
    """A linear layer that autocast leaves in float32."""

    def forward(self, hidden: Tensor) -> Tensor:
        with torch.autocast(hidden.device.type, enabled=False):
            return super().forward(hidden.float())


def keep_head_in_float32(model: "PreTrainedModel") -> None:
    """Let a loaded model's span head compute in float32 under autocast, too."""
    if type(model.qa_outputs) is torch.nn.Linear:
        model.qa_outputs.__class__ = Float32Linear

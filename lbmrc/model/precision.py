"""Mixed precision: bf16 for the encoder's matrix products, float32 for the span head.

Weights, norms, losses and the optimiser stay float32 in training and inference alike. The logits
z_s and z_e are float32 everywhere: in bf16 a logit of 10 is rounded to a multiple of 1/16, which is
too coarse as a target for a student.

``training.precision`` sets where bf16 is used: ``auto``: on GPUs that support it; ``bf16``: also on
CPUs that do (AVX512-BF16, AMX); ``float32``: nowhere. A trained system records it in its
config.json, so that its logits and answers are computed in the same precision.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import torch
from torch import Tensor

from lbmrc.common.errors import UserError
from lbmrc.model.checkpoint_files import AUTO

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def in_bf16(device: str | torch.device, precision: str = AUTO) -> bool:
    """Whether models compute in bf16 on the device: only if the hardware supports it."""
    if precision == "float32":
        return False
    if torch.device(device).type == "cuda":
        return torch.cuda.is_bf16_supported(including_emulation=False)
    return precision == "bf16" and _cpu_computes_in_bf16()


def check_precision(device: str | torch.device, precision: str) -> None:
    """Check that the device supports ``training.precision``.

    Raises:
        UserError: if it is bf16 and the hardware does not support that.
    """
    if precision == "bf16" and not in_bf16(device, precision):
        raise UserError(
            "training.precision: bf16, and this machine's "
            f"{'GPU' if torch.device(device).type == 'cuda' else 'CPU'} does not compute in it "
            "(a CPU needs AVX512-BF16 or AMX); set it to float32"
        )


def _cpu_computes_in_bf16() -> bool:
    found = torch.cpu.get_capabilities()
    return any(has for name, has in found.items() if name.endswith("bf16"))


def precision_name(device: str | torch.device, precision: str = AUTO) -> str:
    """The precision that models compute in on the device, for the manifest."""
    return "bf16 autocast" if in_bf16(device, precision) else "float32"


@contextmanager
def inference(model: "PreTrainedModel", device: str | torch.device) -> Iterator[None]:
    """Disable gradients and use the precision in which the model was trained."""
    kind = torch.device(device).type
    enabled = in_bf16(device, getattr(model.config, "lbmrc_precision", AUTO))
    with torch.inference_mode(), torch.autocast(kind, torch.bfloat16, enabled=enabled):
        yield


_SPAN_HEADS = ("qa_outputs", "classifier")
"""Names in different families of the layer from hidden states to start and end logits."""


class Float32Linear(torch.nn.Linear):
    """A linear layer that autocast leaves in float32."""

    def forward(self, hidden: Tensor) -> Tensor:
        with torch.autocast(hidden.device.type, enabled=False):
            return super().forward(hidden.float())


def keep_head_in_float32(model: "PreTrainedModel") -> None:
    """Make a loaded model's span head compute in float32 under autocast too."""
    for name in _SPAN_HEADS:
        head = getattr(model, name, None)
        if type(head) is torch.nn.Linear:
            head.__class__ = Float32Linear


if __name__ == "__main__":  # the precision of `make real`: bf16 if this machine supports it
    kind = "cuda" if torch.cuda.is_available() else "cpu"
    print("bf16" if in_bf16(kind, "bf16") else "float32")

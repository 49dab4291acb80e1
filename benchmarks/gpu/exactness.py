"""How far a variant's logits, loss and gradients are from transformers' eager model in float32.

In bf16 the eager model has rounding errors, too. A variant is exact if its errors are at most twice
as large, over all logits together and averaged over the weight matrices' gradients, each relative
to its own norm: those of queries and keys are small, and errors in them would not show in a sum.
"""

import statistics
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from transformers import PreTrainedModel

from gpu.variants import Batch, ForwardBackward, Outputs, plainly

ROUNDING = 1e-4
"""In float32, where the eager model is not off at all."""


@dataclass(frozen=True)
class Computed:
    """Results for a batch without dropout: loss, logits of the real tokens, gradients."""

    loss: float
    logits: Tensor
    gradients: list[Tensor]


def without_dropout(
    model: PreTrainedModel, batch: Batch, step: Callable[[Batch], Outputs]
) -> Computed:
    """What a step computes from a batch in evaluation mode."""
    model.eval()
    outputs = step(batch)
    logits = torch.stack([outputs.start, outputs.end])[:, batch["mask"]]
    trained = [p for p in model.parameters() if p.requires_grad]
    gradients = [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in trained]
    found = Computed(outputs.loss.item(), logits.detach().float(), gradients)
    model.zero_grad(set_to_none=True)
    model.train()
    return found


@dataclass(frozen=True)
class Reference:
    """transformers' own model on a batch: in float32, and as it computes in training."""

    exact: Computed
    usual: Computed

    @classmethod
    def of(cls, model: PreTrainedModel, batch: Batch) -> "Reference":
        """Reference of a model with transformers' own forward pass and eager attention."""
        return cls(
            without_dropout(model, batch, lambda batch: plainly(model, batch, enabled=False)),
            without_dropout(model, batch, lambda batch: plainly(model, batch)),
        )

    def compare(self, model: PreTrainedModel, batch: Batch, step: ForwardBackward) -> dict:
        """Relative errors of a step, those of the eager model, and whether the step is exact."""
        own = _errors(without_dropout(model, batch, step), self.exact)
        eager = _errors(self.usual, self.exact)
        return {
            "exact": all(own[x] <= max(2 * eager[x], ROUNDING) for x in ("logits", "gradients")),
            **{f"error_of_{name}": error for name, error in own.items()},
            **{f"eager_error_of_{name}": error for name, error in eager.items()},
        }


def _errors(found: Computed, exact: Computed) -> dict[str, float]:
    pairs = zip(found.gradients, exact.gradients, strict=True)
    of_matrices = [_relative(a, b) for a, b in pairs if b.dim() > 1 and b.any()]
    return {
        "loss": abs(found.loss - exact.loss) / abs(exact.loss),
        "logits": _relative(found.logits, exact.logits),
        "gradients": statistics.mean(of_matrices),
    }


def _relative(found: Tensor, exact: Tensor) -> float:
    return ((found - exact).norm() / exact.norm()).item()

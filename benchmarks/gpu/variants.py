"""Ways to compute a training step of the same model, to be compared for exactness and speed.

A variant modifies transformers' own model, and provides the function that a training step calls: it
maps a batch to its loss and logits, and leaves gradients in the parameters.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import NamedTuple
from unittest.mock import patch

import torch
from torch import Tensor
from transformers import PreTrainedModel

from gpu.attention import Blocks, Offsets, Padded, Within, attending, flash, flex, nested, varlen
from gpu.steps import LeftOut
from lbmrc.model import unpadded_bert, unpadded_xlm
from lbmrc.model.dropout import dropout
from lbmrc.model.packed import BatchLayout, attend_padded
from lbmrc.model.span_model import span_logits
from lbmrc.model.unpadded import remove_padding
from lbmrc.training.losses import nll_loss

Batch = dict[str, Tensor]


class Outputs(NamedTuple):
    """Loss, and start and end logits (B, L)."""

    loss: Tensor
    start: Tensor
    end: Tensor


ForwardBackward = Callable[[Batch], Outputs]


@dataclass(frozen=True)
class Variant:
    """A way to compute a step.

    Attributes:
        multiple: batches are padded to the next multiple of this; 1: to their longest window.
        compiled: None, or torch.compile's ``dynamic``: each layer is compiled.
        graphs: one CUDA graph per batch shape.
        fused: AdamW in one kernel.
    """

    name: str
    layout: type[BatchLayout]
    within: Within
    multiple: int = 1
    compiled: bool | None = None
    graphs: bool = False
    fused: bool = True

    @contextmanager
    def installed(self, model: PreTrainedModel) -> Iterator[ForwardBackward]:
        """Modify the model, and provide the function of a step.

        Raises:
            LeftOut: if this device does not support the variant.
        """
        remove_padding(model)
        if self.graphs and model.device.type != "cuda":
            raise LeftOut("CUDA graphs need a GPU")
        with ExitStack() as changes:
            changes.enter_context(attending(self.layout, self.within))
            if self.compiled is not None:
                changes.enter_context(_compiled_layers(model.device.type, self.compiled))
            yield Graphs(model) if self.graphs else lambda batch: plainly(model, batch)


MASKED = Variant("attention padded and masked (now)", BatchLayout, attend_padded)
FLASH = Variant("flash over rows of tokens", Offsets, flash)
VARIANTS = (
    MASKED,
    FLASH,
    Variant("nested tensors", Offsets, nested),
    Variant("varlen_attn", Offsets, varlen),
    Variant("all padded to the longest, masked", Padded, attend_padded),
    Variant("flash, layers compiled", Offsets, flash, compiled=True),
    Variant("padded to 128s, layers compiled", Padded, attend_padded, 128, compiled=False),
    Variant("padded to 64s, CUDA graphs", Padded, attend_padded, 64, graphs=True),
    Variant("flex attention", Blocks, flex, 128),
    Variant("flash, AdamW not fused", Offsets, flash, fused=False),
)


def forward(model: PreTrainedModel, batch: Batch, **autocast: bool) -> Outputs:
    """As in `lbmrc.training`: bf16 autocast on a GPU, the losses outside of it."""
    options = {"enabled": model.device.type == "cuda"} | autocast
    with torch.autocast(model.device.type, torch.bfloat16, **options):
        start, end = span_logits(model, batch)
    return Outputs(nll_loss(start, end, batch["start"], batch["end"], batch["mask"]), start, end)


def plainly(model: PreTrainedModel, batch: Batch, **autocast: bool) -> Outputs:
    """Forward and backward, kernels launched one by one."""
    model.zero_grad(set_to_none=True)
    outputs = forward(model, batch, **autocast)
    outputs.loss.backward()
    return outputs


class Graphs:
    """Forward and backward as one CUDA graph per batch shape."""

    def __init__(self, model: PreTrainedModel):
        self.model = model
        self.pool = torch.cuda.graph_pool_handle()
        self.captured: dict[tuple, tuple[torch.cuda.CUDAGraph, Batch, Outputs]] = {}
        self.parameters = [p for p in model.parameters() if p.requires_grad]
        self.gradients = [torch.zeros_like(p) for p in self.parameters]

    def __call__(self, batch: Batch) -> Outputs:
        for parameter, gradient in zip(self.parameters, self.gradients, strict=True):
            parameter.grad = gradient
        key = (*batch["input_ids"].shape, self.model.training)
        if key not in self.captured:
            self.captured[key] = self._capture({name: x.clone() for name, x in batch.items()})
        graph, inputs, outputs = self.captured[key]
        for name, x in batch.items():
            inputs[name].copy_(x)
        graph.replay()
        return outputs

    def _capture(self, inputs: Batch) -> tuple[torch.cuda.CUDAGraph, Batch, Outputs]:
        aside = torch.cuda.Stream()
        aside.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(aside):
            for _ in range(3):
                self._pass(inputs)
        torch.cuda.current_stream().wait_stream(aside)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph, pool=self.pool):
            outputs = self._pass(inputs)
        return graph, inputs, Outputs(*(x.detach() for x in outputs))

    def _pass(self, inputs: Batch) -> Outputs:
        torch._foreach_zero_(self.gradients)
        # a replay must not read weights that were cast before the graph was captured
        outputs = forward(self.model, inputs, cache_enabled=False)
        outputs.loss.backward()
        return outputs


# --------------------------------------------------------------------------------------- compiled


@contextmanager
def _compiled_layers(kind: str, dynamic: bool) -> Iterator[None]:
    """Compile one layer for all layers; on a CPU it is only traced, without code generation."""
    backend = "inductor" if kind == "cuda" else "aot_eager"
    xlm, bert = (
        torch.compile(layer, dynamic=dynamic, backend=backend)
        for layer in (_xlm_layer, unpadded_bert._layer)
    )

    def xlm_method(self, number: int, tokens: Tensor, windows: BatchLayout) -> Tensor:
        modules = (self.attentions, self.layer_norm1, self.ffns, self.layer_norm2)
        p = self.dropout if self.training else 0.0
        return xlm(*(module[number] for module in modules), p, tokens, windows)

    with (
        patch.object(unpadded_xlm.UnpaddedXLM, "_layer", xlm_method),
        patch.object(unpadded_bert, "_layer", bert),
    ):
        yield


def _xlm_layer(
    attention, norm1, ffn, norm2, p: float, tokens: Tensor, windows: BatchLayout
) -> Tensor:
    """`UnpaddedXLM._layer` without the layer's number, which would be compiled in."""
    attended = unpadded_xlm.self_attention(attention, tokens, windows)
    tokens = norm1(tokens + dropout(attended, p))
    tokens = tokens + dropout(ffn.lin2(ffn.act(ffn.lin1(tokens))), p)
    return norm2(tokens)

"""Windows without padding: the tokens of a batch in one row, and attention within each window.

Outside an encoder, a batch of B windows is padded, (B, L); inside, it is T real tokens in sequence.
Linear layers and norms process only tokens; attention keeps windows apart, with torch's
``scaled_dot_product_attention`` (on a CPU with dropout or in bf16, where that is slow, in steps).
"""

from collections.abc import Callable, Iterable
from functools import cached_property, partial
from itertools import groupby
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

from lbmrc.model.dropout import dropout_mask

Layer = Callable[[Tensor, "BatchLayout"], Tensor]
"""Maps the tokens (T, D) that a layer reads to those that it writes."""


class WithoutPadding:
    """Base of all encoders without padding; listed before transformers' class."""

    recompute_layers = False
    training: bool

    def through(self, layers: Iterable[Layer], tokens: Tensor, windows: "BatchLayout") -> Tensor:
        """Tokens (T, D) after all layers; if layers are recomputed, only their inputs are kept."""
        for layer in layers:
            if self.recompute_layers and self.training:
                tokens = checkpoint(layer, tokens, windows, use_reentrant=False)
            else:
                tokens = layer(tokens, windows)
        return tokens


def refuse(others: dict[str, Any]) -> None:
    """Check that an encoder without padding gets no argument that it does not support.

    Raises:
        TypeError: if it does.
    """
    others.pop("return_dict", None)
    if given := [name for name, x in others.items() if x is not None and x is not False]:
        raise TypeError(f"an encoder without padding takes no {', '.join(given)}")


class BatchLayout:
    """The positions of the T real tokens of a batch of B windows in its padded (B, L) form."""

    def __init__(self, mask: Tensor):
        self.mask = mask.bool()
        self.places = self.mask.flatten().nonzero().squeeze(-1)
        self.positions = self.places % mask.shape[1]

    def gather(self, padded: Tensor) -> Tensor:
        """(B, L, ...) -> (T, ...)."""
        return padded.flatten(0, 1).index_select(0, self.places)

    def scatter(self, tokens: Tensor) -> Tensor:
        """(T, ...) -> (B, L, ...), 0 in padding."""
        zeros = tokens.new_zeros(self.mask.numel(), *tokens.shape[1:])
        return zeros.index_copy(0, self.places, tokens).unflatten(0, self.mask.shape)

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """(number of windows, tokens of each) for each run of neighbours of the same length."""
        sizes = self.mask.sum(1).tolist()
        return [(len(list(run)), size) for size, run in groupby(sizes) if size]


def attend(q: Tensor, k: Tensor, v: Tensor, windows: BatchLayout, p: float) -> Tensor:
    """Attention within each window: q, k, v, each (T, heads, D / heads) -> (T, D).

    Args:
        p: probability of dropout on the attention weights.
    """
    within = attend_by_length if q.device.type == "cpu" else attend_padded
    return within(q, k, v, windows, p).flatten(1)


def attend_by_length(q: Tensor, k: Tensor, v: Tensor, windows: BatchLayout, p: float) -> Tensor:
    """Attention over neighbours of equal length, without padding. Each (T, heads, D / heads)."""
    fused = p == 0 and q.dtype != torch.bfloat16
    one = F.scaled_dot_product_attention if fused else partial(attention_in_steps, p=p)
    parts = (x.split([count * size for count, size in windows.runs]) for x in (q, k, v))
    contexts = []
    for run, *some in zip(windows.runs, *parts, strict=True):
        context = one(*(x.unflatten(0, run).transpose(1, 2) for x in some))
        contexts.append(context.transpose(1, 2).flatten(0, 1))
    return torch.cat(contexts)


def attention_in_steps(q: Tensor, k: Tensor, v: Tensor, p: float) -> Tensor:
    """Attention on a CPU; torch's fused kernel has no dropout there, and is slow in bf16."""
    q, k, v = (x.contiguous() for x in (q, k, v))
    weights = torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2), dim=-1)
    if p:
        weights, v = weights.masked_fill(dropout_mask(weights.shape, p), 0), v / (1 - p)
    return weights @ v


def attend_padded(q: Tensor, k: Tensor, v: Tensor, windows: BatchLayout, p: float) -> Tensor:
    """All windows in one call, for GPUs; only attention is padded, and masked."""
    mask = windows.mask[:, None, None, :]
    q, k, v = (windows.scatter(x).transpose(1, 2) for x in (q, k, v))
    context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=p)
    return windows.gather(context.transpose(1, 2))

"""Ways to compute attention within each window of a batch without padding, for a GPU.

Each has the signature of `lbmrc.model.packed.attend_padded`, and a layout: which tokens of a padded
batch the linear layers read, and the window boundaries that the attention needs.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from unittest.mock import patch

import torch
import torch.nn.functional as F
from torch import Tensor

from gpu.steps import LeftOut
from lbmrc.model import packed, unpadded_bert, unpadded_xlm
from lbmrc.model.packed import BatchLayout

LONGEST = 384
Within = Callable[[Tensor, Tensor, Tensor, BatchLayout, float], Tensor]


class Offsets(BatchLayout):
    """Real tokens, and where each window begins among them: (B + 1,)."""

    longest = LONGEST  # of all batches, so that a compiled layer serves them all

    def __init__(self, mask: Tensor):
        super().__init__(mask)
        self.offsets = F.pad(mask.sum(1).cumsum(0), (1, 0))
        self.offsets32 = self.offsets.int()


class Blocks(BatchLayout):
    """Real tokens, and flex attention's mask of them in their padded form."""

    def __init__(self, mask: Tensor):
        from torch.nn.attention.flex_attention import create_block_mask

        super().__init__(mask)
        sizes, (windows, length) = mask.sum(1), mask.shape

        def is_real(window: Tensor, head: Tensor, query: Tensor, key: Tensor) -> Tensor:
            return key < sizes[window]

        self.blocks = create_block_mask(
            is_real, windows, None, length, length, device=mask.device.type
        )


class Padded(BatchLayout):
    """All positions of the padded batch, padding included: shapes do not depend on the data."""

    def __init__(self, mask: Tensor):
        self.mask = mask.bool()
        self.positions = torch.arange(mask.numel(), device=mask.device) % mask.shape[1]

    def gather(self, padded: Tensor) -> Tensor:
        return padded.flatten(0, 1)

    def scatter(self, tokens: Tensor) -> Tensor:
        return tokens.unflatten(0, self.mask.shape)


def flash(q: Tensor, k: Tensor, v: Tensor, windows: Offsets, p: float) -> Tensor:
    """torch's own flash kernel over rows of tokens, with dropout; in half precision."""
    if q.device.type != "cuda":
        raise LeftOut("torch's flash attention over rows of tokens needs a GPU")
    at, longest = windows.offsets32, windows.longest
    # the operator itself: torch's public function has no dropout
    return torch.ops.aten._flash_attention_forward(
        q, k, v, at, at, longest, longest, p, False, False
    )[0]


def varlen(q: Tensor, k: Tensor, v: Tensor, windows: Offsets, p: float) -> Tensor:
    """torch's public function for the same kernel; it has no dropout."""
    from torch.nn.attention.varlen import varlen_attn

    if q.device.type != "cuda":
        raise LeftOut("torch.nn.attention.varlen needs a GPU")
    at, longest = windows.offsets32, windows.longest
    return varlen_attn(q, k, v, at, at, longest, longest)


def nested(q: Tensor, k: Tensor, v: Tensor, windows: Offsets, p: float) -> Tensor:
    """scaled_dot_product_attention on nested tensors."""
    if p and q.device.type == "cpu":
        raise LeftOut("attention of nested tensors has no dropout on a CPU")
    q, k, v = (
        torch.nested.nested_tensor_from_jagged(
            x, windows.offsets, min_seqlen=1, max_seqlen=windows.longest
        ).transpose(1, 2)
        for x in (q, k, v)
    )
    return F.scaled_dot_product_attention(q, k, v, dropout_p=p).transpose(1, 2).values()


def flex(q: Tensor, k: Tensor, v: Tensor, windows: Blocks, p: float) -> Tensor:
    """flex attention; it has no dropout and skips blocks of padding."""
    if q.requires_grad and q.device.type == "cpu":
        raise LeftOut("flex attention has no backward pass on a CPU")
    q, k, v = (windows.scatter(x).transpose(1, 2) for x in (q, k, v))
    context = _flex_attention(q.device.type)(q, k, v, block_mask=windows.blocks)
    return windows.gather(context.transpose(1, 2))


@cache
def _flex_attention(kind: str) -> Callable[..., Tensor]:
    from torch.nn.attention.flex_attention import flex_attention

    if kind == "cpu":  # the compiled version has no backward pass there
        return flex_attention
    return torch.compile(flex_attention, dynamic=False)


@contextmanager
def attending(layout: type[BatchLayout], within: Within) -> Iterator[None]:
    """Make encoders without padding compute attention this way."""
    with ExitStack() as changes:
        for module in (unpadded_xlm, unpadded_bert):
            changes.enter_context(patch.object(module, "BatchLayout", layout))
        for name in ("attend_padded", "attend_by_length"):
            changes.enter_context(patch.object(packed, name, within))
        yield


def drops(layout: type[BatchLayout], within: Within, mask: Tensor, dtype: torch.dtype) -> bool:
    """Whether it drops attention weights: then a mean of ones differs from 1 somewhere."""
    windows = layout(mask)
    ones = windows.gather(torch.ones(*mask.shape, 2, 32, device=mask.device, dtype=dtype))
    out = within(torch.zeros_like(ones), torch.zeros_like(ones), ones, windows, 0.5)
    return bool((out.float() - 1).abs().max() > 0.1)

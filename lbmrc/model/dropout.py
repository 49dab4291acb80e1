"""Dropout that costs a CPU little: a sixteen-bit draw an element instead of torch's own.

torch draws a number of 24 bits for each element, one after the other; here four elements share one
of 64. The probability is rounded to 1/65536. On other devices it is torch's dropout.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_DRAWS = 1 << 16


def dropout(x: Tensor, p: float) -> Tensor:
    """Each element 0 with probability ``p``, or else multiplied by 1 / (1 - p)."""
    if p == 0:
        return x
    if x.device.type != "cpu":
        return F.dropout(x, p)
    return x.masked_fill(dropout_mask(x.shape, p), 0) / (1 - p)


def dropout_mask(shape: torch.Size, p: float) -> Tensor:
    """Where dropout falls, on the CPU: true with probability ``p``, from torch's generator."""
    count = math.prod(shape)
    draws = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(1 << 63), None)
    limit = round(p * _DRAWS) - _DRAWS // 2
    return (draws.view(torch.int16)[:count] < limit).view(shape)

"""Fast dropout for CPUs: a 16-bit random number per element.

torch draws a 24-bit number for each element in turn; here four elements share a 64-bit one. The
probability is rounded to a multiple of 1/65536. Other devices use torch's dropout.
"""

import math

import torch
import torch.nn.functional as F
from torch import Tensor

_DRAWS = 1 << 16


def dropout(x: Tensor, p: float) -> Tensor:
    """Each element becomes 0 with probability ``p`` and is otherwise multiplied by 1 / (1 - p)."""
    if p == 0:
        return x
    if x.device.type != "cpu":
        return F.dropout(x, p)
    return x.masked_fill(dropout_mask(x.shape, p), 0) / (1 - p)


def dropout_mask(shape: torch.Size, p: float) -> Tensor:
    """The elements to drop, on the CPU: true with probability ``p``, from torch's generator."""
    count = math.prod(shape)
    draws = torch.empty(-(-count // 4), dtype=torch.int64).random_(-(1 << 63), None)
    limit = round(p * _DRAWS) - _DRAWS // 2
    return (draws.view(torch.int16)[:count] < limit).view(shape)

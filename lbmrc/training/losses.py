"""The loss of every system (Equations 2 and 5), and softmax over the real tokens of a window.

``mask`` (B, L) is true where a token is real: padding is outside every softmax, and its values
(zeros, -inf, nan) affect neither a loss nor a gradient. Everything is computed in float32 or
better.
"""

import torch
from torch import Tensor


def nll_loss(
    start_logits: Tensor,
    end_logits: Tensor,
    start_positions: Tensor,
    end_positions: Tensor,
    mask: Tensor,
) -> Tensor:
    """L_NLL of Equations 2 and 5: logits (B, L), gold token positions (B,) -> a scalar in nats.

    The sum of the start's and the end's negative log-likelihood (transformers' models return half
    of it, and leave padding in the softmax), averaged over the B windows.
    """

    def one_side(logits: Tensor, positions: Tensor) -> Tensor:
        return -log_softmax(logits, mask).gather(-1, positions[:, None].long()).squeeze(-1)

    return (one_side(start_logits, start_positions) + one_side(end_logits, end_positions)).mean()


def upcast(logits: Tensor) -> Tensor:
    """Logits in float32, or unchanged if their precision is higher."""
    return logits.to(torch.promote_types(logits.dtype, torch.float32))


def log_softmax(logits: Tensor, mask: Tensor) -> Tensor:
    """Log probabilities over the real tokens; 0 in padding, so that p * log p vanishes there."""
    log_p = torch.log_softmax(upcast(logits).masked_fill(~mask, -torch.inf), dim=-1)
    # a real token may also be -inf (if the model forbids it): 0 * -inf must be 0 below
    return log_p.clamp_min(torch.finfo(log_p.dtype).min).masked_fill(~mask, 0.0)


def probabilities(log_p: Tensor, mask: Tensor) -> Tensor:
    """The probabilities of `log_softmax`: 0 in padding."""
    return log_p.exp().masked_fill(~mask, 0.0)

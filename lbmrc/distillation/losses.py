"""Multilingual multi-teacher distillation (Section 3.2, Equations 3-7): pure functions of logits.

Input: start or end logits of a batch of windows, of one student (B, L) or of K teachers (K, B, L),
and ``mask`` (B, L), true where a token is real. Padding is outside every softmax here: its values
(zeros, -inf, nan) affect neither a loss nor the student's gradient (the teachers are constants).
Everything is computed in float32 or better, so the teachers' logits may be float16, as stored.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from lbmrc.training.losses import log_softmax, probabilities, upcast

Weighting = str | Sequence[float]


def impurity(logits: Tensor, mask: Tensor) -> Tensor:
    """Entropy in nats of softmax(logits) at temperature 1: I of Equation 7, (..., L) -> (...)."""
    log_p = log_softmax(logits, mask)
    return -(probabilities(log_p, mask) * log_p).sum(-1)


def teacher_weights(logits: Tensor, mask: Tensor, weighting: Weighting) -> Tensor:
    """The weight of each teacher for each window: (K, B, L) -> (K, B).

    Args:
        logits: the teachers' start logits, or their end logits: each has its own weights.
        mask: (B, L), true where a token is real.
        weighting: ``"uniform"`` (1/K each); K numbers, used as they are (the hyper-parameters
            w_k of Equation 3); ``"confident"``, the softmax over teachers of -I, so that the
            most confident teacher has the largest weight, as the paper's text describes;
            ``"as-printed"``, the softmax of +I, as Equation 7 is printed.

    Raises:
        ValueError: for an unknown name, or if there are not K numbers.
    """
    teachers, batch = logits.shape[:2]
    if weighting == "confident":
        return torch.softmax(-impurity(logits, mask), dim=0)
    if weighting == "as-printed":
        return torch.softmax(impurity(logits, mask), dim=0)
    if weighting == "uniform":
        weighting = [1 / teachers] * teachers
    elif isinstance(weighting, str):
        raise ValueError(
            f'no weighting "{weighting}": it is "uniform", "confident", "as-printed" or numbers'
        )
    if len(weighting) != teachers:
        raise ValueError(f"{len(weighting)} weights for {teachers} teachers")
    dtype = torch.promote_types(logits.dtype, torch.float32)
    weights = torch.tensor(list(weighting), dtype=dtype, device=logits.device)
    return weights[:, None].expand(teachers, batch)


def aggregate(logits: Tensor, weights: Tensor) -> Tensor:
    """The soft logits of Equation 3, sum_k w_k z_k: (K, B, L) and (K, B) -> (B, L)."""
    return (upcast(logits) * weights[..., None]).sum(0)


def distillation_loss(
    student_start: Tensor,
    student_end: Tensor,
    teacher_start: Tensor,
    teacher_end: Tensor,
    mask: Tensor,
    temperature: float,
) -> Tensor:
    """L_KD of Equation 4: cross-entropy from the aggregated teachers to the student, in nats.

    All logits are (B, L). Start and end terms are summed, both scaled by temperature^2, which
    keeps the gradient's size independent of the temperature; the mean is over the B windows.
    """

    def one_side(student: Tensor, teacher: Tensor) -> Tensor:
        p = probabilities(log_softmax(upcast(teacher) / temperature, mask), mask)
        return -(p * log_softmax(upcast(student) / temperature, mask)).sum(-1)

    both = one_side(student_start, teacher_start) + one_side(student_end, teacher_end)
    return both.mean() * temperature**2


def total_loss(nll: Tensor, kd: Tensor, nll_weight: float, kd_weight: float) -> Tensor:
    """L_Total of Equation 6: lambda_1 * NLL + lambda_2 * KD."""
    return nll_weight * nll + kd_weight * kd

import numpy as np
import numpy_twin as twin
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from lbmrc.distillation.losses import (
    aggregate,
    distillation_loss,
    impurity,
    teacher_weights,
    total_loss,
)
from lbmrc.training.losses import nll_loss

WEIGHTINGS = ["uniform", "confident", "as-printed"]


def ragged(seed, teachers=3, lengths=(7, 1, 12, 4)):
    """Teachers' start and end logits (K vectors a window), the student's, gold spans."""
    rng = np.random.default_rng(seed)
    windows = []
    for length in lengths:
        span = np.sort(rng.integers(0, length, 2))
        windows.append(
            {
                "teacher_start": rng.normal(0, 4, (teachers, length)),
                "teacher_end": rng.normal(0, 4, (teachers, length)),
                "student_start": rng.normal(0, 4, length),
                "student_end": rng.normal(0, 4, length),
                "start": span[0],
                "end": span[1],
            }
        )
    return windows


def padded(windows, name, width, junk=0.0):
    """Vectors (L) -> (B, width), vectors (K, L) -> (K, B, width)."""
    rows = [
        np.pad(
            w[name],
            [(0, 0)] * (w[name].ndim - 1) + [(0, width - w[name].shape[-1])],
            constant_values=junk,
        )
        for w in windows
    ]
    return torch.from_numpy(np.stack(rows, axis=-2))


def mask_of(windows, width):
    lengths = torch.tensor([len(w["student_start"]) for w in windows])
    return torch.arange(width) < lengths[:, None]


def golds(windows):
    return (torch.tensor([w[side] for w in windows]) for side in ("start", "end"))


def losses(windows, width, weighting, tau, junk=0.0):
    mask = mask_of(windows, width)
    logits = {
        name: padded(windows, name, width, junk)
        for name in ("teacher_start", "teacher_end", "student_start", "student_end")
    }
    soft = {
        side: aggregate(
            logits[f"teacher_{side}"], teacher_weights(logits[f"teacher_{side}"], mask, weighting)
        )
        for side in ("start", "end")
    }
    kd = distillation_loss(
        logits["student_start"], logits["student_end"], soft["start"], soft["end"], mask, tau
    )
    nll = nll_loss(logits["student_start"], logits["student_end"], *golds(windows), mask)
    return nll, kd


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("junk", [0.0, 1e30, -np.inf, np.inf, np.nan])
@pytest.mark.parametrize("weighting", [*WEIGHTINGS, [0.2, 0.5, 0.3], [1.0, 0.0, 2.0]])
def test_losses_equal_the_papers_on_unpadded_windows(seed, junk, weighting):
    windows = ragged(seed)
    weigh = {
        "uniform": lambda z: np.full(3, 1 / 3),
        "confident": twin.weights_confident,
        "as-printed": twin.weights_as_printed,
    }.get(str(weighting), lambda z: np.array(weighting))
    expected_kd = twin.kd(
        [
            (
                twin.soft_logits(weigh(w["teacher_start"]), w["teacher_start"]),
                twin.soft_logits(weigh(w["teacher_end"]), w["teacher_end"]),
                w["student_start"],
                w["student_end"],
            )
            for w in windows
        ],
        tau=2.0,
    )
    expected_nll = twin.nll(
        [(w["student_start"], w["student_end"], w["start"], w["end"]) for w in windows]
    )
    nll, kd = losses(windows, 15, weighting, 2.0, junk)
    assert nll.item() == pytest.approx(expected_nll, rel=1e-12)
    assert kd.item() == pytest.approx(expected_kd, rel=1e-12)
    assert total_loss(nll, kd, 0.5, 0.25).item() == pytest.approx(
        0.5 * expected_nll + 0.25 * expected_kd
    )


@pytest.mark.parametrize("seed", range(3))
def test_weights_and_impurity_equal_the_papers(seed):
    windows = ragged(seed, teachers=4)
    logits, mask = padded(windows, "teacher_end", 13, np.nan), mask_of(windows, 13)
    for b, window in enumerate(windows):
        z = window["teacher_end"]
        np.testing.assert_allclose(impurity(logits, mask)[:, b], [twin.entropy(k) for k in z])
        for name, expected in [
            ("confident", twin.weights_confident(z)),
            ("as-printed", twin.weights_as_printed(z)),
            ("uniform", np.full(4, 0.25)),
            ((1, 2, 3, 4), np.array([1, 2, 3, 4])),
        ]:
            np.testing.assert_allclose(teacher_weights(logits, mask, name)[:, b], expected)


def test_confident_prefers_the_sure_teacher_and_as_printed_the_unsure():
    sure, unsure = torch.tensor([9.0, 0, 0, 0]), torch.tensor([1.0, 0, 0, 0])
    logits, mask = torch.stack([sure, unsure])[:, None], torch.ones(1, 4, dtype=torch.bool)
    confident, printed = (
        teacher_weights(logits, mask, name)[:, 0] for name in ("confident", "as-printed")
    )
    assert confident[0] > confident[1] and printed[0] < printed[1]
    assert impurity(torch.zeros(1, 4), mask).item() == pytest.approx(np.log(4))


def test_start_and_end_are_weighed_apart():
    rng = torch.Generator().manual_seed(0)
    start, end = torch.randn(2, 3, 5, 9, generator=rng) * 3
    mask = torch.ones(5, 9, dtype=torch.bool)
    assert not torch.allclose(
        teacher_weights(start, mask, "confident"), teacher_weights(end, mask, "confident")
    )


@pytest.mark.parametrize("weighting", ["sure", [0.5, 0.5], [1.0]])
def test_wrong_weighting_is_refused(weighting):
    with pytest.raises(ValueError):
        teacher_weights(torch.zeros(3, 2, 4), torch.ones(2, 4, dtype=torch.bool), weighting)


finite = st.floats(-30, 30, width=32)
teacher_logits = st.integers(1, 4).flatmap(
    lambda k: arrays(np.float32, (k, 3, 8), elements=finite).map(torch.from_numpy)
)
masks = st.lists(st.integers(1, 8), min_size=3, max_size=3).map(
    lambda lengths: torch.arange(8) < torch.tensor(lengths)[:, None]
)


@settings(deadline=None, max_examples=60)
@given(teacher_logits, masks, st.sampled_from(WEIGHTINGS), st.floats(-20, 20))
def test_weights_sum_to_one_and_ignore_shifts(logits, mask, weighting, shift):
    weights = teacher_weights(logits, mask, weighting)
    assert weights.shape == logits.shape[:2]
    torch.testing.assert_close(weights.sum(0), torch.ones(3))
    torch.testing.assert_close(
        teacher_weights(logits + shift, mask, weighting), weights, rtol=1e-3, atol=1e-4
    )


@settings(deadline=None, max_examples=60)
@given(teacher_logits, masks, st.floats(0.5, 8), st.floats(-20, 20))
def test_losses_ignore_shifts_and_padding(logits, mask, tau, shift):
    student, teacher = logits[0], logits[-1]
    gold = torch.zeros(3, dtype=torch.long)

    def both(student, teacher, mask):
        kd = distillation_loss(student, student * 0.5, teacher, teacher * 2, mask, tau)
        return torch.stack([kd, nll_loss(student, student * 0.5, gold, gold, mask)])

    loss = both(student, teacher, mask)
    close = {"rtol": 1e-3, "atol": 1e-3}
    torch.testing.assert_close(both(student + shift, teacher + shift, mask), loss, **close)
    wider = torch.nn.functional.pad(mask, (0, 5))
    padding = torch.full((3, 5), 77.0)
    torch.testing.assert_close(
        both(torch.cat([student, padding], 1), torch.cat([teacher, -padding], 1), wider),
        loss,
        rtol=1e-5,
        atol=1e-5,
    )


@settings(deadline=None, max_examples=30)
@given(teacher_logits, masks)
def test_one_teacher_is_itself(logits, mask):
    alone = logits[:1]
    for weighting in WEIGHTINGS:
        weights = teacher_weights(alone, mask, weighting)
        torch.testing.assert_close(weights, torch.ones(1, 3))
        torch.testing.assert_close(aggregate(alone, weights), alone[0])


def test_high_temperature_matches_logits():
    # Hinton et al. 2015, Section 2.1: as tau grows, tau^2 * dKD/dz -> (z - v) / L, both centred
    student = torch.randn(1, 6, dtype=torch.float64, requires_grad=True)
    teacher = torch.randn(1, 6, dtype=torch.float64)
    mask = torch.ones(1, 6, dtype=torch.bool)
    distillation_loss(student, torch.zeros(1, 6), teacher, torch.zeros(1, 6), mask, 1e4).backward()
    centred = (student - student.mean()) - (teacher - teacher.mean())
    torch.testing.assert_close(student.grad, centred.detach() / 6, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("junk", [0.0, -np.inf, np.inf, np.nan, 65504.0])
def test_gradients_are_finite_and_absent_from_padding(junk):
    windows = ragged(5)
    mask = mask_of(windows, 14)
    logits = {
        side: padded(windows, f"student_{side}", 14, junk).float().requires_grad_()
        for side in ("start", "end")
    }
    teachers = padded(windows, "teacher_start", 14, junk).half()
    soft = aggregate(teachers, teacher_weights(teachers, mask, "confident"))
    kd = distillation_loss(logits["start"], logits["end"], soft, soft, mask, 2.0)
    nll = nll_loss(logits["start"], logits["end"], *golds(windows), mask)
    total_loss(nll, kd, 0.5, 0.5).backward()
    assert kd.dtype == torch.float32
    for tensor in (logits["start"], logits["end"]):
        assert torch.isfinite(tensor.grad).all()
        assert (tensor.grad[~mask] == 0).all() and (tensor.grad[mask] != 0).any()


def test_gradients_are_right():
    windows = ragged(6, lengths=(5, 3))
    mask = mask_of(windows, 6)
    student = padded(windows, "student_start", 6).requires_grad_()
    teachers = padded(windows, "teacher_start", 6).requires_grad_()

    def loss(student, teachers):
        soft = aggregate(teachers, teacher_weights(teachers, mask, "as-printed"))
        kd = distillation_loss(student, student, soft, soft, mask, 2.0)
        return kd + nll_loss(student, student, *golds(windows), mask)

    assert torch.autograd.gradcheck(loss, (student, teachers))


def test_a_token_that_a_teacher_forbids_has_no_probability():
    logits = torch.tensor([[[0.0, -torch.inf, 1.0, 5.0]]], requires_grad=True)
    mask = torch.tensor([[True, True, True, False]])
    entropy = impurity(logits, mask)
    assert entropy.item() == pytest.approx(twin.entropy(np.array([0.0, 1.0])), rel=1e-6)
    entropy.sum().backward()
    assert torch.isfinite(logits.grad).all()
    soft = logits[0].detach()
    student = torch.randn(1, 4, requires_grad=True)
    distillation_loss(student, student, soft, soft, mask, 2.0).backward()
    assert torch.isfinite(student.grad).all()

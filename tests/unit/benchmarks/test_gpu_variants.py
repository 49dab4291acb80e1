"""Ways to compute a training step: the same outputs and gradients, or found not to be."""

from dataclasses import replace

import pytest
import torch
from gpu.attention import Blocks, Offsets, Padded, drops, flex, nested
from gpu.exactness import Reference
from gpu.variants import MASKED, VARIANTS, Variant
from models import Shape

from lbmrc.model.packed import BatchLayout, attend_padded

MASK = torch.arange(128) < torch.tensor([100, 128, 31])[:, None]
FAMILIES = ("xlm", "bert", "xlm-r")
COMPILED = next(v for v in VARIANTS if v.compiled is False)


def attended(layout, within, requires_grad):
    """What attention makes of the real tokens, and its gradients for queries, keys and values."""
    windows, draws = layout(MASK), torch.Generator().manual_seed(1)
    inputs = [torch.randn(*MASK.shape, 2, 16, generator=draws) for _ in range(3)]
    inputs = [windows.gather(x).requires_grad_(requires_grad) for x in inputs]
    out = windows.scatter(within(*inputs, windows, 0.0))[MASK]
    if requires_grad:
        out.square().sum().backward()
    gradients = [windows.scatter(x.grad)[MASK] for x in inputs if requires_grad]
    return [out.detach(), *gradients]


@pytest.mark.parametrize(
    "layout, within, requires_grad",
    [(Padded, attend_padded, True), (Offsets, nested, True), (Blocks, flex, False)],
    ids=["padded", "nested", "flex"],
)
@pytest.mark.filterwarnings("ignore")
def test_attention_is_that_of_the_encoder(layout, within, requires_grad):
    found = attended(layout, within, requires_grad)
    usual = attended(BatchLayout, attend_padded, requires_grad)
    assert len(found) == len(usual)
    for ours, theirs in zip(found, usual, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


def test_dropout_of_attention_weights_is_seen_or_missed():
    def without(q, k, v, windows, p):
        return attend_padded(q, k, v, windows, 0.0)

    assert drops(BatchLayout, attend_padded, MASK, torch.float32)
    assert not drops(BatchLayout, without, MASK, torch.float32)


def batch_of(shape):
    draws = torch.Generator().manual_seed(2)
    sizes = torch.tensor([9, 14, 5])
    mask = torch.arange(14) < sizes[:, None]
    ids = torch.randint(5, shape.vocabulary, mask.shape, generator=draws)
    return {
        "input_ids": ids.masked_fill(~mask, 2),
        "mask": mask,
        "langs": torch.full(mask.shape, 4) * mask,
        "segments": ((torch.arange(14) >= 4) & mask).long(),
        "start": torch.tensor([5, 6, 4]),
        "end": torch.tensor([6, 9, 4]),
    }


@pytest.fixture(params=FAMILIES)
def shape(request):
    return Shape(layers=2, width=32, heads=2, vocabulary=60, family=request.param)


def compared(shape, variant):
    model, batch = shape.build(), batch_of(shape)
    reference = Reference.of(model, batch)
    with variant.installed(model) as step:
        return reference.compare(model, batch, step)


@pytest.mark.parametrize(
    "variant",
    [MASKED, Variant("padded", Padded, attend_padded), replace(COMPILED, multiple=1)],
    ids=lambda variant: variant.name.split()[0] if variant.compiled is None else "compiled",
)
def test_a_variant_that_computes_the_same_is_exact(shape, variant):
    found = compared(shape, variant)
    assert found["exact"], found


def test_a_variant_that_attends_to_padding_is_not_exact(shape):
    def to_all(q, k, v, windows, p):
        q, k, v = (windows.scatter(x).transpose(1, 2) for x in (q, k, v))
        out = torch.nn.functional.scaled_dot_product_attention(q, k, v)
        return windows.gather(out.transpose(1, 2))

    found = compared(shape, Variant("wrong", BatchLayout, to_all))
    assert not found["exact"], found


def test_a_variant_whose_gradients_alone_are_wrong_is_not_exact(shape):
    def without_gradients(q, k, v, windows, p):
        return attend_padded(q.detach(), k, v, windows, p)

    found = compared(shape, Variant("wrong", BatchLayout, without_gradients))
    assert not found["exact"] and found["error_of_logits"] < 1e-5, found

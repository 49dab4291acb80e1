"""bf16 autocast, here on a CPU: the encoder's products are rounded, the span head's are not."""

import copy

import pytest
import torch
from unpadded_xlm import batch, of_lengths, unpadded_xlm, xlm

from lbmrc.common.errors import UserError
from lbmrc.model.precision import (
    Float32Linear,
    check_precision,
    in_bf16,
    inference,
    keep_head_in_float32,
    precision_name,
)
from lbmrc.model.span_model import hidden_states, span_logits

SOME = batch(of_lengths(40, 33, 9))


@pytest.fixture(params=[xlm, unpadded_xlm], ids=["transformers' encoder", "unpadded"])
def model(request):
    model = request.param().eval()
    keep_head_in_float32(model)
    return model


def test_logits_are_products_of_float32_numbers(model):
    with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16):
        logits = torch.stack(span_logits(model, SOME), dim=-1)
        hidden = hidden_states(model, SOME).float()
    assert logits.dtype == torch.float32
    by_hand = hidden.double() @ model.qa_outputs.weight.double().T + model.qa_outputs.bias
    torch.testing.assert_close(logits.double(), by_hand, rtol=1e-5, atol=1e-5)
    with torch.inference_mode():
        exact = torch.stack(span_logits(model, SOME), dim=-1)[SOME["mask"]]
    error = (logits[SOME["mask"]] - exact).abs().mean() / exact.std()
    assert 0 < error < 0.05


def test_without_autocast_nothing_changes(model):
    plain = copy.deepcopy(model)
    plain.qa_outputs.__class__ = torch.nn.Linear
    for ours, theirs in zip(span_logits(model, SOME), span_logits(plain, SOME), strict=True):
        assert torch.equal(ours, theirs)
    assert list(model.state_dict()) == list(plain.state_dict())


def test_gradients_pass_through_the_head(model):
    with torch.autocast("cpu", torch.bfloat16):
        start, end = span_logits(model, SOME)
        (start.sum() + end.square().sum()).backward()
    assert isinstance(model.qa_outputs, Float32Linear)
    for parameter in (model.qa_outputs.weight, model.base_model.layer_norm_emb.weight):
        assert parameter.grad.dtype == torch.float32 and parameter.grad.abs().sum() > 0


def test_inference_on_a_cpu_is_float32_and_without_gradients(model):
    assert not in_bf16("cpu")
    with inference(model, "cpu"):
        start, _ = span_logits(model, SOME)
    assert start.dtype == torch.float32 and not start.requires_grad
    with torch.no_grad():
        assert torch.equal(start, span_logits(model, SOME)[0])


@pytest.mark.parametrize(
    ("flag", "precision", "expected"),
    [
        ("avx512_bf16", "bf16", "bf16 autocast"),
        ("amx_bf16", "bf16", "bf16 autocast"),
        ("avx512_bf16", "auto", "float32"),
        ("avx512_bf16", "float32", "float32"),
        ("avx512_f", "bf16", "float32"),
    ],
)
def test_a_cpu_computes_in_bf16_where_it_is_asked_to_and_can(
    monkeypatch, model, flag, precision, expected
):
    monkeypatch.setattr(torch.cpu, "get_capabilities", lambda: {flag: True, "cpu_name": "one"})
    assert precision_name("cpu", precision) == expected
    model.config.lbmrc_precision = precision
    with inference(model, "cpu"):
        assert torch.is_autocast_enabled("cpu") == (expected != "float32")
    if precision == "bf16" and expected == "float32":
        with pytest.raises(UserError, match=r"training\.precision: bf16.*set it to float32"):
            check_precision("cpu", precision)
    else:
        check_precision("cpu", precision)

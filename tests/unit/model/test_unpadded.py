"""The encoder without padding against transformers' own: outputs, gradients, files."""

from pathlib import Path

import pytest
import torch
from transformers import ElectraConfig, ElectraForQuestionAnswering
from unpadded_xlm import batch, of_lengths, unpadded_xlm, xlm

from lbmrc.common.errors import UserError
from lbmrc.model import packed
from lbmrc.model.dropout import dropout, dropout_mask
from lbmrc.model.span_model import hidden_states, span_logits
from lbmrc.model.unpadded import enable_gradient_checkpointing, remove_padding
from lbmrc.training.losses import nll_loss

MASKS = {
    "one token": of_lengths(1),
    "all lengths": of_lengths(*range(1, 41)),
    "one length": of_lengths(17, 17, 17),
    "runs": of_lengths(9, 9, 64, 64, 64, 9, 1, 1, 2),
    "holes": of_lengths(30, 22, 22) & (torch.arange(30) % 7 != 3),
}


@pytest.fixture(params=MASKS)
def some(request) -> dict[str, torch.Tensor]:
    return batch(MASKS[request.param])


@pytest.fixture(params=["attend_by_length", "attend_padded"], ids=["as on a CPU", "as on a GPU"])
def attention(request, monkeypatch) -> None:
    """Both ways of attention, whatever the device."""
    monkeypatch.setattr(packed, "attend_by_length", getattr(packed, request.param))


@pytest.mark.parametrize("settings", [{}, {"use_lang_emb": False}, {"gelu_activation": True}])
def test_logits_are_those_of_transformers(some, attention, settings):
    with torch.no_grad():
        ours = span_logits(unpadded_xlm(**settings).eval(), some)
        theirs = span_logits(xlm(**settings).eval(), some)
    assert theirs[0].abs().max() > 0.1
    for one, other in zip(ours, theirs, strict=True):
        torch.testing.assert_close(one[some["mask"]], other[some["mask"]], atol=1e-5, rtol=0)


def test_hidden_states_are_zero_in_padding(some, attention):
    with torch.no_grad():
        ours = hidden_states(unpadded_xlm().eval(), some)
        theirs = hidden_states(xlm().eval(), some)
    torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=0)
    assert not ours[~some["mask"]].any()


def test_gradients_are_those_of_transformers(some, attention):
    gradients = []
    for model in (unpadded_xlm(), xlm()):
        model.train()
        start, end = span_logits(model, some)
        nll_loss(start, end, some["start"], some["end"], some["mask"]).backward()
        gradients.append({name: p.grad for name, p in model.named_parameters()})
    ours, theirs = gradients
    for name, gradient in theirs.items():
        # of the keys' biases and the head's the true gradient is 0: theirs is rounding
        scale = max(1e-2, gradient.abs().max().item())
        difference = (ours[name] - gradient).abs().max().item()
        assert difference < 1e-4 * scale, name


def test_bf16_autocast_stays_near_float32(attention):
    some = batch(MASKS["runs"])
    model = unpadded_xlm().eval()
    with torch.no_grad():
        exact, _ = span_logits(model, some)
        with torch.autocast("cpu", torch.bfloat16):
            rough, _ = span_logits(model, some)
    assert (rough - exact)[some["mask"]].abs().max() < 0.05 * exact.abs().max()


def test_checkpoints_are_those_of_transformers(tmp_path):
    for name, model in (("ours", unpadded_xlm()), ("theirs", xlm())):
        model.save_pretrained(tmp_path / name)
    files = sorted(path.name for path in Path(tmp_path / "theirs").iterdir())
    assert sorted(path.name for path in Path(tmp_path / "ours").iterdir()) == files
    for name in files:
        assert (tmp_path / "ours" / name).read_bytes() == (tmp_path / "theirs" / name).read_bytes()


def test_other_families_stay_as_they_are():
    model = ElectraForQuestionAnswering(
        ElectraConfig(vocab_size=9, hidden_size=8, num_hidden_layers=1, num_attention_heads=1)
    )
    before = type(model.base_model)
    remove_padding(model)
    assert type(model.base_model) is before


@pytest.mark.parametrize("where", ["dropout", "attention_dropout"])
def test_dropout_is_transformers_in_the_mean(where):
    """Each kind of dropout alone, in many draws: the same mean and spread of a logit."""
    some = batch(of_lengths(6, 11)) | {}
    some = {name: x.repeat(3000, *[1] * (x.dim() - 1)) for name, x in some.items()}
    found = []
    for model in (unpadded_xlm(**{where: 0.3}), xlm(**{where: 0.3})):
        torch.manual_seed(0)
        with torch.no_grad():
            logits = span_logits(model.train(), some)[0].unflatten(0, (3000, 2))[:, :, :6]
        found.append((logits.mean(0), logits.std(0)))
    (mean, spread), (their_mean, their_spread) = found
    assert (spread > 0.01).all()
    error = their_spread / 3000**0.5
    assert ((mean - their_mean).abs() < 6 * error).all()
    assert ((spread / their_spread - 1).abs() < 0.1).all()


def test_dropout_comes_from_torchs_generator():
    x = torch.ones(7, 5, 3)
    results = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        results.append(dropout(x, 0.4))
    assert torch.equal(results[0], results[1])
    assert not torch.equal(results[0], results[2])
    assert results[0].unique().tolist() == [0.0, pytest.approx(1 / 0.6)]


@pytest.mark.parametrize("p", [0.01, 0.1, 0.5, 0.9])
def test_dropout_falls_on_its_share_and_on_no_pattern(p):
    torch.manual_seed(0)
    fallen = dropout_mask((1000, 1000), p).double()
    error = (p * (1 - p)) ** 0.5
    assert abs(fallen.mean() - p) < 5 * error / 1000
    for axis in (0, 1):
        means = fallen.mean(axis)
        assert abs(means.std() / (error / 1000**0.5) - 1) < 0.15
    neighbours = (fallen[:, 1:] - p) * (fallen[:, :-1] - p)
    assert abs(neighbours.mean()) < 5 * error**2 / 1000


def test_no_dropout_is_the_tensor_itself():
    x = torch.randn(3)
    assert dropout(x, 0.0) is x


def kept_bytes(model, batch) -> tuple[int, list[torch.Tensor]]:
    """What autograd keeps of a step's forward pass, and the step's gradients."""
    kept = {}

    def keep(tensor):
        storage = tensor.untyped_storage()
        kept[storage.data_ptr()] = (storage.nbytes(), tensor)
        return tensor

    torch.manual_seed(4)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        start, end = span_logits(model, batch)
        loss = nll_loss(start, end, batch["start"], batch["end"], batch["mask"])
    model.zero_grad()
    loss.backward()
    parameters = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    size = sum(size for place, (size, _) in kept.items() if place not in parameters)
    return size, [p.grad.clone() for p in model.parameters() if p.grad is not None]


def test_layers_computed_again_keep_less_and_give_the_same_gradients():
    model = unpadded_xlm(dropout=0.2, attention_dropout=0.2).train()
    some = batch(of_lengths(40, 33, 9))
    size, gradients = kept_bytes(model, some)
    enable_gradient_checkpointing(model)
    smaller, same = kept_bytes(model, some)
    assert smaller < size / 2
    assert all(torch.equal(a, b) for a, b in zip(gradients, same, strict=True))


def test_other_families_compute_again_by_transformers_own_way_or_say_so():
    electra = ElectraForQuestionAnswering(
        ElectraConfig(vocab_size=50, hidden_size=8, num_hidden_layers=1, num_attention_heads=1)
    )
    enable_gradient_checkpointing(electra)
    assert electra.is_activation_checkpointing
    with pytest.raises(
        UserError, match=r"training\.gradient_checkpointing: models of the family xlm cannot"
    ):
        enable_gradient_checkpointing(xlm())


def test_what_is_not_computed_is_refused():
    some = batch(of_lengths(9, 4))
    with pytest.raises(TypeError, match="takes no position_ids"):
        unpadded_xlm().base_model(
            input_ids=some["input_ids"],
            attention_mask=some["mask"],
            langs=some["langs"],
            position_ids=torch.zeros_like(some["input_ids"]),
        )

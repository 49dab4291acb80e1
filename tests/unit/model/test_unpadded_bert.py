"""BERT, RoBERTa and XLM-R without padding against transformers' own: outputs, gradients, files."""

import pytest
import torch
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    RobertaConfig,
    RobertaForQuestionAnswering,
    XLMRobertaConfig,
    XLMRobertaForQuestionAnswering,
)
from unpadded_xlm import batch, of_lengths

from lbmrc.model import packed
from lbmrc.model.packed import WithoutPadding
from lbmrc.model.span_model import hidden_states, span_logits
from lbmrc.model.unpadded import enable_gradient_checkpointing, remove_padding
from lbmrc.training.losses import nll_loss

PAD = 2  # what the helper's batches are filled with
FAMILIES = {
    "bert": (BertForQuestionAnswering, BertConfig, 2),
    "roberta": (RobertaForQuestionAnswering, RobertaConfig, 1),
    "xlm-roberta": (XLMRobertaForQuestionAnswering, XLMRobertaConfig, 1),
    "xlm-roberta with segments": (XLMRobertaForQuestionAnswering, XLMRobertaConfig, 2),
}
MASKS = {
    "all lengths": of_lengths(*range(1, 41)),
    "runs": of_lengths(9, 9, 64, 64, 64, 9, 1, 1, 2),
    "holes": of_lengths(30, 22, 22) & (torch.arange(30) % 7 != 3),
}


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture(params=["attend_by_length", "attend_padded"], ids=["as on a CPU", "as on a GPU"])
def attention(request, monkeypatch) -> None:
    """Both ways of attention, whatever the device."""
    monkeypatch.setattr(packed, "attend_by_length", getattr(packed, request.param))


def theirs(family, dropout=0.0, attention_dropout=0.0):
    torch.manual_seed(3)
    model, config, types = FAMILIES[family]
    return model(
        config(
            vocab_size=50,
            hidden_size=24,
            num_hidden_layers=3,
            num_attention_heads=4,
            intermediate_size=32,
            max_position_embeddings=68,
            type_vocab_size=types,
            pad_token_id=PAD,
            initializer_range=0.3,
            hidden_dropout_prob=dropout,
            attention_probs_dropout_prob=attention_dropout,
        )
    )


def ours(family, **dropout):
    model = theirs(family, **dropout)
    remove_padding(model)
    assert isinstance(model.base_model, WithoutPadding)
    return model


def some(mask):
    draw = torch.Generator().manual_seed(7)
    return batch(mask) | {"segments": torch.randint(2, mask.shape, generator=draw)}


@pytest.mark.parametrize("mask", MASKS)
def test_logits_are_those_of_transformers(family, attention, mask):
    windows = some(MASKS[mask])
    with torch.no_grad():
        found = span_logits(ours(family).eval(), windows)
        expected = span_logits(theirs(family).eval(), windows)
    assert expected[0].abs().max() > 0.1
    for one, other in zip(found, expected, strict=True):
        torch.testing.assert_close(one[windows["mask"]], other[windows["mask"]], atol=1e-5, rtol=0)


def test_hidden_states_are_zero_in_padding(family, attention):
    windows = some(MASKS["runs"])
    with torch.no_grad():
        assert not hidden_states(ours(family).eval(), windows)[~windows["mask"]].any()


def test_gradients_are_those_of_transformers(family, attention):
    windows = some(MASKS["runs"])
    gradients = []
    for model in (ours(family), theirs(family)):
        start, end = span_logits(model.train(), windows)
        nll_loss(start, end, windows["start"], windows["end"], windows["mask"]).backward()
        gradients.append({name: p.grad for name, p in model.named_parameters()})
    for name, gradient in gradients[1].items():
        # of the keys' biases and the head's the true gradient is 0: theirs is rounding
        scale = max(1e-2, gradient.abs().max().item())
        assert (gradients[0][name] - gradient).abs().max().item() < 1e-4 * scale, name


def test_a_padding_id_within_a_text_is_numbered_as_transformers_does():
    windows = some(of_lengths(12, 7))
    windows["input_ids"][0, 4] = PAD
    with torch.no_grad():
        found = span_logits(ours("xlm-roberta").eval(), windows)[0]
        expected = span_logits(theirs("xlm-roberta").eval(), windows)[0]
    mask = windows["mask"]
    torch.testing.assert_close(found[mask], expected[mask], atol=1e-5, rtol=0)


@pytest.mark.parametrize("where", ["dropout", "attention_dropout"])
def test_dropout_is_transformers_in_the_mean(where):
    """Each kind of dropout alone, in many draws: the same mean and spread of a logit."""
    few, draws = some(of_lengths(6, 11)), 1000
    windows = {name: x.repeat(draws, *[1] * (x.dim() - 1)) for name, x in few.items()}
    found = []
    for model in (ours("bert", **{where: 0.3}), theirs("bert", **{where: 0.3})):
        torch.manual_seed(0)
        with torch.no_grad():
            logits = span_logits(model.train(), windows)[0].unflatten(0, (draws, 2))[:, :, :6]
        found.append((logits.mean(0), logits.std(0)))
    (mean, spread), (their_mean, their_spread) = found
    assert (spread > 0.01).all()
    assert ((mean - their_mean).abs() < 6 * their_spread / draws**0.5).all()
    assert ((spread / their_spread - 1).abs() < 0.15).all()


def test_layers_computed_again_give_the_same_gradients(family):
    windows = some(of_lengths(20, 13, 9))
    found = []
    for again in (False, True):
        model = ours(family, dropout=0.2, attention_dropout=0.2).train()
        if again:
            enable_gradient_checkpointing(model)
        torch.manual_seed(4)
        start, end = span_logits(model, windows)
        nll_loss(start, end, windows["start"], windows["end"], windows["mask"]).backward()
        found.append([p.grad for p in model.parameters() if p.grad is not None])
    assert all(torch.equal(a, b) for a, b in zip(*found, strict=True))


def test_checkpoints_are_those_of_transformers(tmp_path, family):
    for name, model in (("ours", ours(family)), ("theirs", theirs(family))):
        model.save_pretrained(tmp_path / name)
    for path in (tmp_path / "theirs").iterdir():
        assert (tmp_path / "ours" / path.name).read_bytes() == path.read_bytes()


def test_a_decoder_stays_as_it_is():
    model = theirs("bert")
    model.config.is_decoder = True
    remove_padding(model)
    assert not isinstance(model.base_model, WithoutPadding)


def test_what_is_not_computed_is_refused(family):
    windows = some(of_lengths(9, 4))
    with pytest.raises(TypeError, match="takes no position_ids"):
        ours(family).base_model(
            input_ids=windows["input_ids"],
            attention_mask=windows["mask"],
            position_ids=torch.zeros_like(windows["input_ids"]),
        )

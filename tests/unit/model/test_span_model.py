import json
import shutil

import pytest
import tiny
import torch
from transformers import (
    AutoModelForQuestionAnswering,
    BertConfig,
    BertForQuestionAnswering,
    XLMForQuestionAnsweringSimple,
)

from lbmrc.common.errors import UserError
from lbmrc.model import span_model as backbone
from lbmrc.windows.batches import collate
from lbmrc.windows.files import read_windows


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.write_backbone(tmp_path_factory.mktemp("backbone"), half=True)


@pytest.fixture
def batch(tmp_path):
    windows = read_windows([tiny.write_windows(tmp_path / "w.arrow", 4)])
    return collate(windows.with_format("arrow")[:4], pad_id=2)


def test_a_half_precision_file_is_loaded_as_float32(folder):
    assert json.loads((folder / "config.json").read_text())["dtype"] == "float16"
    model = backbone.load_model(folder, head_seed=1)
    assert type(model) is XLMForQuestionAnsweringSimple
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert not model.training


def test_the_head_comes_from_its_seed(folder):
    heads = [backbone.load_model(folder, head_seed=s).qa_outputs.weight for s in (1, 1, 2)]
    assert torch.equal(heads[0], heads[1]) and not torch.equal(heads[0], heads[2])


def test_what_is_saved_loads_by_the_auto_class(folder, tmp_path, batch):
    model = backbone.load_model(folder, head_seed=1)
    model.save_pretrained(tmp_path / "saved")
    again = AutoModelForQuestionAnswering.from_pretrained(tmp_path / "saved")
    assert type(again) is XLMForQuestionAnsweringSimple
    with torch.no_grad():
        for ours, theirs in zip(
            backbone.span_logits(model, batch),
            backbone.span_logits(again.eval(), batch),
            strict=True,
        ):
            torch.testing.assert_close(ours, theirs)


def test_languages_reach_the_model_and_padding_does_not(folder, batch):
    model = backbone.load_model(folder, head_seed=1)
    with torch.no_grad():
        start, _ = backbone.span_logits(model, batch)
        other, _ = backbone.span_logits(model, batch | {"langs": batch["langs"] + 1})
        assert not torch.allclose(start, other)
        wider = {k: torch.nn.functional.pad(v, (0, 3)) for k, v in batch.items() if v.ndim == 2}
        wide, _ = backbone.span_logits(model, wider)
    mask = batch["mask"]
    torch.testing.assert_close(wide[:, : mask.shape[1]][mask], start[mask])


def test_another_family_gets_segments(tmp_path, batch):
    config = BertConfig(
        vocab_size=60,
        hidden_size=16,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=16,
        max_position_embeddings=64,
    )
    BertForQuestionAnswering(config).save_pretrained(tmp_path / "bert")
    model = backbone.load_model(tmp_path / "bert")
    with torch.no_grad():
        start, end = backbone.span_logits(model, batch)
        other, _ = backbone.span_logits(model, batch | {"segments": 1 - batch["segments"]})
    assert start.shape == end.shape == batch["mask"].shape
    assert not torch.allclose(start, other)


def test_what_cannot_be_loaded_is_said(folder, tmp_path):
    with pytest.raises(UserError, match=r"no config.json"):
        backbone.load_model(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"no span head .*train one first"):
        backbone.load_model(folder)

    bare = shutil.copytree(folder, tmp_path / "bare")
    (bare / "model.safetensors").unlink()
    with pytest.raises(UserError, match=r"no weights"):
        backbone.load_model(bare, head_seed=1)

    cut = shutil.copytree(folder, tmp_path / "cut")
    weights = (cut / "model.safetensors").read_bytes()
    (cut / "model.safetensors").write_bytes(weights[: len(weights) // 2])
    with pytest.raises(UserError, match=r"cut: "):
        backbone.load_model(cut, head_seed=1)

    deeper = shutil.copytree(folder, tmp_path / "deeper")
    config = json.loads((deeper / "config.json").read_text())
    (deeper / "config.json").write_text(json.dumps(config | {"n_layers": 3}))
    with pytest.raises(UserError, match=r"weights of the xlm encoder are not in the checkpoint"):
        backbone.load_model(deeper, head_seed=1)

    (deeper / "config.json").write_text("{")
    with pytest.raises(UserError, match=r"config.json: not JSON"):
        backbone.load_model(deeper, head_seed=1)

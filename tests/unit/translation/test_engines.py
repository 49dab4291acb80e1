"""The other engines: CTranslate2 writes what the reference does, multilingual models their code."""

import json
import re
import string
import sys
from pathlib import Path

import pytest
import torch
from transformers import (
    M2M100Config,
    M2M100ForConditionalGeneration,
    M2M100Tokenizer,
    NllbTokenizer,
)

from lbmrc import miniworld
from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json
from lbmrc.miniworld.generator.passages import generate_passages
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines import factory
from lbmrc.translation.engines.transformers import Marian, Multilingual

CHECKPOINTS = Path(miniworld.__file__).parent / "checkpoints"
GERMAN = CHECKPOINTS / "opus-mt-en-de"
OPTIONS = {
    "beams": 2, "length_penalty": 1.0, "max_length": 60, "tokens_per_batch": 512,
    "precision": "auto",
}  # fmt: skip


def texts_of(count):
    """Distinct sentences and questions, some sentences with markers."""
    corpus = list(generate_passages("dev", count, 7))
    texts = [p.text["en"][slice(*s)] for p in corpus for s in p.sentences["en"]]
    texts += [q.text["en"] for p in corpus for q in p.questions]
    texts += [re.sub(r"(\d+)", r"([\1)]", text) for text in texts]
    return list(dict.fromkeys(texts))


@pytest.fixture(scope="module")
def converted(tmp_path_factory):
    """A store's folder, so that the checkpoints are converted once for all tests."""
    return tmp_path_factory.mktemp("store")


def fast(store, folder=GERMAN, **settings):
    settings = OPTIONS | {"engine": "ctranslate2", "precision": "float32"} | settings
    return factory.load_engine(settings, folder, folder.name, "cpu", store)


@pytest.mark.parametrize("language", ["es", "de"])
@pytest.mark.parametrize(("beams", "penalty"), [(1, 1.0), (4, 1.0), (2, 0.5)])
def test_ctranslate2_at_float32_writes_what_the_reference_does(converted, language, beams, penalty):
    texts, folder = texts_of(12), CHECKPOINTS / f"opus-mt-en-{language}"
    settings = {"beams": beams, "length_penalty": penalty, "max_length": 100}
    reference = Marian(folder, **settings).translate(texts)
    others = fast(converted, folder, **settings).translate(texts)
    unlike = [pair for pair in zip(reference, others, strict=True) if pair[0] != pair[1]]
    assert len(unlike) <= len(texts) // 100, f"{len(unlike)} of {len(texts)}: {unlike}"


def test_ctranslate2_at_float32_finds_translations_as_likely_as_the_reference(converted):
    """Its decoder begins with zeros; the synthetic corpus's models begin with their padding."""
    reference, engine = Marian(GERMAN, beams=1), fast(converted)
    pad, end = reference.tokenizer.pad_token_id, reference.tokenizer.eos_token_id
    assert reference.model.get_input_embeddings().weight[pad].abs().max() > 0.01
    tokens = reference.tokenizer.convert_ids_to_tokens
    for text in texts_of(3):
        source = [*reference.encode(text), end]
        target = reference.encode_target(reference.translate([text])[0])
        (found,) = engine.model.score_batch([tokens(source)], [tokens(target)])
        with torch.no_grad():
            logits = reference.model(
                input_ids=torch.tensor([source]), decoder_input_ids=torch.tensor([[pad, *target]])
            ).logits[0]
        logits[:, pad] = -torch.inf
        expected = logits.log_softmax(1)[range(len(target) + 1), [*target, end]].tolist()
        assert found.log_probs == pytest.approx(expected, abs=1e-3)


def test_ctranslate2_splits_cuts_and_keeps_order(converted):
    texts = ["A.", "", "Kedinus " * 300, " ", *texts_of(2)]
    cache = TranslationCache(fast(converted, max_length=12))
    translated = cache.translate(texts)
    assert list(translated) == texts
    assert (translated[""], translated[" "]) == ("", " ")
    assert cache.notes["inputs_split"] == 1
    assert cache.notes["outputs_cut"] >= 2
    short = [cache.engine.tokenizer(text_target=translated[text]).input_ids for text in texts[4:]]
    assert max(map(len, short)) <= 12


def test_ctranslate2_writes_the_same_in_any_batch(converted, monkeypatch):
    """So too where some texts of a batch are cut, each at a length of its own."""
    texts, engine = texts_of(2), fast(converted)
    monkeypatch.setattr(engine, "limit", lambda part: len(part) + 1)
    many = dict(engine.stream(texts))
    engine.tokens_per_batch = 1
    assert many == dict(engine.stream(texts))
    assert 0 < sum(output.cut for output in many.values()) < len(texts)


def test_the_checkpoint_is_converted_once_for_every_precision(tmp_path):
    fast(tmp_path)
    (model,) = tmp_path.rglob("model.bin")
    before = model.stat()
    assert fast(tmp_path, precision="int8").translate(["Who?"])[0]
    (model,) = tmp_path.rglob("model.bin")
    assert model.stat() == before
    assert [path.name for path in (tmp_path / "ctranslate2-models").iterdir()] == [
        "opus-mt-en-de-1"
    ]


def test_a_conversion_that_is_killed_leaves_none(tmp_path, monkeypatch):
    from ctranslate2.specs import TransformerSpec

    def torn(spec, folder):
        (Path(folder) / "model.bin").write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(TransformerSpec, "save", torn)
        fast(tmp_path)
    assert not list((tmp_path / "ctranslate2-models").iterdir())
    assert fast(tmp_path).translate(["Who?"])[0]


def test_ctranslate2_out_of_memory_halves(converted):
    engine = fast(converted)
    texts = texts_of(2)
    expected = engine.translate(texts)
    plain, sizes = engine.model, []

    class Small:
        def translate_batch(self, tokens, **more):
            if len(tokens) > 2:
                raise RuntimeError("CUDA failed with error out of memory")
            sizes.append(len(tokens))
            return plain.translate_batch(tokens, **more)

    engine.model = Small()
    assert engine.translate(texts) == expected
    assert sum(sizes) == len(texts)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB"), True),
        (RuntimeError("[enforce fail at alloc_cpu.cpp] can't allocate memory: 10 bytes"), True),
        (RuntimeError("cuBLAS failed with status CUBLAS_STATUS_ALLOC_FAILED"), True),
        (MemoryError("std::bad_alloc"), True),
        (RuntimeError("CUDA error: device-side assert triggered"), False),
    ],
)
def test_what_halves_a_batch_is_a_lack_of_memory_only(converted, error, expected):
    engine = fast(converted)

    class Failing:
        def translate_batch(self, tokens, **more):
            raise error

    engine.model = Failing()
    said = "no memory to translate one text" if expected else "device-side assert"
    with pytest.raises(UserError if expected else type(error), match=said):
        engine.translate(["Who?", "What?"])


def test_without_ctranslate2_it_says_how_to_get_it(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ctranslate2", None)
    with pytest.raises(UserError, match="pip install ctranslate2"):
        fast(tmp_path)


def test_a_precision_that_the_device_lacks_is_refused(converted):
    import ctranslate2

    if "float16" in ctranslate2.get_supported_compute_types("cpu"):
        pytest.skip("this processor computes in float16")
    with pytest.raises(UserError, match=r"float16.*choose another precision"):
        fast(converted, precision="float16")


def m2m_tokenizer(folder):
    pieces = [piece for piece in read_json(GERMAN / "vocab.json") if not piece.startswith("<")]
    vocabulary = ["<s>", "<pad>", "</s>", "<unk>", *pieces[1:]]
    (folder / "vocab.json").write_text(json.dumps({p: i for i, p in enumerate(vocabulary)}))
    return M2M100Tokenizer(str(folder / "vocab.json"), str(GERMAN / "source.spm"))


def nllb_tokenizer(folder):
    letters = dict.fromkeys(f"▁{string.ascii_letters}.,?áéíóúñü")
    vocabulary = ["<s>", "<pad>", "</s>", "<unk>", *letters]
    return NllbTokenizer(vocab={piece: i for i, piece in enumerate(vocabulary)})


@pytest.fixture(scope="module", params=["m2m", "nllb"])
def multilingual(request, tmp_path_factory):
    """A tiny multilingual model with random weights: engine, folder, its codes for en and es."""
    folder = tmp_path_factory.mktemp(request.param)
    nllb = request.param == "nllb"
    tokenizer = (nllb_tokenizer if nllb else m2m_tokenizer)(folder)
    torch.manual_seed(0)
    config = M2M100Config(
        vocab_size=1000, d_model=16, encoder_layers=1, decoder_layers=1,
        encoder_attention_heads=2, decoder_attention_heads=2, encoder_ffn_dim=16,
        decoder_ffn_dim=16, max_position_embeddings=64, pad_token_id=tokenizer.pad_token_id,
        eos_token_id=tokenizer.eos_token_id, decoder_start_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    M2M100ForConditionalGeneration(config).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return request.param, folder, *(("eng_Latn", "spa_Latn") if nllb else ("en", "es"))


def test_a_multilingual_model_is_told_both_languages(multilingual, monkeypatch):
    name, folder, source, target = multilingual
    settings = OPTIONS | {"engine": name, "source": source, "target": target, "max_length": 12}
    engine = factory.load_engine(settings, folder, "x", "cpu", "")
    assert engine.name.endswith(f"{source}-{target}")
    seen = []
    plain = engine.model.generate

    def generate(**more):
        outputs = plain(**more)
        seen.append((more["input_ids"], outputs))
        return outputs

    monkeypatch.setattr(engine.model, "generate", generate)
    texts = ["Who?", "", "The city of Lonka was founded."]
    translations = engine.translate(texts)
    assert (len(translations), translations[1]) == (3, "")
    ((inputs, outputs),) = seen
    before, first = (
        engine.tokenizer.convert_tokens_to_ids(code if name == "nllb" else f"__{code}__")
        for code in (source, target)
    )
    expected = [engine.tokenizer(texts[i], add_special_tokens=False).input_ids for i in (2, 0)]
    rows = [[i for i in row if i != engine.tokenizer.pad_token_id] for row in inputs.tolist()]
    assert rows == [[before, *ids, engine.tokenizer.eos_token_id] for ids in expected]
    assert outputs[:, 1].tolist() == [first] * 2
    assert outputs.shape[1] <= 12 + 1
    assert not any(target in text for text in translations)


def test_a_multilingual_model_reads_what_its_tokenizer_would_give_it(multilingual):
    _, folder, source, target = multilingual
    engine = Multilingual(folder, source, target)
    engine.tokenizer.src_lang = source
    text = "The city of Lonka was founded."
    whole = engine.tokenizer(text).input_ids
    assert [*engine.before, *engine.encode(text), engine.tokenizer.eos_token_id] == whole


def test_a_multilingual_model_shows_its_attention(multilingual):
    engine = Multilingual(*multilingual[1:])
    (attention,) = engine.attend([("The city of Lonka.", "La ciudad.")])
    assert attention.source == [(0, 3), (4, 8), (9, 11), (12, 18)]
    assert attention.target == [(0, 2), (3, 10)]
    assert [sum(row) for row in attention.weights] == [pytest.approx(1), pytest.approx(1)]


def test_an_unknown_language_or_folder_is_refused(multilingual, tmp_path):
    _, folder, source, target = multilingual
    with pytest.raises(UserError, match='no language "xx"'):
        Multilingual(folder, source, "xx")
    with pytest.raises(UserError, match="no M2M-100 or NLLB model"):
        Multilingual(tmp_path, source, target)


def test_what_decides_a_translation_is_in_its_key():
    settings = OPTIONS | {"engine": "marian", "checkpoint": {"folder": "somewhere"}}
    key = factory.translator_identity(settings, "abc", "cpu")
    assert key["checkpoint"] == "abc"
    assert key == factory.translator_identity(settings | {"tokens_per_batch": 99}, "abc", "cpu")
    others = [{"beams": 3}, {"length_penalty": 0.5}, {"max_length": 9}, {"precision": "float16"}]
    for other in [*others, {"engine": "m2m"}, {"target": "es"}]:
        assert key != factory.translator_identity(settings | other, "abc", "cpu")
    assert key != factory.translator_identity(settings, "abd", "cpu")
    assert key["precision"] == "float32"
    assert factory.translator_identity(settings, "abc", "cuda")["precision"] == "float16"
    fast = factory.translator_identity(settings | {"engine": "ctranslate2"}, "abc", "cpu")
    assert fast["precision"] == "int8"

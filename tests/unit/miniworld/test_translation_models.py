"""The Marian engine on real model files, and the command that trains those of the corpus."""

import json
import random
from pathlib import Path

import pytest
import torch
from transformers import MarianMTModel, MarianTokenizer

from lbmrc import miniworld
from lbmrc.common.errors import UserError
from lbmrc.data.examples import Answer, Example
from lbmrc.miniworld.generator.passages import generate_passages
from lbmrc.miniworld.models.translation_models import main, parallel_pairs
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines.transformers import Marian
from lbmrc.translation.recovery.markers import recover_answer
from lbmrc.translation.translate import translate_squad

CHECKPOINTS = Path(miniworld.__file__).parent / "checkpoints"
SMALL = {
    "vocabulary": 120,
    "width": 16,
    "layers": 1,
    "feed-forward": 16,
    "passages": 20,
    "steps": 3,
}
COMMAND = ["--language", "de", *(word for key in SMALL for word in (f"--{key}", str(SMALL[key])))]


@pytest.fixture(scope="module")
def untrained(tmp_path_factory):
    """A model after three steps: right in form, all nonsense."""
    folder = tmp_path_factory.mktemp("opus-mt-en-de")
    main([*COMMAND, "--output", str(folder)])
    return folder


def test_the_command_makes_a_model_as_opus_mts(untrained):
    files = {file.name for file in untrained.iterdir()}
    assert files >= {"source.spm", "target.spm", "vocab.json", "config.json", "model.safetensors"}
    assert not any(name.endswith((".bin", ".pt", ".pkl")) for name in files)
    model = MarianMTModel.from_pretrained(untrained, dtype="auto")
    assert model.dtype == torch.float16
    config = json.loads((untrained / "config.json").read_text())
    assert config["model_type"] == "marian"
    assert config["decoder_start_token_id"] == config["pad_token_id"] == config["vocab_size"] - 1
    tokenizer = MarianTokenizer.from_pretrained(untrained)
    text = "“Kedinus” ([was)] founded in 1947."
    ids = tokenizer(text).input_ids
    assert ids[-1] == tokenizer.eos_token_id
    assert tokenizer.unk_token_id not in ids
    assert tokenizer.decode(ids, skip_special_tokens=True) == text


def test_the_same_command_makes_the_same_model(untrained, tmp_path):
    main([*COMMAND, "--output", str(tmp_path)])
    for name in ("model.safetensors", "source.spm", "vocab.json", "config.json"):
        assert (tmp_path / name).read_bytes() == (untrained / name).read_bytes()


def test_marked_sentences_hold_the_same_answer_on_both_sides():
    (passage,) = generate_passages("pretrain", 1, 3)
    pairs = list(parallel_pairs(passage, "de", 1.0, random.Random(1)))
    marked = [[recover_answer(side) for side in pair] for pair in pairs if "([" in pair[0]]
    answers = {
        tuple(passage.text[side][slice(*slot.spans[side])] for side in ("en", "de"))
        for slot in passage.slots
        if slot.relation
    }
    assert {tuple(r.text[r.start : r.end] for r in both) for both in marked} == answers
    plain = [pair for pair in pairs if "([" not in pair[0]]
    assert all(tuple(r.text for r in both) in plain for both in marked)


def test_texts_come_back_in_order_whatever_the_batches(untrained):
    texts = ["A.", "", "The city of Lonka.", " ", "A.", "Who wrote the novel “A”?" * 4]
    one = Marian(untrained, beams=2, max_length=30, tokens_per_batch=1).translate(texts)
    many = Marian(untrained, beams=2, max_length=30).translate(texts)
    assert len(one) == len(texts)
    assert (one[1], one[3]) == ("", " ")
    assert one[0] == one[4]
    assert one == many


def test_a_text_without_a_token_is_its_own_translation(untrained, monkeypatch):
    engine = Marian(untrained, beams=1)
    plain = engine.tokenizer._tokenize
    normalised = {"": "", " \n": "", "\ufeff\u200b": ""}  # as opus-mt's normaliser does
    monkeypatch.setattr(engine.tokenizer, "_tokenize", lambda t: plain(normalised.get(t, t)))
    assert engine.translate(list(normalised)) == list(normalised)


def test_a_text_too_long_is_split_not_cut(untrained):
    engine = Marian(untrained, beams=1, max_length=8)
    calls = []
    engine.generate = lambda parts: calls.append(parts) or [("x", False)] * len(parts)
    words = "Kedinus " * 400
    ((_, (translation, split, _)),) = engine.stream([words])
    parts = calls[0]
    assert max(map(len, parts)) <= 255
    assert engine.tokenizer.decode([i for part in parts for i in part]).split() == words.split()
    assert translation == " ".join("x" * len(parts))
    assert split == 1
    assert engine.translate(["Word" * 1000])[0].startswith("x x")


def test_a_translation_that_does_not_end_is_counted(untrained):
    engine = Marian(untrained, beams=1, max_length=4)
    engine.model.final_logits_bias[0, engine.tokenizer.eos_token_id] = -1e4
    cache = TranslationCache(engine)
    cache.translate(["One.", "Two.", "One."])
    assert cache.notes == {"inputs_split": 0, "outputs_cut": 2}


@pytest.mark.parametrize("language", ["es", "de"])
def test_the_shipped_models_are_good_and_imperfect(language):
    folder = CHECKPOINTS / f"opus-mt-en-{language}"
    assert sum(file.stat().st_size for file in folder.iterdir()) < 2_500_000
    corpus = list(generate_passages("dev", 40, 7))
    examples = [
        Example(q.id, p.id, "en", "en", p.text["en"], q.text["en"], (_answer(p, q, "en"),))
        for p in corpus
        for q in p.questions
    ]
    result = translate_squad(examples, language, TranslationCache(Marian(folder, beams=1)))
    assert 0.8 <= len(result.examples) / len(examples) < 1
    truth = {q.id: (q.text[language], _answer(p, q, language)) for p in corpus for q in p.questions}
    kept = {e.id: e for e in result.examples}
    assert all(e.passage[a.start : a.end] == a.text for e in kept.values() for a in e.answers)
    right = sum(e.answers[0].text == truth[e.id][1].text for e in kept.values()) / len(kept)
    asked = sum(result.questions[id] == truth[id][0] for id in truth) / len(truth)
    assert 0.8 <= right < 1
    assert 0.85 <= asked < 1


def _answer(passage, question, language):
    start, end = passage.slots[question.slot].spans[language]
    return Answer(passage.text[language][start:end], start)


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(UserError, match=r"source\.spm"):
        Marian(tmp_path)


def test_a_batch_too_large_for_the_device_is_halved(untrained, monkeypatch):
    texts = [f"Kedinus was founded in {year}." for year in range(1900, 1910)]
    engine = Marian(untrained, beams=1, max_length=8)
    expected = engine.translate(texts)
    plain, sizes = engine.model.generate, []

    def limited(input_ids, **more):
        sizes.append(len(input_ids))
        if len(input_ids) > room:
            raise torch.OutOfMemoryError("no room")
        return plain(input_ids=input_ids, **more)

    monkeypatch.setattr(engine.model, "generate", limited)
    room = 3
    assert engine.translate(texts) == expected
    assert sizes == [10, 5, 2, 3, 5, 2, 3]
    room = 0
    with pytest.raises(UserError, match="no memory"):
        engine.translate(texts)

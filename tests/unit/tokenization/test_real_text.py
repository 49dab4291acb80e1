"""The real XQuAD in nine languages: its text through tokens and windows, and unchanged back again.

Gold answers go the way of every prediction (windows of 384 tokens, logits that are 1 at the gold
tokens, the best span over all windows, text cut by offsets) and must come back character for
character. An answer that begins or ends inside a subword can't; there is no other reason. (The
usual limit of 30 tokens to an answer, which loses about 1% of the gold answers, is lifted here.)
"""

from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from families import build_tokenizer as build_family_tokenizer
from tiny_xlm import build_tokenizer

from lbmrc.config.stages import DecodingSettings, WindowSettings
from lbmrc.data.squad import read_squad
from lbmrc.evaluation.metrics import score_file
from lbmrc.evaluation.prediction import predict, write_predictions
from lbmrc.tokenization.tokenize import TokenCache, tokenize
from lbmrc.windows.build import write_windows
from lbmrc.windows.files import read_windows

NO_MODEL = SimpleNamespace(config=None)
FAMILIES = ("bert", "xlm-roberta", "deberta-v2", "modernbert")
LANGUAGES = ("en", "es", "de", "ar", "hi", "vi", "el", "ru", "tr")


@pytest.fixture(scope="module")
def xquad(xquad_folder):
    """{language: its 1190 examples}"""
    return {
        language: read_squad(xquad_folder / f"xquad.{language}.json", language, language).examples
        for language in LANGUAGES
    }


def texts_of(examples):
    """The passages and questions, each once."""
    return dict.fromkeys(text for e in examples for text in (e.passage, e.question))


@pytest.fixture(scope="module")
def xlm(xquad, tmp_path_factory):
    """Learnt on a part of the text, so that the rest holds unknown words and characters."""
    some = [text for examples in xquad.values() for text in list(texts_of(examples))[::6]]
    return build_tokenizer(tmp_path_factory.mktemp("xlm"), some, merges=8_000)


def unlike_reference(xlm, texts):
    return [
        text
        for text in texts
        if tokenize(text, "en", xlm)[0].tolist() != xlm.convert_tokens_to_ids(xlm.tokenize(text))
    ]


def why_lost(example, offsets):
    """Why the first gold answer of an example can't come back; None if there is no reason."""
    answer = example.answers[0]
    first, end = offsets.T
    if ((first < answer.start) & (answer.start < end)).any():
        return "begins inside a subword"
    if ((first < answer.end) & (answer.end < end)).any():
        return "ends inside a subword"
    return None


def why_no_subword(answer, offsets):
    """As `why_lost`, for an answer whose first or last character belongs to no subword."""
    first, end = offsets.T
    for place in (answer.start, answer.end - 1):
        if not ((first <= place) & (place < end)).any():
            return "begins or ends with a character that the tokenizer drops"
    return None


def gold_logits(model, batch):
    """1 at the first and last token of the answer (or at the first token of all), 0 elsewhere."""
    import torch

    return tuple(
        torch.nn.functional.one_hot(batch[place], batch["input_ids"].shape[1]).float()
        for place in ("start", "end")
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_ids_are_the_references(xlm, xquad, language):
    assert unlike_reference(xlm, list(texts_of(xquad[language]))[::5]) == []


@pytest.mark.slow
def test_ids_are_the_references_on_every_text(xquad, tmp_path):
    """All 12,870 texts, with a vocabulary as fine as XLM's own on this text."""
    texts = [text for examples in xquad.values() for text in texts_of(examples)]
    xlm = build_tokenizer(tmp_path, texts, merges=30_000)
    assert unlike_reference(xlm, texts) == []


def bring_back(tokenizer, examples, language, path):
    """{question id: text} of the gold answers after the way of every prediction."""
    decoding = DecodingSettings(n_best=1, max_answer_length=256)
    write_windows(
        path, examples, tokenizer, WindowSettings(), dataset=language, for_prediction=True
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("lbmrc.model.span_model.span_logits", gold_logits)
        found = predict(NO_MODEL, read_windows([path]), decoding, "cpu", tokenizer.pad_token_id)
        return {prediction.id: prediction.text for prediction in found}


@pytest.fixture(scope="module")
def brought_back(xlm, xquad, tmp_path_factory):
    """{language: {question id: text}}: XLM's."""
    folder = tmp_path_factory.mktemp("windows")
    return {
        language: bring_back(xlm, examples, language, folder / f"{language}.arrow")
        for language, examples in xquad.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_gold_answers_come_back_through_each_family(xquad, family, tmp_path, record_property):
    """A letter is lost only where an answer begins or ends inside a subword, or has none."""
    some = [text for examples in xquad.values() for text in list(texts_of(examples))[::6]]
    tokenizer = build_family_tokenizer(family, some, size=20_000)
    for language, examples in xquad.items():
        found = bring_back(tokenizer, examples, language, tmp_path / f"{language}.arrow")
        tokens, reasons = TokenCache(tokenizer), Counter()
        for example in examples:
            answer = example.answers[0]
            if found[example.id] == answer.text:
                continue
            _, offsets = tokens(example.passage, language)
            why = why_lost(example, offsets) or why_no_subword(answer, offsets)
            assert why, (family, language, example.id, answer, found[example.id])
            reasons[why] += 1
        print(f"{family} {language}: {dict(reasons)}")
        record_property(f"lost {language}", dict(reasons))
        assert reasons.total() <= 0.1 * len(examples), (family, language, reasons)


@pytest.mark.parametrize("language", LANGUAGES)
def test_gold_answers_come_back_character_for_character(
    xlm, xquad, brought_back, language, record_property
):
    assert len(brought_back[language]) == len(xquad[language]) == 1190
    tokens = TokenCache(xlm)
    reasons = Counter()
    for example in xquad[language]:
        if brought_back[language][example.id] == example.answers[0].text:
            continue
        _, offsets = tokens(example.passage, language)
        why = why_lost(example, offsets)
        assert why, (example.id, example.answers[0], brought_back[language][example.id])
        reasons[why] += 1
        print(f"{language} {example.id} {why}: {example.answers[0].text!r}")
    record_property("lost", dict(reasons))
    assert reasons.total() <= 0.012 * 1190, reasons


def test_nearly_all_gold_answers_of_all_languages_come_back(xquad, brought_back):
    assert (
        np.mean([same for language in xquad for same in unchanged(xquad, brought_back, language)])
        >= 0.994
    )


def unchanged(xquad, brought_back, language):
    return [
        brought_back[language][example.id] == example.answers[0].text for example in xquad[language]
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_scores_of_what_came_back(xquad_folder, xquad, brought_back, language, tmp_path: Path):
    write_predictions(tmp_path / "gold.json", brought_back[language])
    dataset = xquad_folder / f"xquad.{language}.json"
    scores = score_file(dataset, tmp_path / "gold.json", "squad")
    exact = round(scores["exact_match"] / 100 * 1190)
    assert exact >= sum(unchanged(xquad, brought_back, language))
    assert scores["f1"] >= 98.5

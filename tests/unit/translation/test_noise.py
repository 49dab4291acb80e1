"""Noise in translations: its share, what it does to markers, that it depends on nothing else."""

import random

import pytest

from lbmrc.config.noise import TranslationNoise
from lbmrc.data.examples import Answer, Example
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines.base import Engine, Output
from lbmrc.translation.noise import NoisyTranslator
from lbmrc.translation.recovery.markers import MARKERS, Lost, Recovered, recover_answer
from lbmrc.translation.translate import translate_squad

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven"]
KINDS = ["wrong_words", "lost_markers", "shifted_markers", "swapped_answers", "untranslated"]
LEVELS = [0.0, 0.1, 0.3, 0.6, 1.0]


class Capitals(Engine):
    name = "capitals"

    def stream(self, texts):
        return ((index, Output(text.upper())) for index, text in enumerate(texts))


def sentences(count):
    """Sentences of different words in some order, one or two of them marked."""
    generator = random.Random(1)
    texts = []
    for _ in range(count):
        words = generator.sample(WORDS, 9)
        first = generator.randrange(9)
        last = min(8, first + generator.randrange(2))
        words[first] = "([" + words[first]
        words[last] += ")]"
        texts.append(" ".join(words) + ".")
    return list(dict.fromkeys(texts))


TEXTS = sentences(200)


def noisy(texts, language="es", seed=1, **shares):
    noise = TranslationNoise(**shares, seed=seed)
    translator = NoisyTranslator(TranslationCache(Capitals()), noise, language, MARKERS)
    return translator.translate(texts), translator


def answer_words(text):
    """Sentence and answer of a marked text, as lists of words."""
    found = recover_answer(text, MARKERS)
    assert isinstance(found, Recovered)
    return found.text.split(), found.text[found.start : found.end].split()


def test_without_noise_translations_are_the_translators():
    plain = TranslationCache(Capitals()).translate(TEXTS)
    assert noisy(TEXTS)[0] == plain


@pytest.mark.parametrize("kind", KINDS)
def test_noise_grows_with_its_share_and_keeps_what_a_smaller_one_did(kind):
    clean = noisy(TEXTS)[0]
    before: dict = {}
    for share in LEVELS:
        texts, translator = noisy(TEXTS, **{kind: share})
        count = translator.notes[f"noise_{kind}"]
        units = 9 * len(TEXTS) if kind == "wrong_words" else len(TEXTS)
        assert abs(count - share * units) <= 4 * (share * (1 - share) * units) ** 0.5
        if kind == "wrong_words":
            changed = {
                (text, n): word
                for text in TEXTS
                for n, (word, old) in enumerate(
                    zip(texts[text].split(), clean[text].split(), strict=True)
                )
                if word != old
            }
        else:
            changed = {text: texts[text] for text in TEXTS if texts[text] != clean[text]}
        assert before.items() <= changed.items()
        assert len(changed) == count
        before = changed


def test_wrong_words_are_other_words_of_the_sentence_at_the_same_places():
    for text, translation in noisy(TEXTS, wrong_words=1.0)[0].items():
        words, answer = answer_words(text.upper())
        other, found = answer_words(translation)
        known = {word.strip(".") for word in words}
        assert all(a != b for a, b in zip(words, other, strict=True))
        assert {word.strip(".") for word in other} <= known
        assert len(found) == len(answer)


def test_a_sentence_has_the_same_wrong_words_with_markers_and_without():
    for text in TEXTS:
        plain = text.replace("([", "").replace(")]", "")
        found = noisy([text, plain], wrong_words=0.5)[0]
        recovered = recover_answer(found[text], MARKERS)
        assert isinstance(recovered, Recovered)
        assert recovered.text == found[plain]


def test_lost_markers_lose_the_answer_in_three_ways():
    texts = noisy(TEXTS, lost_markers=1.0)[0]
    reasons = {recover_answer(t, MARKERS) for t in texts.values()}
    assert reasons == {Lost("missing-open"), Lost("missing-close"), Lost("missing-both")}


def test_shifted_markers_move_one_end_by_a_word():
    for text, translation in noisy(TEXTS, shifted_markers=1.0)[0].items():
        words, answer = answer_words(text.upper())
        other, shifted = answer_words(translation)
        assert other == words
        assert abs(len(shifted) - len(answer)) == 1
        longer, shorter = sorted([shifted, answer], key=len, reverse=True)
        strip = [[word.strip(".") for word in part] for part in (longer, shorter)]
        assert strip[1] in (strip[0][1:], strip[0][:-1])


def test_swapped_answers_are_as_many_other_words():
    for text, translation in noisy(TEXTS, swapped_answers=1.0)[0].items():
        words, answer = answer_words(text.upper())
        other, swapped = answer_words(translation)
        assert other == words
        assert len(swapped) == len(answer)
        assert not set(swapped) & {word.strip(".") for word in answer}


def test_untranslated_texts_are_the_source_with_its_markers():
    assert noisy(TEXTS, untranslated=1.0)[0] == {text: text for text in TEXTS}


ALL = dict.fromkeys(KINDS, 0.4)


def test_noise_depends_on_seed_language_and_text_alone():
    texts = noisy(TEXTS, **ALL)[0]
    alone = {}
    for text in reversed(TEXTS):
        alone |= noisy([text], **ALL)[0]
    assert alone == texts
    assert noisy(TEXTS, seed=2, **ALL)[0] != texts
    assert noisy(TEXTS, language="de", **ALL)[0] != texts


@pytest.mark.parametrize("text", ["", "?!", "([one)]", "([one)] two", "one ([,)] two"])
def test_texts_without_room_for_noise_stay_readable(text):
    for kind in ("wrong_words", "shifted_markers", "swapped_answers"):
        found = noisy([text], **{kind: 1.0})[0][text]
        assert type(recover_answer(found, MARKERS)) is type(recover_answer(text, MARKERS))


def test_noise_reaches_examples_and_the_funnel():
    passage = "Ann met Bob in a small town. Bob left the town on a Monday."
    examples = [
        Example(str(n), "t/0", "en", "en", passage, "Who?", (Answer(name, passage.index(name)),))
        for n, name in enumerate(("Ann", "Bob", "Monday"))
    ]
    _, translator = noisy([], lost_markers=1.0)
    lost = translate_squad(examples, "es", translator)
    assert lost.examples == []
    assert lost.funnel.notes["noise_lost_markers"] == 3
    assert lost.funnel.engine == "capitals, with noise"
    assert set(lost.questions.values()) == {"WHO?"}
    _, translator = noisy([], swapped_answers=1.0)
    swapped = translate_squad(examples, "es", translator).examples
    assert len(swapped) == 3
    for before, after in zip(examples, swapped, strict=True):
        (answer,) = after.answers
        assert after.passage == passage.upper()
        assert after.passage[answer.start : answer.end] == answer.text
        assert answer.text != before.answers[0].text.upper()

"""The detector on a sentence of each language, on doubtful texts, and on the real XQuAD."""

import json

import pytest

from lbmrc.evaluation.language_detection import detect_language

XLM15 = ["ar", "bg", "de", "el", "en", "es", "fr", "hi", "ru", "sw", "th", "tr", "ur", "vi", "zh"]
SENTENCES = {
    "en": "The Broncos beat the Panthers in California.",
    "es": "¿Dónde nació la escritora y en qué año?",
    "de": "Die Straße in Köln heißt Große Budengasse.",
    "ar": "ولد في القاهرة وعاش فيها",
    "hi": "भारत की राजधानी नई दिल्ली है।",
    "vi": "Thành phố Hồ Chí Minh là thành phố lớn nhất Việt Nam.",
    "el": "Η Αθήνα είναι η πρωτεύουσα της Ελλάδας",
    "ru": "Москва — столица России.\nЧай пьют здесь.",
    "tr": "İstanbul'da güneşli bir gün.",
}


@pytest.mark.parametrize("language", SENTENCES)
def test_a_sentence_is_in_its_language(language):
    found = detect_language(SENTENCES[language], XLM15)
    assert (found.language, found.note) == (language, "")
    assert 0.8 <= found.share <= 1.0001


def test_only_the_given_languages_are_chosen_and_others_named():
    found = detect_language("東京は日本の首都であり、最大の都市です。", ["en", "de"])
    assert found.language in ("en", "de")
    assert found.note == (
        f"looks like the language ja, which the model does not know; read as {found.language}"
    )


def test_a_text_of_uncertain_language_gets_a_note():
    found = detect_language("Ergänzungsschulen nasıl finanse edilir?", XLM15)
    assert "uncertain" in found.note and f"read as {found.language}" in found.note


def test_a_language_that_no_detector_knows_is_only_a_guess():
    found = detect_language("12", ["xx"])
    assert found[:2] == ("xx", 0.0)
    assert "read as xx" in found.note


def test_on_the_real_xquad(xquad_folder):
    wrong = total = 0
    for language in SENTENCES:
        for article in json.loads((xquad_folder / f"xquad.{language}.json").read_text())["data"]:
            for paragraph in article["paragraphs"][:2]:
                for text in [paragraph["context"], *(qa["question"] for qa in paragraph["qas"])]:
                    total += 1
                    wrong += detect_language(text, XLM15).language != language
    assert total > 4000
    assert wrong / total < 0.002

import pytest

from lbmrc.evaluation.sentence_context import sentence_around

PASSAGES = {
    "beyoncé sang “halo”; bruno played ‘uptown funk’.": (
        "The Denver Broncos beat the Carolina Panthers 24–10. "
        "Beyoncé sang “Halo”; Bruno played ‘Uptown Funk’. Die Straße heißt „Große Budengasse“."
    ),
    "москва — столица россии.": "Das war um 9 Uhr. Москва — столица России. It was late.",
    "वे मोनैकन गांव गए।": "सन 1700 में वे वर्जीनिया आए। वे मोनैकन गांव गए। आज वह अलग है।",
    "أين تقع البصرة؟": "سأل المعلم. أين تقع البصرة؟ في العراق.",
    "它在北京。": "这是一座塔。它在北京。它很高！",
}
ANSWERS = ["Halo", "столица", "मोनैकन", "البصرة", "北京"]


@pytest.mark.parametrize(("expected", "answer"), list(zip(PASSAGES, ANSWERS, strict=True)))
def test_a_sentence_ends_at_its_scripts_marks(expected, answer):
    passage = PASSAGES[expected]
    start = passage.index(answer)
    first, end = sentence_around(passage, start, start + len(answer))
    assert passage[first:end].lower() == expected


def test_a_span_over_two_sentences_gets_both():
    passage = "One is. Two are here. Three came."
    first, end = sentence_around(passage, passage.index("is"), passage.index("are"))
    assert passage[first:end] == "One is. Two are here."
    assert sentence_around("  ", 1, 1) == (1, 1)

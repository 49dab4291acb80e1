"""Answers and passages that are easy to get wrong, in both modes, through an honest engine."""

import pytest

from lbmrc.data.examples import Answer, Example
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines.base import Engine, Output
from lbmrc.translation.recovery.cascade import translate_cascade
from lbmrc.translation.translate import translate_squad

MODES = {"markers": translate_squad, "cascade": translate_cascade}


class Capitals(Engine):
    name = "capitals"

    def stream(self, texts):
        for index, text in enumerate(texts):
            yield index, Output("".join(c.upper() if len(c.upper()) == 1 else c for c in text))


# The answer stands between the two bars.
BAD = {
    "crosses sentences": "He met |Ann. She left| early. It rained.",
    "crosses paragraphs": "He met |Ann.\n\nShe left| early.",
    "first of a word that repeats": "|Bob| saw Bob, then Bob. Bob left.",
    "second of a word that repeats": "Bob saw |Bob|, then Bob. Bob left.",
    "last of a word that repeats": "Bob saw Bob, then |Bob|. Bob left.",
    "inside another word": "Every Bobcat saw |Bob| and bobbed.",
    "at the very start": "|Ann| left.",
    "at the very end": "It was |Ann|",
    "the full stop at the end": "It was |Ann.|",
    "the whole passage": "|It was Ann.|",
    "a passage of one word": "|Word|",
    "a passage of one letter": "|x|",
    "a passage of 5,000 words": "It was dark, said he. " * 1000 + "So |Ann| left.",
    "brackets in it": "It was |f(x) [1]| then.",
    "brackets around it": "It was (|Ann|) and [Bob] then.",
    "quotes in it": 'It was |the "great" cat| then.',
    "quotes around it": 'It was "|Ann|" then, “so” they say.',
    "a newline in it": "It was a list of\n|red\nand blue| things.",
    "U+200B in it": "It was |An\u200bn| then.",
    "U+200B at its edge": "It was \u200b|Ann|\u200b then.",
    "U+FEFF at the start": "\ufeff|Ann| left.",
    "a combining mark": "It was |Zoe\u0308| then, e\u0301t.",
    "right to left": "It was |שלום| and مرحبا then.",
    "right to left with its mark": "It was |\u200fמלך 12| then.",
    "outside the first plane": "It was |🐈 cat| then.",
}


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("name", BAD)
def test_the_answer_comes_across_in_its_place(name, mode):
    before, answer, after = BAD[name].split("|")
    passage = before + answer + after
    example = Example("a", "t/0", "en", "en", passage, "", (Answer(answer, len(before)),))
    result = MODES[mode]([example], "es", TranslationCache(Capitals()))
    (kept,) = result.examples
    assert kept.passage == passage.upper()
    assert kept.answers == (Answer(answer.upper(), len(before)),)
    assert kept.question == result.questions["a"] == ""


@pytest.mark.parametrize("answer", ["([", ")]", "a ([ b", "f([x])"])
def test_an_answer_that_holds_markers_is_lost_or_found_by_others(answer):
    passage = f"It was {answer} then."
    example = Example("a", "t/0", "en", "en", passage, "Who?", (Answer(answer, 7),))
    lost = translate_squad([example], "es", TranslationCache(Capitals()))
    assert lost.examples == []
    assert lost.funnel.lost == {"marker-in-text": 1}
    found = translate_cascade([example], "es", TranslationCache(Capitals()))
    assert [kept.answers for kept in found.examples] == [(Answer(answer.upper(), 7),)]

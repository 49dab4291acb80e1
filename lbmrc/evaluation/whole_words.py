"""Spans that end inside a word, extended to the whole word.

A backbone answers in subwords, so its span may cut a word: ``uban`` of Rosuban, ``19`` of 1997.
"""

import unicodedata
from functools import lru_cache

_NO_SPACES = (
    "CJK ",
    "IDEOGRAPHIC ",
    "BOPOMOFO ",
    "HIRAGANA ",
    "KATAKANA",
    "HALFWIDTH KATAKANA ",
    "THAI ",
    "LAO ",
    "KHMER ",
    "MYANMAR ",
)
"""How Unicode's names of characters begin in scripts that write words without spaces."""

_JOINERS = "\u200c\u200d"


def extend_to_words(text: str, start: int, end: int) -> tuple[int, int]:
    """The span extended to whole words at both ends, in code points, end exclusive.

    A word is a run of letters, digits, combining marks and the joiners between them. Apostrophes,
    hyphens, commas and points end a word: gold answers are often *King* in *King's*, *2010* in
    *12.05.2010*. An end at a character of a script without spaces (Chinese, Japanese, Thai, Lao,
    Khmer, Burmese) is not moved; an empty span is unchanged. Of XQuAD's 10,710 gold answers in nine
    languages, 46 do not begin and end at such word boundaries; most of these are misprints.
    """
    return Words(text).extended(start, end)


class Words:
    """The words of one text, each found once, so that many spans in one long word cost little."""

    def __init__(self, text: str):
        self._text = text
        self._found: list[tuple[int, int]] = []

    def extended(self, start: int, end: int) -> tuple[int, int]:
        """`extend_to_words` of this text."""
        if start >= end:
            return start, end
        return self._around(start)[0], self._around(end - 1)[1]

    def _around(self, index: int) -> tuple[int, int]:
        """The word that contains a character, or the character alone."""
        for first, end in self._found:
            if first <= index < end:
                return first, end
        text, first, end = self._text, index, index + 1
        if _in_word(text[index]):
            while first > 0 and _in_word(text[first - 1]):
                first -= 1
            while end < len(text) and _in_word(text[end]):
                end += 1
        self._found.append((first, end))
        return first, end


@lru_cache(maxsize=10_000)
def _in_word(character: str) -> bool:
    if character in _JOINERS:
        return True
    if unicodedata.category(character)[0] not in "LMN":
        return False
    return not unicodedata.name(character, "").startswith(_NO_SPACES)

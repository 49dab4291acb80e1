"""Degenerate MT output: empty, repetitive, far too long or short, or a copy of the source.

The tests are deliberately coarse: they accept everything that could be a translation.
"""

import re

from lbmrc.translation.recovery.markers import has_visible_text

_LONGER, _SHORTER, _SLACK = 3.0, 4.0, 40
_WORDS_OF_A_COPY = 6
_ROUNDS, _LONGEST = 5, 40
_TATWEEL = "\u0640"  # the Arabic elongation character, which Unicode classifies as a letter
_AGAIN = re.compile(
    rf"(\S.{{0,{_LONGEST - 1}}}?)(?:\s*\1){{{_ROUNDS - 1},}}", re.DOTALL | re.IGNORECASE
)


def degeneration_reason(source: str, translation: str) -> str | None:
    """Why ``translation`` cannot be a translation of ``source``, or None.

    ``empty``: it has no visible character, or no letter or digit although the source has some;
    ``repetition``: it repeats something of up to 40 characters five times in a row, and the source
    does not; ``length``: it is longer than three times the source plus 40 characters, or the source
    is longer than four times the translation plus 40; ``copy``: it equals the source, which has six
    words or more.
    """
    ours, theirs = source.strip(), translation.strip()
    if not has_visible_text(ours):
        return None
    if not has_visible_text(theirs) or (_has_words(ours) and not _has_words(theirs)):
        return "empty"
    if _repeats(theirs) and not _repeats(ours):
        return "repetition"
    if len(theirs) > _LONGER * len(ours) + _SLACK or len(ours) > _SHORTER * len(theirs) + _SLACK:
        return "length"
    if ours == theirs and sum(w.isalpha() for w in ours.split()) >= _WORDS_OF_A_COPY:
        return "copy"
    return None


def usable_question(source: str, translation: str | None) -> str | None:
    """The translation of a question; None if it is degenerate and so cannot be used."""
    if translation is None or degeneration_reason(source, translation):
        return None
    return translation


def _has_words(text: str) -> bool:
    return any(map(str.isalnum, text))


def _repeats(text: str) -> bool:
    if not _may_repeat(text):
        return False
    return any(any(_says(c) for c in match[1]) for match in _AGAIN.finditer(text))


def _says(character: str) -> bool:
    return character.isalpha() and character != _TATWEEL


def _may_repeat(text: str) -> bool:
    """Whether the pattern, which is slow, can match at all.

    Without white space, five repeats of ``size`` characters contain three whole repeats starting at
    one of the checked positions, which are two repeats apart.
    """
    text = "".join(text.lower().split())
    return any(
        text[at + size : at + 3 * size] == text[at : at + 2 * size]
        for size in range(1, min(_LONGEST, len(text) // _ROUNDS) + 1)
        for at in range(0, len(text) - 3 * size + 1, 2 * size)
    )

"""Describes invisible differences between two texts that look alike."""

import unicodedata
from itertools import zip_longest

_NAMED = 3
_LONGER = 3  # at most this many times the code points of a text that looks the same
_WHITE_SPACE = {"Zs", "Zl", "Zp", "Cc"}


def unseen_difference(found: str, expected: str) -> str:
    """The difference between two texts that look alike on the screen, to append to an error.

    ``' (they differ by U+00A0 no-break space for U+0020 space)'``; empty if the difference is
    visible, or if there is none.
    """
    if found == expected or _looks(found) != _looks(expected):
        return ""
    forms = [unicodedata.normalize("NFC", text) for text in (found, expected)]
    if forms[0] == forms[1]:
        return f" (the same but for Unicode normalisation: {_codes(found, expected)})"
    return f" (they differ by {_codes(*forms)})"


def lookalike_at(text: str, start: int, expected: str) -> str:
    """The part of ``text`` from ``start`` that looks like ``expected``, else one as long."""
    looks = _looks(expected)
    for end in range(start, min(len(text), start + _LONGER * len(expected)) + 1):
        if _looks(text[start:end]) == looks:
            return text[start:end]
    return text[start : start + len(expected)]


def _looks(text: str) -> str:
    """A text without invisible details: kinds of white space, format characters, compositions."""
    composed = unicodedata.normalize("NFC", text)
    seen = (c for c in composed if unicodedata.category(c) != "Cf")
    return "".join(" " if unicodedata.category(c) in _WHITE_SPACE else c for c in seen)


def _codes(found: str, expected: str) -> str:
    """The first differing stretch of two texts, as code points."""
    pairs = zip_longest(found, expected)
    start = next(number for number, (a, b) in enumerate(pairs) if a != b)
    rest = found[start:], expected[start:]
    shortest = min(map(len, rest))
    same_end = next((n for n in range(shortest) if rest[0][-n - 1] != rest[1][-n - 1]), shortest)
    ours, theirs = (text[: len(text) - same_end] for text in rest)
    return f"{_named(ours)} for {_named(theirs)}"


def _named(text: str) -> str:
    names = [f"U+{ord(c):04X} {unicodedata.name(c, 'control character').lower()}" for c in text]
    more = ["…"] if len(names) > _NAMED else []
    return " ".join(names[:_NAMED] + more) or "nothing"

"""An answer enclosed in a pair of markers, which machine translation carries over.

Section 4.1: "we add a pair of special tokens to denote the correct answer"; Figure 2 shows ``([``
and ``)]``. `insert_markers` puts them around the span of an answer; `recover_answer` removes them
from the translation and returns the text and the answer's span, or the reason why it is lost.
Anything but one well-formed, non-empty pair is lost.

MT often puts spaces around markers ("está ([ una estatua )] con"). `insert_markers` never puts
white space on a marker's inner side, so any found there comes from MT and is repaired: the same
space may already be outside, or belong there, or precede punctuation. If the inner side has none,
only the marker is removed. So `recover_answer` is the exact inverse of `insert_markers`.
"""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from lbmrc.common.spans import occurrences, trim

MARKERS = ("([", ")]")

_OPENING = frozenset("([{¿¡")
_CLOSING = frozenset(",.;:!?)]}،؛؟。，")


class MarkerInText(ValueError):
    """The text already contains a marker, so the marked text could not be read back."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """A text without its markers: the answer is ``text[start:end]``, never empty."""

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Lost:
    """No answer can be recovered. ``reason``: missing-both, missing-open, missing-close, doubled,
    swapped (the closing marker comes first) or empty (nothing visible between them)."""

    reason: str


def insert_markers(text: str, start: int, end: int, markers: Sequence[str] = MARKERS) -> str:
    """``text`` with the markers around ``text[start:end]`` without white space at the span's ends.

    Raises:
        ValueError: if the span is not inside the text or is invisible (white space, U+200B), or if
            a marker is blank or contains the other.
        MarkerInText: if the result could not be read back because the text contains a marker.
    """
    open_, close = markers
    if not open_.strip() or not close.strip():
        raise ValueError("a marker is blank")
    if open_ != close and (open_ in close or close in open_):
        raise ValueError(f"one marker holds the other: {open_!r}, {close!r}")
    if not 0 <= start < end <= len(text):
        raise ValueError(f"span {start}:{end} is empty or not in a text of {len(text)} characters")
    start, end = trim(text, start, end)
    if not has_visible_text(text[start:end]):
        raise ValueError("the span has no visible character")
    marked = f"{text[:start]}{open_}{text[start:end]}{close}{text[end:]}"
    if recover_answer(marked, markers) != Recovered(text, start, end):
        raise MarkerInText(f"the text already holds {open_!r} or {close!r}")
    return marked


def recover_answer(text: str, markers: Sequence[str] = MARKERS) -> Recovered | Lost:
    """The text without its pair of markers and the span between them, or the reason for loss."""
    opens, closes = _find(text, markers)
    if not opens or not closes:
        missing = "close" if opens else "open" if closes else "both"
        return Lost(f"missing-{missing}")
    if len(opens) > 1 or len(closes) > 1:
        return Lost("doubled")
    open_end, close_start = opens[0] + len(markers[0]), closes[0]
    if close_start < open_end:
        return Lost("swapped")
    start, end = trim(text, open_end, close_start)
    if not has_visible_text(text[start:end]):
        return Lost("empty")
    left, right = text[: opens[0]], text[close_start + len(markers[1]) :]
    if start > open_end:
        left = _repair_left(left)
    if end < close_start:
        right = _repair_right(right)
    answer = text[start:end]
    return Recovered(left + answer + right, len(left), len(left) + len(answer))


def _find(text: str, markers: Sequence[str]) -> tuple[list[int], list[int]]:
    """Where the opening and the closing markers start."""
    open_, close = markers
    # including overlapping ones: which of the two in aaa was meant is ambiguous
    opens, closes = list(occurrences(text, open_)), list(occurrences(text, close))
    if open_ == close:
        return opens[:1] + opens[2:], opens[1:2]
    return opens, closes


def has_visible_text(text: str) -> bool:
    """Whether a text has a visible character."""
    return any(not c.isspace() and unicodedata.category(c) not in ("Cf", "Cc") for c in text)


def _repair_left(left: str) -> str:
    """The text before the answer, if MT put white space between marker and answer."""
    kept = left.rstrip()
    if not kept:
        return left
    if kept[-1] in _OPENING:
        return kept
    glued = kept == left and (kept[-1].isalnum() or kept[-1] in _CLOSING)
    return left + " " if glued else left


def _repair_right(right: str) -> str:
    """The text after the answer, if MT put white space between answer and marker.

    Quotation marks and dashes can open or close, so the space next to them is not changed.
    """
    kept = right.lstrip()
    if not kept:
        return right
    punctuation = kept[0] in _CLOSING and not kept[1:2].isalnum()
    if punctuation and right.startswith((kept, " ")):
        return kept
    glued = kept == right and (kept[0].isalnum() or kept[0] in _OPENING)
    return " " + right if glued else right

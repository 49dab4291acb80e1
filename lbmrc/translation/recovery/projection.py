"""Finding, in the clean translation, an answer that was recovered from another text.

First an exact match at word boundaries is searched for, then the window with the smallest edit
distance, which must be under 10 and under half the answer's length; its edges are moved to word
boundaries. Of several occurrences the one with the same ordinal is used (the second of two here is
the second of two there), or else the one nearest to the expected position.
"""

import re
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from lbmrc.common.spans import Span, trim

_MAX_EDITS = 10
# The closing characters of each opening one, and vice versa: «so» and »so«, „so“ and “so”.
_CLOSERS = {"(": ")", "[": "]", "{": "}", "«": "»", "»": "«", "„": "“”", "“": "”", '"': '"'}
_OPENERS = {")": "(", "]": "[", "}": "{", "»": "«", "«": "»", "“": "„", "”": "“„", '"': '"'}
_WORD = re.compile(r"\w+|[^\w\s]")
_JOINERS = "\u200c\u200d"
# Scripts written without spaces between words: any character may begin a word.
_UNSPACED = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Match:
    """A span of the clean translation; ``confidence`` in (0, 1] is the share of the answer's
    characters that agree, divided by the number of equally good matches."""

    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True)
class PositionHint:
    """The expected position of the answer: its ordinal among ``count`` equal strings (0 of 0:
    unknown), and roughly where it starts.
    """

    ordinal: int
    count: int
    start: float


def find_exact(answer: str, text: str, hint: PositionHint) -> Match | None:
    """The match of ``answer`` in ``text`` as whole words, ignoring case."""
    starts = occurrences(answer, text)
    if not starts:
        return None
    if len(starts) == hint.count:
        start, confidence = starts[hint.ordinal], 1.0
    else:
        start = min(starts, key=lambda at: abs(at - hint.start))
        confidence = 1 / len(starts)
    return Match(start, start + len(answer), confidence)


def find_fuzzy(answer: str, text: str, hint: PositionHint) -> Match | None:
    """The window of ``text`` with the least edit distance to ``answer``, if it is small enough."""
    edits, windows = _least_edits(_lower(answer), _lower(text))
    if not windows or edits >= min(_MAX_EDITS, len(answer) / 2):
        return None
    snapped = {snap_to_words(text, *window) for window in windows}
    places = [span for span in snapped if span[0] < span[1]]
    if not places:
        return None
    start, end = min(places, key=lambda span: (abs(span[0] - hint.start), span))
    return Match(start, end, (1 - edits / len(answer)) / len(places))


def occurrences(answer: str, text: str) -> list[int]:
    """Where ``answer`` starts in ``text`` as whole words, ignoring case."""
    answer, text = _lower(answer), _lower(text)
    found, at = [], text.find(answer) if answer else -1
    while at >= 0:
        if _edge(text, at) and _edge(text, at + len(answer)):
            found.append(at)
        at = text.find(answer, at + 1)
    return found


def hint_between(text: str, start: int, end: int, other: str) -> PositionHint:
    """Where ``text[start:end]`` should be in ``other``, a text with nearly the same words."""
    return PositionHint(*_ordinal(text, start, end), _counterpart(text, start, other))


def hint_across(source: str, start: int, end: int, translation: str) -> PositionHint:
    """Where the translation of ``source[start:end]`` should be if the order is kept."""
    about = start / max(1, len(source)) * len(translation)
    return PositionHint(*_ordinal(source, start, end), about)


def _ordinal(text: str, start: int, end: int) -> tuple[int, int]:
    starts = occurrences(text[start:end], text)
    return (starts.index(start), len(starts)) if start in starts else (0, 0)


def snap_to_words(text: str, start: int, end: int) -> Span:
    """The span, where a word at an edge is included if at least half of it is inside and excluded
    otherwise, without white space at its ends."""
    edges = []
    for at in (start, end):
        left = right = at
        while not _edge(text, left):
            left -= 1
        while not _edge(text, right):
            right += 1
        edges.append((left, right))
    (left, right), (last_left, last_right) = edges
    start = left if right - start >= start - left else right
    end = last_right if end - last_left >= last_right - end else last_left
    return trim(text, start, end)


def balance_quotes(text: str, start: int, end: int, answer: str) -> Span:
    """The span with both quotation marks or brackets of a pair, or with neither.

    If one is at an edge and the other just outside, the span is extended; otherwise the one is
    dropped, unless ``answer``, which the span translates, also has one there.
    """
    as_found = start, end
    first, last = text[start], text[end - 1]
    if first in _CLOSERS and not _has(text[start + 1 : end], _CLOSERS[first]):
        if _has(text[end : end + 1], _CLOSERS[first]):
            end += 1
        elif answer[0].isalnum():
            start += 1
    elif last in _OPENERS and not _has(text[start : end - 1], _OPENERS[last]):
        if _has(text[max(0, start - 1) : start], _OPENERS[last]) and not answer[0].isalnum():
            start -= 1
        elif answer[-1].isalnum():
            end -= 1
    return (start, end) if start < end else as_found


def _has(text: str, characters: str) -> bool:
    return any(c in characters for c in text)


def _edge(text: str, at: int) -> bool:
    """Whether a word, or a number, may begin or end before ``text[at]``."""
    if not 0 < at < len(text):
        return True
    before, after = text[at - 1], text[at]
    if before.isdigit() and after in ",." and text[at + 1 : at + 2].isdigit():
        return False
    if before in ",." and after.isdigit() and text[max(0, at - 2) : at - 1].isdigit():
        return False
    return not (_inside(before) and _inside(after))


def _inside(character: str) -> bool:
    joined = character in _JOINERS or unicodedata.category(character).startswith("M")
    return joined or (character.isalnum() and not _UNSPACED.match(character))


def _lower(text: str) -> str:
    """The text in lower case, with the same length."""
    return "".join(low if len(low := c.lower()) == 1 else c for c in text)


def _least_edits(answer: str, text: str) -> tuple[int, list[Span]]:
    """The fewest edits between ``answer`` and any window of ``text``, and the windows (Sellers)."""
    costs = list(range(len(answer) + 1))
    starts = [0] * len(costs)
    best = len(answer)
    windows: list[Span] = []
    for at, character in enumerate(text):
        diagonal, begun_there = 0, at
        cost, begun = 0, at + 1
        for row, expected in enumerate(answer, 1):
            changed = diagonal + (expected != character)
            diagonal, origin = costs[row], starts[row]
            cost += 1
            if diagonal + 1 < cost:
                cost, begun = diagonal + 1, origin
            if changed <= cost:
                cost, begun = changed, begun_there
            begun_there = origin
            costs[row], starts[row] = cost, begun
        if cost < best:
            best, windows = cost, []
        if cost == best and begun <= at:
            windows.append((begun, at + 1))
    return best, windows


def _counterpart(text: str, at: int, other: str) -> float:
    """The position in ``other`` of the words at ``at`` in ``text``."""
    ours, theirs = _words(text), _words(other)
    if not ours or not theirs:
        return 0.0
    number = max(0, bisect_right([start for start, _ in ours], at) - 1)
    matcher = SequenceMatcher(
        None, [text[slice(*w)] for w in ours], [other[slice(*w)] for w in theirs], autojunk=False
    )
    for block in reversed(matcher.get_matching_blocks()):
        if block.size and block.a <= number:
            return theirs[min(block.b + number - block.a, len(theirs) - 1)][0]
    return theirs[min(number, len(theirs) - 1)][0]


def _words(text: str) -> Sequence[Span]:
    return [match.span() for match in _WORD.finditer(text)]

"""XLM's subwords of one word: lower-casing, removal of accents, and BPE, with character spans.

Input: a word as split by Moses. Output: its subwords, and the first and last character of the word
that each of them covers.
"""

import unicodedata
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from lbmrc.tokenization.byte_pairs import END_OF_WORD, BytePairs


class Subwords(NamedTuple):
    """A word's subwords as in the vocabulary, and the first and last character of each."""

    tokens: list[str]
    firsts: list[int]
    lasts: list[int]


def split_into_subwords(word: str, byte_pairs: BytePairs, fold_case: bool) -> Subwords:
    """Split a word as XLMTokenizer does; into no subwords if folding removes all of it.

    A mark that folding removes belongs to the subword before it, or else to the first.

    Args:
        word: without white space.
        byte_pairs: the tokenizer's merges.
        fold_case: lower-case and remove accents.
    """
    folded, places = fold(word) if fold_case else (word, range(len(word)))
    if not folded:
        return Subwords([], [], [])
    tokens = byte_pairs.cut(folded)
    ends = list(accumulate(map(len, tokens)))
    ends[-1] -= len(END_OF_WORD)
    if places == range(len(word)):
        return Subwords(tokens, [0, *ends[:-1]], [end - 1 for end in ends])
    return Subwords(tokens, *_spans(places, [0, *ends], len(word)))


def _spans(places: Sequence[int], bounds: list[int], size: int) -> tuple[list[int], list[int]]:
    """First and last character of subwords that end at ``bounds`` of the folded word."""
    owner: list[int | None] = [None] * size
    firsts, lasts = [], []
    for number, (done, end) in enumerate(pairwise(bounds)):
        own = places[done:end]
        firsts.append(min(own))
        lasts.append(max(own))
        for place in own:
            owner[place] = number
    previous = 0
    for place, subword in enumerate(owner):
        if subword is not None:
            previous = subword
        else:
            lasts[previous] = max(lasts[previous], place)
            firsts[previous] = min(firsts[previous], place)
    return firsts, lasts


def fold(word: str) -> tuple[str, Sequence[int]]:
    """Lower case without non-spacing marks, and the position of each character in the word."""
    lowered, places = _lower(word, range(len(word)))
    if word.isascii():
        return lowered, places
    letters = [_LETTERS[character] for character in lowered]
    if None in letters:
        return _fold_in_order(lowered, places)
    if "" in letters:
        places = [place for letter, place in zip(letters, places, strict=True) if letter]
    return _lower("".join(filter(None, letters)), places)


class _Letters(dict[str, str | None]):
    """What remains of a character after decomposition and removal of marks: itself, a letter
    without accents, or nothing. None if the result depends on neighbours: several characters, or
    one that Unicode's canonical ordering may move."""

    def __missing__(self, character: str) -> str | None:
        parts = unicodedata.normalize("NFD", character)
        kept = [part for part in parts if unicodedata.category(part) != "Mn"]
        simple = len(kept) < 2 and not any(map(unicodedata.combining, kept))
        self[character] = "".join(kept) if simple else None
        return self[character]


_LETTERS = _Letters()


def _fold_in_order(lowered: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
    """Decompose, order canonically and drop marks, for any characters."""
    decomposed = [
        (part, place)
        for character, place in zip(lowered, places, strict=True)
        for part in unicodedata.normalize("NFD", character)
    ]
    kept = [
        (character, place)
        for character, place in _canonically_ordered(decomposed)
        if unicodedata.category(character) != "Mn"
    ]
    return _lower("".join([c for c, _ in kept]), [place for _, place in kept])


def _lower(text: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
    """``text.lower()``, which looks at neighbours (final sigma) and may lengthen (İ)."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered, places
    return lowered, [p for c, p in zip(text, places, strict=True) for _ in c.lower()]


def _canonically_ordered(characters: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Unicode's canonical ordering: each run of combining characters sorted by its classes."""
    ordered: list[tuple[str, int]] = []
    run: list[tuple[str, int]] = []
    for item in characters:
        if unicodedata.combining(item[0]):
            run.append(item)
            continue
        if run:
            ordered += sorted(run, key=lambda item: unicodedata.combining(item[0]))
            run = []
        ordered.append(item)
    return ordered + sorted(run, key=lambda item: unicodedata.combining(item[0]))

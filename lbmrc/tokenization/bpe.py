"""XLM's subwords of one word: lower case, no accents, byte pairs; each character's place kept.

In: a word as Moses cut it. Out: its subwords, and the first and last character of the word that
each stands for.
"""

import unicodedata
from collections.abc import Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from lbmrc.tokenization.byte_pairs import END_OF_WORD, BytePairs


class Subwords(NamedTuple):
    """A word's subwords as the vocabulary has them, and the characters of each, inclusive."""

    tokens: list[str]
    firsts: list[int]
    lasts: list[int]


def subwords(word: str, byte_pairs: BytePairs, fold_case: bool) -> Subwords:
    """Cut a word as XLMTokenizer does; into nothing if nothing of it is left.

    A mark that folding removes goes with what stands before it, or else with the first subword.

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
    before = 0
    for place, number in enumerate(owner):
        if number is not None:
            before = number
        else:
            lasts[before] = max(lasts[before], place)
            firsts[before] = min(firsts[before], place)
    return firsts, lasts


def fold(word: str) -> tuple[str, Sequence[int]]:
    """Lower case without non-spacing marks, and the place in the word of each character of it."""
    lowered, places = _lower(word, range(len(word)))
    if word.isascii():
        return lowered, places
    letters = [_LETTERS[character] for character in lowered]
    if None in letters:
        return _fold_in_order(lowered, places)
    if "" in letters:
        places = [place for letter, place in zip(letters, places, strict=True) if letter]
    return _lower("".join(letters), places)


class _Letters(dict[str, str | None]):
    """What decomposition and the removal of marks leave of a character: itself, a letter without
    its accents, or nothing. None where the neighbours decide: several characters, or one that
    Unicode's canonical ordering may move."""

    def __missing__(self, character: str) -> str | None:
        parts = unicodedata.normalize("NFD", character)
        kept = [part for part in parts if unicodedata.category(part) != "Mn"]
        simple = len(kept) < 2 and not any(map(unicodedata.combining, kept))
        self[character] = "".join(kept) if simple else None
        return self[character]


_LETTERS = _Letters()


def _fold_in_order(lowered: str, places: Sequence[int]) -> tuple[str, Sequence[int]]:
    """Decompose, order and drop marks as Unicode says, whatever the characters are."""
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

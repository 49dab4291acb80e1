"""XLM's subwords of one word: lower case, no accents, byte pairs; each character's place kept.

In: a word as Moses cut it. Out: its subwords, and the first and last character of the word that
each stands for.
"""

import sys
import unicodedata
from collections.abc import Mapping
from itertools import pairwise
from typing import NamedTuple

_END_OF_WORD = "</w>"
_NEVER = sys.maxsize


class Subword(NamedTuple):
    """A subword as the vocabulary has it, and the characters of its word, inclusive."""

    token: str
    first: int
    last: int


def subwords(word: str, ranks: Mapping[tuple[str, str], int], fold_case: bool) -> list[Subword]:
    """Cut a word as XLMTokenizer does; empty if nothing of it is left.

    A mark that folding removes goes with what stands before it, or else with the first subword.

    Args:
        word: without white space.
        ranks: the rank of each merge, from 0.
        fold_case: lower-case and remove accents.
    """
    folded, places = fold(word) if fold_case else (word, list(range(len(word))))
    if not folded:
        return []
    tokens = byte_pairs(folded, ranks)
    owner: list[int | None] = [None] * len(word)
    firsts, lasts, done = [], [], 0
    for number, token in enumerate(tokens):
        own = places[done : done + len(token)]
        firsts.append(min(own))
        lasts.append(max(own))
        for place in own:
            owner[place] = number
        done += len(token)
    before = 0
    for place, number in enumerate(owner):
        if number is not None:
            before = number
        else:
            lasts[before] = max(lasts[before], place)
            firsts[before] = min(firsts[before], place)
    return [Subword(*subword) for subword in zip(tokens, firsts, lasts, strict=True)]


def byte_pairs(word: str, ranks: Mapping[tuple[str, str], int]) -> list[str]:
    """Merge a word's characters, the pair of lowest rank first, as XLMTokenizer.bpe does."""
    pieces = [*word[:-1], word[-1] + _END_OF_WORD]
    found = [ranks.get(pair, _NEVER) for pair in pairwise(pieces)]
    while found and (best := min(found)) != _NEVER:
        for _ in range(found.count(best)):
            try:
                place = found.index(best)
            except ValueError:  # it overlapped the one before
                break
            pieces[place : place + 2] = [pieces[place] + pieces[place + 1]]
            del found[place]
            if place:
                found[place - 1] = ranks.get((pieces[place - 1], pieces[place]), _NEVER)
            if place < len(found):
                found[place] = ranks.get((pieces[place], pieces[place + 1]), _NEVER)
    return pieces


def fold(word: str) -> tuple[str, list[int]]:
    """Lower case without non-spacing marks, and the place in the word of each character of it."""
    if word.isascii():
        return word.lower(), list(range(len(word)))
    lowered, places = _lower(word, list(range(len(word))))
    if unicodedata.is_normalized("NFD", lowered) and "Mn" not in map(unicodedata.category, lowered):
        return lowered, places
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


def _lower(text: str, places: list[int]) -> tuple[str, list[int]]:
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

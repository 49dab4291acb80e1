"""Knowledge phrases and where they stand in passages (LAKM, Yuan et al. 2020).

A phrase is two to four words. In go phrase lists, or Wikipedia's title dumps, which are filtered;
out come the code-point spans of the phrases that a passage holds. Words are compared without
regard to case. The phrases of the original, mined from a search engine, were never released.
"""

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import regex

from lbmrc.common.errors import UserError

LEAST_WORDS, MOST_WORDS = 2, 4
Words = tuple[str, ...]

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_DISAMBIGUATION = regex.compile(r"_\([^()]*\)$")


class Filter(NamedTuple):
    """Which titles are phrases: not those that begin or end with a stop word (one of the
    ``stop_words`` most frequent in the titles), nor those in fewer than ``min_titles`` titles."""

    stop_words: int
    min_titles: int


def words(text: str) -> list[tuple[str, int, int]]:
    """The words of a text, without case, each with its first code point and its end."""
    return [(m.group().casefold(), m.start(), m.end()) for m in _WORD.finditer(text)]


def find(text: str, phrases: set[Words]) -> list[tuple[int, int]]:
    """Spans of the phrases in a text: the longest at each place, left to right, none overlaps."""
    found, spans, place = words(text), [], 0
    while place < len(found):
        for size in range(min(MOST_WORDS, len(found) - place), LEAST_WORDS - 1, -1):
            part = found[place : place + size]
            if tuple(word for word, _, _ in part) in phrases:
                spans.append((part[0][1], part[-1][2]))
                place += size
                break
        else:
            place += 1
    return spans


def read_phrases(path: str | Path) -> set[Words]:
    """A phrase list, a phrase a line; lines of other lengths than two to four words are no phrases.

    Raises:
        UserError: if the file can't be read, or holds no phrase.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a readable phrase list ({error})") from None
    phrases = {found for line in lines if (found := _as_phrase(line))}
    if not phrases:
        raise UserError(f"{path}: no phrase of {LEAST_WORDS} to {MOST_WORDS} words; one a line")
    return phrases


def read_titles(path: str | Path, passages: Iterable[str], keep: Filter) -> set[Words]:
    """The phrases among Wikipedia's titles that the passages hold.

    Args:
        path: a dump ``all-titles-in-ns0.gz``: a title a line, underscores for spaces. It is read
            twice, line by line; memory grows with the passages alone.
        passages: texts; a title that is in none of them could mask nothing.
        keep: which titles are phrases.

    Raises:
        UserError: if the file can't be read, or no phrase is left.
    """
    candidates = _runs_of_words(passages)
    wanted, frequency = set(), Counter()
    for title in _titles(path):
        found = [word for word, _, _ in words(title)]
        frequency.update(found)
        if tuple(found) in candidates:
            wanted.add(tuple(found))
    stop_words = {word for word, _ in frequency.most_common(keep.stop_words)}
    wanted = {w for w in wanted if w[0] not in stop_words and w[-1] not in stop_words}

    holding: Counter[Words] = Counter()
    for title in _titles(path):
        holding.update(wanted & _runs_of_words([title]))
    phrases = {phrase for phrase in wanted if holding[phrase] >= keep.min_titles}
    if not phrases:
        raise UserError(
            f"{path}: no title is a phrase of the passages; lower lakm.phrases.stop_words or "
            "lakm.phrases.min_titles, or see whether this is a dump of the right language"
        )
    return phrases


def _as_phrase(line: str) -> Words:
    found = tuple(word for word, _, _ in words(line))
    return found if LEAST_WORDS <= len(found) <= MOST_WORDS else ()


def _runs_of_words(texts: Iterable[str]) -> set[Words]:
    runs = set()
    for text in texts:
        found = [word for word, _, _ in words(text)]
        for size in range(LEAST_WORDS, MOST_WORDS + 1):
            runs.update(zip(*(found[n:] for n in range(size)), strict=False))
    return runs


def _titles(path: str | Path) -> Iterator[str]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield _DISAMBIGUATION.sub("", line.rstrip("\n")).replace("_", " ")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: not a readable title dump ({error}); delete it and fetch it again"
        ) from None

"""Knowledge phrases and their positions in passages (LAKM, Yuan et al. 2020).

A phrase is two to four words. Input: phrase lists, or Wikipedia's title dumps, which are filtered.
Output: the code-point spans of the phrases in a passage. Words are compared without regard to case.
The original phrases, mined from a search engine, were never released.
"""

import gzip
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

import regex

from lbmrc.common.errors import UserError

MIN_WORDS, MAX_WORDS = 2, 4
Words = tuple[str, ...]

_WORD = regex.compile(r"[\p{L}\p{M}\p{N}]+")
_DISAMBIGUATION = regex.compile(r"_\([^()]*\)$")


class Filter(NamedTuple):
    """Which titles are phrases: none that begins or ends with a stop word (one of the
    ``stop_words`` most frequent words of the titles), and none in fewer than ``min_titles``
    titles."""

    stop_words: int
    min_titles: int


def words(text: str) -> list[tuple[str, int, int]]:
    """The case-folded words of a text, each with its first code point and its end."""
    return [(m.group().casefold(), m.start(), m.end()) for m in _WORD.finditer(text)]


def find(text: str, phrases: set[Words]) -> list[tuple[int, int]]:
    """Spans of the phrases in a text, the longest at each position, left to right, no overlaps."""
    text_words, spans, position = words(text), [], 0
    while position < len(text_words):
        for size in range(min(MAX_WORDS, len(text_words) - position), MIN_WORDS - 1, -1):
            run = text_words[position : position + size]
            if tuple(word for word, _, _ in run) in phrases:
                spans.append((run[0][1], run[-1][2]))
                position += size
                break
        else:
            position += 1
    return spans


def read_phrases(path: str | Path) -> set[Words]:
    """A phrase list, one phrase per line; lines that are not two to four words long are skipped.

    Raises:
        UserError: if the file can't be read, or holds no phrase.
    """
    path = Path(path)
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a readable phrase list ({error})") from None
    phrases = {phrase for line in lines if (phrase := _as_phrase(line))}
    if not phrases:
        raise UserError(f"{path}: no phrase of {MIN_WORDS} to {MAX_WORDS} words; one per line")
    return phrases


def read_titles(path: str | Path, passages: Iterable[str], keep: Filter) -> set[Words]:
    """The phrases among Wikipedia's titles that occur in the passages.

    Args:
        path: a dump ``all-titles-in-ns0.gz``: one title per line, underscores for spaces. It is
            read twice, line by line; memory grows with the passages only.
        passages: texts; titles that occur in none of them are dropped, since they mask nothing.
        keep: which titles are phrases.

    Raises:
        UserError: if the file can't be read, or no phrase is left.
    """
    candidates = _ngrams(passages)
    titles: set[Words] = set()
    frequency: Counter[str] = Counter()
    for title in _titles(path):
        title_words = tuple(word for word, _, _ in words(title))
        frequency.update(title_words)
        if title_words in candidates:
            titles.add(title_words)
    stop_words = {word for word, _ in frequency.most_common(keep.stop_words)}
    titles = {t for t in titles if t[0] not in stop_words and t[-1] not in stop_words}

    occurrences: Counter[Words] = Counter()
    for title in _titles(path):
        occurrences.update(titles & _ngrams([title]))
    phrases = {phrase for phrase in titles if occurrences[phrase] >= keep.min_titles}
    if not phrases:
        raise UserError(
            f"{path}: no title is a phrase of the passages; lower lakm.phrases.stop_words or "
            "lakm.phrases.min_titles, or see whether this is a dump of the right language"
        )
    return phrases


def _as_phrase(line: str) -> Words:
    phrase = tuple(word for word, _, _ in words(line))
    return phrase if MIN_WORDS <= len(phrase) <= MAX_WORDS else ()


def _ngrams(texts: Iterable[str]) -> set[Words]:
    ngrams: set[Words] = set()
    for text in texts:
        text_words = [word for word, _, _ in words(text)]
        for size in range(MIN_WORDS, MAX_WORDS + 1):
            ngrams.update(zip(*(text_words[n:] for n in range(size)), strict=False))
    return ngrams


def _titles(path: str | Path) -> Iterator[str]:
    try:
        with gzip.open(path, "rt", encoding="utf-8") as file:
            for line in file:
                yield _DISAMBIGUATION.sub("", line.rstrip("\n")).replace("_", " ")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path}: not a readable title dump ({error}); delete it and fetch it again"
        ) from None

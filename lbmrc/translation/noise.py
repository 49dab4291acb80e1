"""A known amount of noise in translations, for studies on the synthetic corpus.

`NoisyTranslator` sits between a translator and answer recovery, so noise passes through the same
steps as a translator's own errors. A share of the texts (for `wrong_words`: of the words) is noisy:

- ``untranslated``: the text stays in the source language, its markers included;
- ``wrong_words``: a word is replaced by another word of the same translation;
- ``swapped_answers``: the markers enclose other words of the sentence, the same number if possible;
- ``shifted_markers``: one of the two markers is one word too far to the left or right;
- ``lost_markers``: the opening marker, the closing one or both are missing.

The noise in a text depends only on the seed, the language and the source text without its markers
(noise in markers also on their position), never on other texts or their order. Each text or word
has one number in [0, 1) per kind and is noisy if the share is above it, so whatever is noisy at one
share is noisy in the same way at every larger share.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

import regex

from lbmrc.common.spans import Span, overlap
from lbmrc.config.noise import TranslationNoise
from lbmrc.translation.cache import RecoveryCheck, Translator
from lbmrc.translation.engines.base import AligningEngine
from lbmrc.translation.recovery.markers import Recovered, recover_answer

_WORD = regex.compile(r"[\w\p{M}](?:\S*[\w\p{M}])?")
_LOST = ({0}, {1}, {0, 1})
_SHIFTS = ((-1, 0), (1, 0), (0, -1), (0, 1))


class NoisyTranslator:
    """A `lbmrc.translation.cache.Translator` with noisy translations; its store stays clean.

    `notes` also count the noise: ``noise_lost_markers`` and so on.
    """

    aligner: AligningEngine | None = None  # it would attend to the noise-free translation

    def __init__(
        self, translator: Translator, noise: TranslationNoise, language: str, markers: Sequence[str]
    ) -> None:
        self._translator = translator
        self._noise = noise
        self._language = language
        self._markers = markers
        self._counts: dict[str, Counter[str]] = {}

    @property
    def name(self) -> str:
        return f"{self._translator.name}, with noise"

    @property
    def notes(self) -> Counter[str]:
        notes = self._translator.notes
        for counts in self._counts.values():
            notes.update(counts)
        return notes

    def translate(
        self,
        texts: Iterable[str],
        description: str = "sentences",
        is_recovered: RecoveryCheck | None = None,
    ) -> dict[str, str]:
        """Each distinct text with its noisy translation; see `TranslationCache.translate`."""
        translated = self._translator.translate(texts, description, is_recovered)
        return {text: self._noisy(text, clean) for text, clean in translated.items()}

    def _noisy(self, text: str, translation: str) -> str:
        source = recover_answer(text, self._markers)
        plain = source.text if isinstance(source, Recovered) else text
        draws = _Draws(self._noise, self._language, plain)
        self._counts[text] = draws.counts
        if draws.happens("untranslated"):
            translation = text
        found = recover_answer(translation, self._markers)
        if not isinstance(source, Recovered) or not isinstance(found, Recovered):
            return "".join(_with_wrong_words([translation], draws))
        start, end = found.start, found.end
        parts = [found.text[:start], found.text[start:end], found.text[end:]]
        left, answer, right = _with_wrong_words(parts, draws)
        sentence, span = left + answer + right, (len(left), len(left) + len(answer))
        place = f"{source.start}:{source.end}"
        if draws.happens("swapped_answers", place):
            span = _swapped(sentence, span, draws, place)
        if draws.happens("shifted_markers", place):
            span = _shifted(sentence, span, draws, place)
        lost: set[int] = set()
        if draws.happens("lost_markers", place):
            lost = draws.choice(_LOST, "lost_markers", place)
        open_, close = ("" if n in lost else marker for n, marker in enumerate(self._markers))
        start, end = span
        return f"{sentence[:start]}{open_}{sentence[start:end]}{close}{sentence[end:]}"


class _Draws:
    """The random decisions for one source text, and counts of what happened."""

    def __init__(self, noise: TranslationNoise, *key: object) -> None:
        self._noise = noise
        self._key = (noise.seed, *key)
        self.counts: Counter[str] = Counter()

    def happens(self, kind: str, *key: object) -> bool:
        """Whether noise of a kind affects a word, a pair of markers or the whole text."""
        happens = self._draw("whether", kind, *key) < getattr(self._noise, kind)
        self.counts[f"noise_{kind}"] += happens
        return happens

    def choice(self, options: Sequence, *key: object):
        """One of the options."""
        return options[int(len(options) * self._draw("which", *key))]

    def _draw(self, *key: object) -> float:
        """A number in [0, 1) that depends only on the key, not on the machine or version."""
        digest = hashlib.sha256("\0".join(map(str, (*self._key, *key))).encode()).digest()
        return int.from_bytes(digest[:6]) / 2**48


def _with_wrong_words(parts: Sequence[str], draws: _Draws) -> list[str]:
    """The parts of a text with some words replaced by other words of the whole text."""
    words = [word for part in parts for word in _WORD.findall(part)]
    numbers = iter(range(len(words)))

    def replaced(match: regex.Match[str]) -> str:
        number = next(numbers)
        others = words[:number] + words[number + 1 :]
        if not others or not draws.happens("wrong_words", number):
            return match[0]
        return draws.choice(others, "wrong_words", number)

    return [_WORD.sub(replaced, part) for part in parts]


def _words_in(text: str, span: Span) -> tuple[list[Span], int, int]:
    """The words of a text, and the indices of the first word in a span and the first after it."""
    words = [match.span() for match in _WORD.finditer(text)]
    inside = [number for number, word in enumerate(words) if overlap(word, span)]
    return (words, inside[0], inside[-1] + 1) if inside else (words, 0, 0)


def _swapped(text: str, span: Span, draws: _Draws, place: str) -> Span:
    """A span of other words, as many if there is room; the same span if there are no others."""
    words, first, last = _words_in(text, span)
    size = min(last - first, max(first, len(words) - last))
    if not size:
        return span
    starts = [*range(first - size + 1), *range(last, len(words) - size + 1)]
    start = draws.choice(starts, "swapped_answers", place)
    return words[start][0], words[start + size - 1][1]


def _shifted(text: str, span: Span, draws: _Draws, place: str) -> Span:
    """The span with one of its ends moved by one word; unchanged if no end can be moved."""
    words, first, last = _words_in(text, span)
    shifts = [(a, b) for a, b in _SHIFTS if 0 <= first + a < last + b <= len(words)]
    if last == first or not shifts:
        return span
    left, right = draws.choice(shifts, "shifted_markers", place)
    start = words[first + left][0] if left else span[0]
    end = words[last + right - 1][1] if right else span[1]
    return start, end

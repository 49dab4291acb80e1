"""Engines: machine translation of texts.

An engine only has to `stream` translations, in any order; `lbmrc.translation.cache` stores them,
shows progress and translates no text twice. This module also has the batching of engines that read
token ids; the reference engine is in `lbmrc.translation.engines.transformers`.
Ready-made translations need no engine, see `lbmrc.translation.readymade`.
"""

import logging
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from lbmrc.common.errors import UserError

log = logging.getLogger(__name__)


class Output(NamedTuple):
    """A translation. ``split``: 1 if its source was too long and was translated in parts;
    ``cut``: how many of the parts reached the length limit."""

    text: str
    split: int = 0
    cut: int = 0


class OutOfMemory(Exception):
    """The batch does not fit into the device's memory."""


def is_out_of_memory(error: Exception) -> bool:
    """Whether an error of torch or CTranslate2 means that GPU or host memory ran out; most such
    errors are plain RuntimeErrors."""
    message = f"{type(error).__name__}: {error}"
    words = ("OutOfMemory", "out of memory", "can't allocate memory", "ALLOC_FAILED")
    return isinstance(error, MemoryError) or any(word in message for word in words)


class Engine(ABC):
    """A translation engine; ``name`` is shown in reports."""

    name: str

    @abstractmethod
    def stream(self, texts: Sequence[str]) -> Iterator[tuple[int, Output]]:
        """Yield (index in ``texts``, translation) once for each text, in any order."""

    def close(self) -> None:  # noqa: B027 (most engines have nothing to end)
        """Stop whatever the engine has started."""

    def translate(self, texts: Sequence[str]) -> list[str]:
        """The translations of ``texts``, in their order."""
        outputs = dict(self.stream(texts))
        return [outputs[i].text for i in range(len(texts))]


@dataclass(frozen=True)
class Attention:
    """``weights[t][s]``: the share of target word t's attention that goes to source word s.

    ``source``, ``target``: the spans of the words.
    """

    source: Sequence[tuple[int, int]]
    target: Sequence[tuple[int, int]]
    weights: Sequence[Sequence[float]]


class AligningEngine(Engine):
    """An engine whose model exposes its cross-attention."""

    @abstractmethod
    def attend(self, pairs: Sequence[tuple[str, str]]) -> list[Attention | None]:
        """The attention of each (source, translation); None where words cannot be separated."""


class TokenEngine(Engine):
    """An engine that reads token ids, in batches of texts of similar length.

    A text without tokens (white space, U+FEFF) is its own translation. The others are translated in
    batches of at most ``tokens_per_batch`` source tokens with padding; a batch that runs out of
    memory is halved. Nothing is truncated silently: a text longer than ``max_source_tokens`` is
    split at white space, translated in parts and counted (`Output.split`); a translation stops at
    ``max_length`` tokens, or at twice its source's length plus 32, and is then counted
    (`Output.cut`).
    """

    max_source_tokens: int
    max_length: int
    tokens_per_batch: int

    @abstractmethod
    def encode(self, text: str) -> list[int]:
        """The token ids of ``text``, without special tokens."""

    @abstractmethod
    def generate(self, parts: list[list[int]]) -> list[tuple[str, bool]]:
        """The translation of each part, and whether it was cut.

        Raises:
            OutOfMemory: if the batch is too large.
        """

    def limit(self, part: list[int]) -> int:
        """The most tokens that the translation of ``part`` may have."""
        return min(self.max_length, 2 * len(part) + 32)

    def stream(self, texts: Sequence[str]) -> Iterator[tuple[int, Output]]:
        pending = []
        for index, text in enumerate(texts):
            parts = self._parts(text)
            if any(parts):
                pending.append((index, parts))
            else:
                yield index, Output(text)
        pending.sort(key=lambda item: (-sum(map(len, item[1])), item[0]))
        for batch in self._batches(pending):
            translated = iter(self._within_memory([part for _, parts in batch for part in parts]))
            for index, parts in batch:
                pieces, cut = zip(*(next(translated) for _ in parts), strict=True)
                yield index, Output(" ".join(pieces), int(len(parts) > 1), sum(cut))

    def _parts(self, text: str) -> list[list[int]]:
        """The token ids of ``text``, or of its halves if it is too long."""
        ids = self.encode(text)
        if len(ids) <= self.max_source_tokens or len(text) < 2:
            return [ids]
        middle = len(text) // 2
        cut = text.rfind(" ", 1, middle + 1)
        cut = middle if cut < 0 else cut
        halves = (text[:cut], text[cut:])
        return [part for half in halves if half.strip() for part in self._parts(half)]

    def _batches(self, pending: list[tuple[int, list[list[int]]]]) -> Iterator[list]:
        batch: list[tuple[int, list[list[int]]]] = []
        rows = longest = 0
        for item in pending:
            more = len(item[1])
            width = max(longest, *(len(part) + 1 for part in item[1]))
            if batch and (rows + more) * width > self.tokens_per_batch:
                yield batch
                batch, rows, width = [], 0, max(len(part) + 1 for part in item[1])
            batch.append(item)
            rows, longest = rows + more, width
        if batch:
            yield batch

    def _within_memory(self, parts: list[list[int]]) -> list[tuple[str, bool]]:
        try:
            return self.generate(parts)
        except OutOfMemory:
            if len(parts) == 1:
                raise UserError(
                    f"{self.name}: no memory to translate one text of {len(parts[0])} tokens; use "
                    "fewer beams, or a device with more memory"
                ) from None
        log.warning("no memory for a batch of %d texts: halved", len(parts))
        middle = len(parts) // 2
        return self._within_memory(parts[:middle]) + self._within_memory(parts[middle:])

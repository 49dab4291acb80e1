"""What the tiny XLM reads in pre-training: masked sequences, drawn from parallel passages.

In: passages as token ids with aligned spans. Out: batches of `</s> a </s></s> b </s>`, the form of
fine-tuning, with MLM labels and the places that hold the same thing in two languages. `a` is one to
three questions with or without their answers and `b` their passage, or both are the same sentences
in two languages (TLM).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lbmrc.miniworld.parallel import ParallelPassage, ParallelQuestion, Tokens
from lbmrc.miniworld.vocabulary import LANG2ID, SPECIAL_TOKENS

if TYPE_CHECKING:
    import torch

    from lbmrc.miniworld.pretraining import Pretraining

SEPARATOR, PADDING, MASK = (SPECIAL_TOKENS.index(t) for t in ("</s>", "<pad>", "<special1>"))
IGNORED = -100


@dataclass(frozen=True, slots=True)
class Sequence:
    """One input: ids, language ids and MLM labels (n,), whether a token is of a hidden answer (n,),
    and the tokens (key, first, last) to align.

    Two places of a batch with the same key hold the same thing in two languages.
    """

    ids: np.ndarray
    languages: np.ndarray
    labels: np.ndarray
    answer: np.ndarray
    marks: list[tuple[tuple[int, str, int], int, int]]


def sequence(
    a: Tokens,
    b: Tokens,
    languages: tuple[str, str],
    keys: tuple[tuple[int, str], tuple[int, str]],
    hidden: list[tuple[int, int]],
    settings: "Pretraining",
    random: np.random.Generator,
    vocabulary: int,
) -> Sequence:
    """`</s> a </s></s> b </s>`, some tokens masked; of the spans `hidden` (of the sequence) all."""
    ids = np.concatenate([[SEPARATOR], a.ids, [SEPARATOR] * 2, b.ids, [SEPARATOR]])
    b_first = len(a.ids) + 3
    language_ids = np.full(len(ids), LANG2ID[languages[1]])
    language_ids[:b_first] = LANG2ID[languages[0]]
    chosen = (random.random(len(ids)) < settings.masked) & (ids != SEPARATOR)
    draw = random.random(len(ids))
    answer = np.zeros(len(ids), dtype=bool)
    for first, last in hidden:
        answer[first : last + 1] = True
    chosen |= answer
    draw[answer] = 0.0
    labels = np.where(chosen, ids, IGNORED)
    ids = np.where(chosen & (draw < 0.8), MASK, ids)
    anything = random.integers(len(SPECIAL_TOKENS), vocabulary, len(ids))
    ids = np.where(chosen & (draw >= 0.9), anything, ids)
    marks = [
        ((*key, number), int(first) + shift, int(last) + shift)
        for key, text, shift in ((keys[0], a, 1), (keys[1], b, b_first))
        for number, (first, last) in enumerate(text.spans)
        if first >= 0
    ]
    return Sequence(ids, language_ids, labels, answer, marks)


class Sampler:
    """Draws the sequences: a question with its passage in two readings, or a TLM pair."""

    def __init__(
        self, passages: list[ParallelPassage], vocabulary: int, settings: "Pretraining"
    ) -> None:
        self.passages = passages
        self.vocabulary = vocabulary
        self.settings = settings
        self.random = np.random.default_rng(settings.seed)

    def batches(self) -> Iterator[list[Sequence]]:
        """Batches of sequences of like length, without end. Readings of a passage stay together."""
        size = self.settings.batch_size // 2
        while True:
            pool = [self._draw(key) for key in range(size * 32)]
            pool.sort(key=lambda readings: max(len(s.ids) for s in readings))
            for number in self.random.permutation(32):
                yield [
                    s for readings in pool[number * size : (number + 1) * size] for s in readings
                ]

    def _draw(self, key: int) -> list[Sequence]:
        passage = self.passages[self.random.integers(len(self.passages))]
        if self.random.random() < self.settings.tlm:
            return [self._translation_pair(key, passage)]
        return self._question(key, passage)

    def _languages(self, passage: ParallelPassage) -> list[str]:
        return [str(name) for name in self.random.permutation(list(passage.texts))]

    def _sequence(self, a: Tokens, b: Tokens, languages, keys, hidden) -> Sequence:
        return sequence(a, b, languages, keys, hidden, self.settings, self.random, self.vocabulary)

    def _translation_pair(self, key: int, passage: ParallelPassage) -> Sequence:
        """Half of the passage's sentences, in two languages."""
        languages = self._languages(passage)[:2]
        count = len(passage.sentences[languages[0]])
        first = int(self.random.integers(0, count - count // 2 + 1))
        a, b = (
            cut(passage.texts[x], passage.sentences[x][first : first + max(1, count // 2)])
            for x in languages
        )
        return self._sequence(a, b, tuple(languages), ((key, "p"), (key, "p")), [])

    def _question(self, key: int, passage: ParallelPassage) -> list[Sequence]:
        """Questions and their passage read twice, the answers masked in the same way (or not)."""
        way = self.random.choice(["a", "b", "neither"], p=[0.4, 0.4, 0.2])
        languages = self._languages(passage)
        run, questions = self._part(passage)
        readings = []
        for reading in range(2):
            spoken = asked = languages[reading]
            if self.random.random() < self.settings.crossed:
                asked = languages[2 + reading]
            b = cut(passage.texts[spoken], passage.sentences[spoken][run])
            a, in_a = self._asked(passage, questions, asked, answered=way != "neither")
            in_b = [b.spans[question.answer] + len(a.ids) + 3 for question in questions]
            hidden = {"a": in_a, "b": in_b, "neither": []}[way]
            keys = ((key, "a"), (key, "b"))
            readings.append(self._sequence(a, b, (asked, spoken), keys, hidden))
        return readings

    def _part(self, passage: ParallelPassage) -> tuple[slice, list[ParallelQuestion]]:
        """All sentences or a short run, and up to three questions with their answer there."""
        order = self.random.permutation(len(passage.questions))
        questions = [passage.questions[number] for number in order]
        text, sentences = next((passage.texts[x], passage.sentences[x]) for x in passage.texts)
        holders = [np.searchsorted(sentences[:, 1], text.spans[q.answer, 0]) for q in questions]
        first, end = 0, len(sentences)
        if self.random.random() < self.settings.short:
            length = int(self.random.integers(2, 5))
            first = max(0, int(holders[0]) - int(self.random.integers(length)))
            end = first + length
        inside = [q for q, holder in zip(questions, holders, strict=True) if first <= holder < end]
        return slice(first, end), inside[: self.random.integers(1, 4)]

    def _asked(
        self,
        passage: ParallelPassage,
        questions: list[ParallelQuestion],
        language: str,
        answered: bool,
    ) -> tuple[Tokens, list[tuple[int, int]]]:
        """The questions, each with its answer behind it or without; the answers' places in a."""
        text = passage.texts[language]
        pieces, spans, answers = [], [], []
        length = 0
        for question in questions:
            asked = question.texts[language]
            pieces.append(asked.ids)
            spans.append(np.where(asked.spans >= 0, asked.spans + length, -1))
            length += len(asked.ids)
            if answered:
                first, last = text.spans[question.answer]
                pieces.append(text.ids[first : last + 1])
                answers.append((length + 1, length + 1 + last - first))
                length += last - first + 1
        return Tokens(np.concatenate(pieces), np.concatenate(spans)), answers


def cut(text: Tokens, sentences: np.ndarray) -> Tokens:
    """The text from the first of these sentences (token spans) to the last; other spans go away."""
    first, last = int(sentences[0, 0]), int(sentences[-1, 1])
    inside = (text.spans[:, :1] >= first) & (text.spans[:, 1:] <= last)
    return Tokens(text.ids[first : last + 1], np.where(inside, text.spans - first, -1))


def collate(sequences: list[Sequence]) -> dict[str, "torch.Tensor"]:
    """Pad the sequences; `aligned` (pairs, 2, 3): sequence, first and last token of both."""
    import torch

    length = max(len(s.ids) for s in sequences)
    batch = {
        "ids": np.full((len(sequences), length), PADDING),
        "languages": np.zeros((len(sequences), length), dtype=np.int64),
        "labels": np.full((len(sequences), length), IGNORED),
        "attention": np.zeros((len(sequences), length), dtype=np.int64),
        "answer": np.zeros((len(sequences), length), dtype=bool),
    }
    places: dict[tuple[int, str, int], list[tuple[int, int, int]]] = {}
    for row, s in enumerate(sequences):
        batch["ids"][row, : len(s.ids)] = s.ids
        batch["languages"][row, : len(s.ids)] = s.languages
        batch["labels"][row, : len(s.ids)] = s.labels
        batch["attention"][row, : len(s.ids)] = 1
        batch["answer"][row, : len(s.ids)] = s.answer
        for key, first, last in s.marks:
            places.setdefault(key, []).append((row, first, last))
    pairs = [found for found in places.values() if len(found) == 2]
    batch["aligned"] = np.array(pairs, dtype=np.int64).reshape(-1, 2, 3)
    return {name: torch.from_numpy(values) for name, values in batch.items()}

"""The inputs of the tiny XLM's pre-training: masked sequences, sampled from parallel passages.

Input: passages as token ids with aligned spans. Output: batches of `</s> a </s></s> b </s>`, the
form of fine-tuning, with MLM labels and the token spans that mean the same in two languages. `a` is
one to three questions with or without their answers and `b` their passage, or both are the same
sentences in two languages (TLM).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lbmrc.miniworld.models.parallel import AlignedTokens, ParallelPassage, ParallelQuestion
from lbmrc.miniworld.models.settings import PretrainingSettings
from lbmrc.miniworld.models.vocabulary import (
    LANG2ID,
    MASK_ID,
    PADDING_ID,
    SEPARATOR_ID,
    SPECIAL_TOKENS,
)

if TYPE_CHECKING:
    import torch

IGNORED = -100
_POOL_BATCHES = 32


@dataclass(frozen=True, slots=True)
class MaskedSequence:
    """One input: ids, language ids and MLM labels (n,), whether a token is in a masked answer (n,),
    and the spans (key, first, last) to align.

    Two spans of a batch with the same key mean the same in two languages.
    """

    ids: np.ndarray
    languages: np.ndarray
    labels: np.ndarray
    answer: np.ndarray
    aligned: list[tuple[tuple[int, str, int], int, int]]


def mask_sequence(
    a: AlignedTokens,
    b: AlignedTokens,
    languages: tuple[str, str],
    keys: tuple[tuple[int, str], tuple[int, str]],
    answer_spans: list[tuple[int, int]],
    settings: PretrainingSettings,
    random: np.random.Generator,
    vocabulary: int,
) -> MaskedSequence:
    """`</s> a </s></s> b </s>`, some tokens masked, and those in `answer_spans` (token spans of the
    whole sequence) masked entirely."""
    ids = np.concatenate([[SEPARATOR_ID], a.ids, [SEPARATOR_ID] * 2, b.ids, [SEPARATOR_ID]])
    b_first = len(a.ids) + 3
    language_ids = np.full(len(ids), LANG2ID[languages[1]])
    language_ids[:b_first] = LANG2ID[languages[0]]
    selected = (random.random(len(ids)) < settings.masked) & (ids != SEPARATOR_ID)
    draw = random.random(len(ids))
    answer = np.zeros(len(ids), dtype=bool)
    for first, last in answer_spans:
        answer[first : last + 1] = True
    selected |= answer
    draw[answer] = 0.0
    labels = np.where(selected, ids, IGNORED)
    ids = np.where(selected & (draw < 0.8), MASK_ID, ids)
    random_ids = random.integers(len(SPECIAL_TOKENS), vocabulary, len(ids))
    ids = np.where(selected & (draw >= 0.9), random_ids, ids)
    aligned = [
        ((*key, number), int(first) + shift, int(last) + shift)
        for key, text, shift in ((keys[0], a, 1), (keys[1], b, b_first))
        for number, (first, last) in enumerate(text.spans)
        if first >= 0
    ]
    return MaskedSequence(ids, language_ids, labels, answer, aligned)


class SequenceSampler:
    """Samples questions with their passage, each twice in different languages, or a TLM pair."""

    def __init__(
        self, passages: list[ParallelPassage], vocabulary: int, settings: PretrainingSettings
    ) -> None:
        self.passages = passages
        self.vocabulary = vocabulary
        self.settings = settings
        self.random = np.random.default_rng(settings.seed)

    def batches(self) -> Iterator[list[MaskedSequence]]:
        """Endless batches of sequences of similar length; a sample's sequences stay together."""
        size = self.settings.batch_size // 2
        while True:
            pool = [self._sample(key) for key in range(size * _POOL_BATCHES)]
            pool.sort(key=lambda sample: max(len(s.ids) for s in sample))
            for number in self.random.permutation(_POOL_BATCHES):
                yield [s for sample in pool[number * size : (number + 1) * size] for s in sample]

    def _sample(self, key: int) -> list[MaskedSequence]:
        passage = self.passages[self.random.integers(len(self.passages))]
        if self.random.random() < self.settings.tlm:
            return [self._translation_pair(key, passage)]
        return self._question_pair(key, passage)

    def _languages(self, passage: ParallelPassage) -> list[str]:
        return [str(name) for name in self.random.permutation(list(passage.texts))]

    def _masked(
        self, a: AlignedTokens, b: AlignedTokens, languages, keys, answer_spans
    ) -> MaskedSequence:
        return mask_sequence(
            a, b, languages, keys, answer_spans, self.settings, self.random, self.vocabulary
        )

    def _translation_pair(self, key: int, passage: ParallelPassage) -> MaskedSequence:
        """Half of the passage's sentences, in two languages."""
        languages = self._languages(passage)[:2]
        count = len(passage.sentences[languages[0]])
        first = int(self.random.integers(0, count - count // 2 + 1))
        a, b = (
            select_sentences(
                passage.texts[x], passage.sentences[x][first : first + max(1, count // 2)]
            )
            for x in languages
        )
        return self._masked(a, b, tuple(languages), ((key, "p"), (key, "p")), [])

    def _question_pair(self, key: int, passage: ParallelPassage) -> list[MaskedSequence]:
        """Questions with their passage in two languages, the same answers masked in both."""
        masked_side = self.random.choice(["a", "b", "neither"], p=[0.4, 0.4, 0.2])
        languages = self._languages(passage)
        run, questions = self._select_part(passage)
        sequences = []
        for number in range(2):
            passage_language = question_language = languages[number]
            if self.random.random() < self.settings.crossed:
                question_language = languages[2 + number]
            b = select_sentences(
                passage.texts[passage_language], passage.sentences[passage_language][run]
            )
            a, in_a = self._join_questions(
                passage, questions, question_language, with_answers=masked_side != "neither"
            )
            in_b = [b.spans[question.answer] + len(a.ids) + 3 for question in questions]
            answer_spans = {"a": in_a, "b": in_b, "neither": []}[masked_side]
            keys = ((key, "a"), (key, "b"))
            pair = question_language, passage_language
            sequences.append(self._masked(a, b, pair, keys, answer_spans))
        return sequences

    def _select_part(self, passage: ParallelPassage) -> tuple[slice, list[ParallelQuestion]]:
        """All sentences or a short run of them, and up to three questions that it answers."""
        order = self.random.permutation(len(passage.questions))
        questions = [passage.questions[number] for number in order]
        text, sentences = next((passage.texts[x], passage.sentences[x]) for x in passage.texts)
        answer_sentences = [
            np.searchsorted(sentences[:, 1], text.spans[q.answer, 0]) for q in questions
        ]
        first, end = 0, len(sentences)
        if self.random.random() < self.settings.short:
            length = int(self.random.integers(2, 5))
            first = max(0, int(answer_sentences[0]) - int(self.random.integers(length)))
            end = first + length
        inside = [
            question
            for question, sentence in zip(questions, answer_sentences, strict=True)
            if first <= sentence < end
        ]
        return slice(first, end), inside[: self.random.integers(1, 4)]

    def _join_questions(
        self,
        passage: ParallelPassage,
        questions: list[ParallelQuestion],
        language: str,
        with_answers: bool,
    ) -> tuple[AlignedTokens, list[tuple[int, int]]]:
        """The questions as one text, with or without their answers, and the answers' spans."""
        text = passage.texts[language]
        pieces, spans, answers = [], [], []
        length = 0
        for question in questions:
            tokens = question.texts[language]
            pieces.append(tokens.ids)
            spans.append(np.where(tokens.spans >= 0, tokens.spans + length, -1))
            length += len(tokens.ids)
            if with_answers:
                first, last = text.spans[question.answer]
                pieces.append(text.ids[first : last + 1])
                answers.append((length + 1, length + 1 + last - first))
                length += last - first + 1
        return AlignedTokens(np.concatenate(pieces), np.concatenate(spans)), answers


def select_sentences(text: AlignedTokens, sentences: np.ndarray) -> AlignedTokens:
    """The text from the first of these sentences (token spans) to the last, with its spans."""
    first, last = int(sentences[0, 0]), int(sentences[-1, 1])
    inside = (text.spans[:, :1] >= first) & (text.spans[:, 1:] <= last)
    return AlignedTokens(text.ids[first : last + 1], np.where(inside, text.spans - first, -1))


def collate(sequences: list[MaskedSequence]) -> dict[str, "torch.Tensor"]:
    """Pad the sequences; `aligned` (pairs, 2, 3): sequence, first and last token of both spans."""
    import torch

    length = max(len(s.ids) for s in sequences)
    batch: dict[str, np.ndarray] = {
        "ids": np.full((len(sequences), length), PADDING_ID),
        "languages": np.zeros((len(sequences), length), dtype=np.int64),
        "labels": np.full((len(sequences), length), IGNORED),
        "attention": np.zeros((len(sequences), length), dtype=np.int64),
        "answer": np.zeros((len(sequences), length), dtype=bool),
    }
    spans_by_key: dict[tuple[int, str, int], list[tuple[int, int, int]]] = {}
    for row, s in enumerate(sequences):
        batch["ids"][row, : len(s.ids)] = s.ids
        batch["languages"][row, : len(s.ids)] = s.languages
        batch["labels"][row, : len(s.ids)] = s.labels
        batch["attention"][row, : len(s.ids)] = 1
        batch["answer"][row, : len(s.ids)] = s.answer
        for key, first, last in s.aligned:
            spans_by_key.setdefault(key, []).append((row, first, last))
    pairs = [spans for spans in spans_by_key.values() if len(spans) == 2]
    batch["aligned"] = np.array(pairs, dtype=np.int64).reshape(-1, 2, 3)
    return {name: torch.from_numpy(values) for name, values in batch.items()}

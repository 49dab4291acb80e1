"""The second training step of the tiny XLM: matching a question with the facts of its passage.

With MLM and TLM alone, an encoder of this size cannot look up a fact by the name it belongs to,
which the real XLM learns from scale. This step, after `pretraining`, teaches it explicitly with
questions and passages of the split `pretrain`:

- English tokens predict, through a linear layer that is discarded afterwards, whether they mention
  the entity that the question names, state a fact of that entity, or state a fact of the kind that
  the question asks for (three binary targets per token);
- the states of the same question and passage in another language are pulled, at the tokens known to
  be aligned, towards the English ones (cosine; no gradient flows into the English side);
- MLM continues on a share of the sequences, to preserve the language model.

A fact that is both of the named entity and of the asked kind is the answer, so the targets come
close to marking its tokens, in English. No span head is trained, no start or end is a target, and
the other languages see no targets at all: they learn from the alignment alone.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lbmrc.miniworld.models.parallel import ParallelPassage
from lbmrc.miniworld.models.settings import MatchingSettings
from lbmrc.miniworld.models.vocabulary import (
    LANG2ID,
    MASK_ID,
    PADDING_ID,
    SEPARATOR_ID,
    SPECIAL_TOKENS,
)

if TYPE_CHECKING:
    import torch
    from transformers import XLMWithLMHeadModel

    from lbmrc.miniworld.generator.passages import Passage

ENGLISH = "en"
TARGETS = ("mention", "kind", "fact")
_POOL_BATCHES = 32


@dataclass(frozen=True, slots=True)
class PairSequence:
    """A question and (some sentences of) its passage in one language, as one sequence.

    ``ids`` (n,); ``passage_first``, the passage's first token; ``targets`` (n, 3), see `TARGETS`;
    ``aligned``, the first and last token of each aligned span, by a key that all languages share.
    """

    language: int
    ids: np.ndarray
    passage_first: int
    targets: np.ndarray
    aligned: dict[tuple[str, int], tuple[int, int]]


class PairSampler:
    """Draws a question with its passage, in English and in one of the other languages."""

    def __init__(
        self,
        passages: Sequence["Passage"],
        parallel: Sequence[ParallelPassage],
        settings: MatchingSettings,
    ) -> None:
        self.passages = passages
        self.parallel = parallel
        self.settings = settings
        self.random = np.random.default_rng(settings.seed)
        self.others = [language for language in parallel[0].texts if language != ENGLISH]
        self.holders = [_holders(passage) for passage in parallel]

    def batches(self) -> Iterator[list[tuple[PairSequence, PairSequence]]]:
        """Endless batches of pairs of similar length."""
        size = self.settings.batch_size
        while True:
            pool = [self._draw() for _ in range(size * _POOL_BATCHES)]
            pool.sort(key=lambda pair: sum(len(sequence.ids) for sequence in pair))
            for number in self.random.permutation(_POOL_BATCHES):
                yield pool[number * size : (number + 1) * size]

    def _draw(self) -> tuple[PairSequence, PairSequence]:
        number = int(self.random.integers(len(self.passages)))
        passage = self.passages[number]
        question = int(self.random.integers(len(passage.questions)))
        kind = passage.slots[passage.questions[question].slot].relation
        sentences = list(range(len(passage.sentences[ENGLISH])))
        if self.random.random() < self.settings.rivals_only:
            holders = self.holders[number]
            alike = [n for n, slot in enumerate(passage.slots) if slot.relation == kind]
            sentences = sorted({holders[n] for n in alike})
        other = self.others[self.random.integers(len(self.others))]
        english, translated = (
            self._sequence(number, question, language, sentences) for language in (ENGLISH, other)
        )
        return english, translated

    def _sequence(
        self, number: int, question_number: int, language: str, sentences: list[int]
    ) -> PairSequence:
        passage, parallel = self.passages[number], self.parallel[number]
        question = parallel.questions[question_number].texts[language]
        text, bounds = parallel.texts[language], parallel.sentences[language]
        answer = passage.slots[passage.questions[question_number].slot]
        pieces, places = [], {}
        length = passage_first = len(question.ids) + 3
        for sentence in sentences:
            first, last = bounds[sentence]
            pieces.append(text.ids[first : last + 1])
            for n in range(len(passage.slots)):
                if self.holders[number][n] == sentence and text.spans[n, 0] >= 0:
                    start, end = text.spans[n] - first + length
                    places[n] = (int(start), int(end))
            length += last + 1 - first
        ids = np.concatenate(
            [[SEPARATOR_ID], question.ids, [SEPARATOR_ID] * 2, *pieces, [SEPARATOR_ID]]
        )
        targets = np.zeros((len(ids), len(TARGETS)), dtype=np.float32)
        for n, (start, end) in places.items():
            slot = passage.slots[n]
            of_entity = slot.entity == answer.entity
            targets[start : end + 1] = (
                of_entity and not slot.relation,
                slot.relation == answer.relation,
                of_entity and bool(slot.relation),
            )
        aligned = {("passage", n): place for n, place in places.items()}
        for n, (start, end) in enumerate(question.spans):
            if start >= 0:
                aligned["question", n] = (int(start) + 1, int(end) + 1)
        return PairSequence(LANG2ID[language], ids, passage_first, targets, aligned)


def train_matching(
    model: "XLMWithLMHeadModel", pairs: PairSampler, settings: MatchingSettings, bfloat16: bool
) -> list[dict[str, float]]:
    """Train the model in place; the mean losses of every 100 steps."""
    import torch
    from torch.nn import functional
    from transformers import get_cosine_schedule_with_warmup

    torch.manual_seed(settings.seed)
    classifier = torch.nn.Linear(model.config.emb_dim, len(TARGETS))
    parameters = [*model.parameters(), *classifier.parameters()]
    optimizer = torch.optim.AdamW(
        parameters, lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=0.01, fused=True
    )
    schedule = get_cosine_schedule_with_warmup(optimizer, settings.warmup_steps, settings.steps)

    def states(ids, languages, attention):
        with torch.autocast("cpu", torch.bfloat16, enabled=bfloat16):
            out = model.transformer(ids, langs=languages, attention_mask=attention)
        return out.last_hidden_state.float()

    model.train()
    batches = pairs.batches()
    history, recent, start_time = [], [], time.monotonic()
    for step in range(1, settings.steps + 1):
        batch = next(batches)
        size = len(batch)
        sequences = [pair[0] for pair in batch] + [pair[1] for pair in batch]
        ids, languages, attention = padded(sequences)
        hidden = states(ids, languages, attention)
        logits, targets = classifier(hidden[:size]), _targets(sequences[:size], ids.shape[1])
        known = targets >= 0
        matching = functional.binary_cross_entropy_with_logits(logits[known], targets[known])
        english, other = _aligned(batch)
        cosines = functional.cosine_similarity(
            hidden[english[:, 0], english[:, 1]].detach(),
            hidden[other[:, 0] + size, other[:, 1]],
            dim=-1,
        )
        alignment = (1 - cosines).mean()
        loss = settings.target_weight * matching + settings.alignment_weight * alignment
        mlm = float("nan")
        if step % 2 == 0:
            ids, languages, attention = padded(sequences[::4])
            masked = (torch.rand(ids.shape) < settings.masked) & (ids >= len(SPECIAL_TOKENS))
            if masked.any():
                hidden = states(ids.masked_fill(masked, MASK_ID), languages, attention)
                token_logits = model.pred_layer.proj(hidden[masked])
                mlm_loss = functional.cross_entropy(token_logits, ids[masked])
                loss, mlm = loss + settings.mlm_weight * mlm_loss, mlm_loss.item()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        recent.append((matching.item(), alignment.item(), mlm))
        if step % 100 == 0 or step == settings.steps:
            means = np.nanmean(recent, axis=0).round(4).tolist()
            recent.clear()
            losses = dict(zip(("matching", "alignment", "mlm"), means, strict=True))
            seconds = round(time.monotonic() - start_time)
            history.append({"step": step, **losses, "seconds": seconds})
            print(history[-1], flush=True)
    model.eval()
    return history


def padded(
    sequences: Sequence[PairSequence],
) -> tuple["torch.Tensor", "torch.Tensor", "torch.Tensor"]:
    """Ids, language ids and attention mask of the sequences, each (B, L)."""
    import torch

    shape = len(sequences), max(len(sequence.ids) for sequence in sequences)
    ids, languages = np.full(shape, PADDING_ID, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    attention = np.zeros(shape, dtype=np.int64)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence.ids)] = sequence.ids
        attention[row, : len(sequence.ids)] = 1
        languages[row] = sequence.language
    return torch.from_numpy(ids), torch.from_numpy(languages), torch.from_numpy(attention)


def _targets(sequences: Sequence[PairSequence], length: int) -> "torch.Tensor":
    """(B, L, 3); -1 outside the passage."""
    import torch

    targets = np.full((len(sequences), length, len(TARGETS)), -1, dtype=np.float32)
    for row, sequence in enumerate(sequences):
        passage = slice(sequence.passage_first, len(sequence.ids) - 1)
        targets[row, passage] = sequence.targets[passage]
    return torch.from_numpy(targets)


def _aligned(
    batch: Sequence[tuple[PairSequence, PairSequence]],
) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Row and token of the first and last token of every aligned span, (n, 2) for each side."""
    import torch

    english, other = [], []
    for row, (left, right) in enumerate(batch):
        for key in left.aligned.keys() & right.aligned.keys():
            english += [(row, token) for token in left.aligned[key]]
            other += [(row, token) for token in right.aligned[key]]
    return torch.tensor(english), torch.tensor(other)


def _holders(passage: ParallelPassage) -> list[int]:
    """The number of the sentence that holds each slot (the sentences are parallel)."""
    starts = passage.sentences[ENGLISH][:, 0]
    spans = passage.texts[ENGLISH].spans
    return [int(np.searchsorted(starts, first, side="right")) - 1 for first in spans[:, 0]]

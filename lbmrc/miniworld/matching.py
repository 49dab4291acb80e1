"""The tiny XLM learns what to look for: which facts of a passage a question is about.

MLM and TLM alone leave an encoder of this size unable to look a fact up by the name it belongs to,
which the real XLM gets from scale. So it is helped to it, and openly: after `pretraining`, with
questions and passages of the split `pretrain`,

- English tokens tell, through a linear layer that is thrown away, whether they mention the thing
  that the question names, state a fact of that thing, or state a fact of the kind that the question
  asks for (three yes-or-no targets a token);
- the same question and passage in another language get, at the tokens known to be aligned, the
  states of the English ones (cosine; the English side stands still);
- MLM goes on beside, on a share of the sequences, so that the language model stays one.

A fact that is both of the named thing and of the asked kind is the answer, so the targets come
close to naming its tokens, in English. No span head is trained, no start or end is a target, and
the other languages see no targets at all: what they know of reading they have by alignment.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lbmrc.miniworld.parallel import ParallelPassage
from lbmrc.miniworld.readings import MASK, PADDING, SEPARATOR
from lbmrc.miniworld.vocabulary import LANG2ID, SPECIAL_TOKENS

if TYPE_CHECKING:
    import torch
    from transformers import XLMWithLMHeadModel

    from lbmrc.miniworld.passages import Passage

ENGLISH = "en"
TARGETS = ("mention", "kind", "fact")
_BATCHES_IN_A_POOL = 32


@dataclass(frozen=True)
class Matching:
    """How the shipped checkpoint was taught; weights are those of the terms of the loss."""

    passages: int = 4000
    steps: int = 3000
    batch_size: int = 16
    learning_rate: float = 1e-3
    warmup_steps: int = 100
    rivals_only: float = 0.6
    target_weight: float = 8.0
    alignment_weight: float = 2.0
    mlm_weight: float = 0.5
    masked: float = 0.15
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """A question and (some sentences of) its passage in one language, as one sequence.

    ids (n,); the passage's first token; targets (n, 3) as in `TARGETS`; marks: the first and last
    token of what is aligned, by a key that is the same in every language.
    """

    language: int
    ids: np.ndarray
    passage_first: int
    targets: np.ndarray
    marks: dict[tuple[str, int], tuple[int, int]]


class Pairs:
    """Draws a question with its passage, in English and in one of the other languages."""

    def __init__(
        self,
        world: Sequence["Passage"],
        parallel: Sequence[ParallelPassage],
        settings: Matching,
    ) -> None:
        self.world = world
        self.parallel = parallel
        self.settings = settings
        self.random = np.random.default_rng(settings.seed)
        self.others = [language for language in parallel[0].texts if language != ENGLISH]
        self.holders = [_holders(passage) for passage in parallel]

    def batches(self) -> Iterator[list[tuple[Reading, Reading]]]:
        """Batches of pairs of like length, without end."""
        size = self.settings.batch_size
        while True:
            pool = [self._draw() for _ in range(size * _BATCHES_IN_A_POOL)]
            pool.sort(key=lambda pair: sum(len(reading.ids) for reading in pair))
            for number in self.random.permutation(_BATCHES_IN_A_POOL):
                yield pool[number * size : (number + 1) * size]

    def _draw(self) -> tuple[Reading, Reading]:
        number = int(self.random.integers(len(self.world)))
        passage = self.world[number]
        asked = int(self.random.integers(len(passage.questions)))
        kind = passage.slots[passage.questions[asked].slot].relation
        sentences = list(range(len(passage.sentences[ENGLISH])))
        if self.random.random() < self.settings.rivals_only:
            holders = self.holders[number]
            alike = [n for n, slot in enumerate(passage.slots) if slot.relation == kind]
            sentences = sorted({holders[n] for n in alike})
        other = self.others[self.random.integers(len(self.others))]
        english, translated = (
            self._reading(number, asked, language, sentences) for language in (ENGLISH, other)
        )
        return english, translated

    def _reading(self, number: int, asked: int, language: str, sentences: list[int]) -> Reading:
        passage, parallel = self.world[number], self.parallel[number]
        question = parallel.questions[asked].texts[language]
        text, bounds = parallel.texts[language], parallel.sentences[language]
        named = passage.slots[passage.questions[asked].slot]
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
        ids = np.concatenate([[SEPARATOR], question.ids, [SEPARATOR] * 2, *pieces, [SEPARATOR]])
        targets = np.zeros((len(ids), len(TARGETS)), dtype=np.float32)
        for n, (start, end) in places.items():
            slot = passage.slots[n]
            its_own = slot.entity == named.entity
            said = (its_own and not slot.relation, slot.relation == named.relation)
            targets[start : end + 1] = (*said, its_own and bool(slot.relation))
        marks = {("passage", n): place for n, place in places.items()}
        for n, (start, end) in enumerate(question.spans):
            if start >= 0:
                marks["question", n] = (int(start) + 1, int(end) + 1)
        return Reading(LANG2ID[language], ids, passage_first, targets, marks)


def learn_to_match(
    model: "XLMWithLMHeadModel", pairs: Pairs, settings: Matching, bfloat16: bool
) -> list[dict[str, float]]:
    """Train the model in place; the mean losses of every 100 steps."""
    import torch
    from torch.nn import functional
    from transformers import get_cosine_schedule_with_warmup

    torch.manual_seed(settings.seed)
    targets_of = torch.nn.Linear(model.config.emb_dim, len(TARGETS))
    parameters = [*model.parameters(), *targets_of.parameters()]
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
    history, recent, began = [], [], time.monotonic()
    for step in range(1, settings.steps + 1):
        batch = next(batches)
        size = len(batch)
        readings = [pair[0] for pair in batch] + [pair[1] for pair in batch]
        ids, languages, attention = padded(readings)
        hidden = states(ids, languages, attention)
        said, told = targets_of(hidden[:size]), _targets(readings[:size], ids.shape[1])
        known = told >= 0
        matching = functional.binary_cross_entropy_with_logits(said[known], told[known])
        english, other = _aligned(batch)
        alike = functional.cosine_similarity(
            hidden[english[:, 0], english[:, 1]].detach(),
            hidden[other[:, 0] + size, other[:, 1]],
            dim=-1,
        )
        aligned = (1 - alike).mean()
        loss = settings.target_weight * matching + settings.alignment_weight * aligned
        mlm = float("nan")
        if step % 2 == 0:
            ids, languages, attention = padded(readings[::4])
            chosen = (torch.rand(ids.shape) < settings.masked) & (ids >= len(SPECIAL_TOKENS))
            if chosen.any():
                hidden = states(ids.masked_fill(chosen, MASK), languages, attention)
                guesses = model.pred_layer.proj(hidden[chosen])
                masked = functional.cross_entropy(guesses, ids[chosen])
                loss, mlm = loss + settings.mlm_weight * masked, masked.item()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        recent.append((matching.item(), aligned.item(), mlm))
        if step % 100 == 0 or step == settings.steps:
            means = np.nanmean(recent, axis=0).round(4).tolist()
            recent.clear()
            losses = dict(zip(("matching", "alignment", "mlm"), means, strict=True))
            seconds = round(time.monotonic() - began)
            history.append({"step": step, **losses, "seconds": seconds})
            print(history[-1], flush=True)
    model.eval()
    return history


def padded(readings: Sequence[Reading]) -> tuple["torch.Tensor", "torch.Tensor", "torch.Tensor"]:
    """Ids, language ids and attention mask of the sequences, each (B, L)."""
    import torch

    shape = len(readings), max(len(reading.ids) for reading in readings)
    ids, languages = np.full(shape, PADDING, dtype=np.int64), np.zeros(shape, dtype=np.int64)
    attention = np.zeros(shape, dtype=np.int64)
    for row, reading in enumerate(readings):
        ids[row, : len(reading.ids)] = reading.ids
        attention[row, : len(reading.ids)] = 1
        languages[row] = reading.language
    return torch.from_numpy(ids), torch.from_numpy(languages), torch.from_numpy(attention)


def _targets(readings: Sequence[Reading], length: int) -> "torch.Tensor":
    """(B, L, 3); -1 outside the passage."""
    import torch

    told = np.full((len(readings), length, len(TARGETS)), -1, dtype=np.float32)
    for row, reading in enumerate(readings):
        passage = slice(reading.passage_first, len(reading.ids) - 1)
        told[row, passage] = reading.targets[passage]
    return torch.from_numpy(told)


def _aligned(batch: Sequence[tuple[Reading, Reading]]) -> tuple["torch.Tensor", "torch.Tensor"]:
    """Row and token of every aligned first and last token, (n, 2) for each side."""
    import torch

    english, other = [], []
    for row, (left, right) in enumerate(batch):
        for key in left.marks.keys() & right.marks.keys():
            english += [(row, token) for token in left.marks[key]]
            other += [(row, token) for token in right.marks[key]]
    return torch.tensor(english), torch.tensor(other)


def _holders(passage: ParallelPassage) -> list[int]:
    """The number of the sentence that holds each slot (the sentences are parallel)."""
    starts = passage.sentences[ENGLISH][:, 0]
    spans = passage.texts[ENGLISH].spans
    return [int(np.searchsorted(starts, first, side="right")) - 1 for first in spans[:, 0]]

"""Language-agnostic knowledge phrase masking, LAKM (Yuan et al. 2020), beside span extraction.

In go windows of monolingual passages whose tokens know which phrase they belong to
(`lbmrc.lakm.build_windows`). A share of the tokens is hidden, those of phrases first, and XLM's own
masked-LM head (its embeddings, tied, and a bias) has to tell them. A batch of questions and a batch
of masked passages take turns; their losses are not weighed. Kept from ``lbmrc.training.trainer``,
so that a change here trains no other system again.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from transformers import PreTrainedModel

from lbmrc.model.span_model import hidden_states, masked_lm_bias, pad_id
from lbmrc.windows.batches import LengthGroupedBatches, digest, lengths

if TYPE_CHECKING:
    from datasets import Dataset

    from lbmrc.config.stages import MaskingSettings
    from lbmrc.training.trainer import SpanExtraction

HEAD = "masked_lm_bias"


def choose(phrases: np.ndarray, share: float, draw: np.random.Generator) -> np.ndarray:
    """The places to hide: ``share`` of the tokens (rounded, at least one), phrases first.

    Args:
        phrases: (n,), the number of the phrase that each token belongs to, from 1 on; 0 for none.
        draw: whole phrases are taken in random order, the last cut to what is left; where they do
            not suffice, other tokens at random.

    Returns:
        sorted places, (m,).
    """
    wanted = max(1, round(share * len(phrases)))
    numbers = draw.permutation(np.unique(phrases[phrases > 0]))
    places = [np.flatnonzero(phrases == number) for number in numbers]
    others = draw.permutation(np.flatnonzero(phrases == 0))
    return np.sort(np.concatenate([*places, others])[:wanted])


def hide(ids: np.ndarray, mask_id: int, vocabulary: int, draw: np.random.Generator) -> np.ndarray:
    """What stands where tokens are hidden: 80% the mask, 10% any token, 10% the token itself."""
    chance = draw.random(len(ids))
    anything = draw.integers(vocabulary, size=len(ids))
    return np.where(chance < 0.8, mask_id, np.where(chance < 0.9, anything, ids))


@dataclass(frozen=True)
class Phrases:
    """What LAKM adds to a training: windows with phrases, which share of them to hide, and the
    tokenizer's mask token (XLM's config.json names another)."""

    windows: "Dataset"
    settings: "MaskingSettings"
    mask_id: int

    def task(
        self,
        spans: "SpanExtraction",
        model: PreTrainedModel,
        backbone: str | Path,
        batch_size: int,
        seed: int,
    ) -> "Alternating":
        """Questions and masked passages in turn; the model gets the backbone's masked-LM head."""
        attach_head(model, backbone)
        phrases = PhraseMasking(
            self.windows,
            mask_id=self.mask_id,
            vocabulary=model.config.vocab_size,
            pad_id=pad_id(model),
            share=self.settings.mask_rate,
            batch_size=batch_size,
            seed=seed,
        )
        return Alternating(spans, phrases)

    def finish(self, model: PreTrainedModel) -> None:
        """Take the head away again: a trained system answers questions, and no more."""
        detach_head(model)

    def job(self) -> dict[str, Any]:
        """All of it that decides the result."""
        return {
            "windows": digest(self.windows, ["language_id", "input_ids", "phrases"]),
            "settings": self.settings.model_dump(mode="json"),
            "mask_id": self.mask_id,
        }


class PhraseMasking:
    """Masked windows without end: number i is window i mod N, hidden anew each time round."""

    def __init__(
        self,
        windows: "Dataset",
        *,
        mask_id: int,
        vocabulary: int,
        pad_id: int,
        share: float,
        batch_size: int,
        seed: int,
    ):
        self.windows = windows
        self.arrow = windows.with_format("arrow")
        self.mask_id = mask_id
        self.vocabulary = vocabulary
        self.pad_id = pad_id
        self.share = share
        self.seed = seed
        self._batches = LengthGroupedBatches(lengths(windows), batch_size, seed)
        self._round = lru_cache(maxsize=1)(self._batches_of_round)

    def numbers(self, batch: int) -> list[int]:
        """The numbers of the windows of a batch: every window once, then all in another order."""
        turn, place = divmod(batch, len(self._batches))
        return [turn * len(self.windows) + row for row in self._round(turn)[place]]

    def _batches_of_round(self, turn: int) -> list[list[int]]:
        self._batches.set_epoch(turn)
        return list(self._batches)

    def __getitems__(self, numbers: list[int]) -> dict[str, Tensor]:
        """input_ids, mask, langs, segments, each (B, L), as `collate` makes them; and of each
        of the M hidden tokens its ``places`` (M, 2), row and column, and its ``targets`` (M,)."""
        rows = self.arrow[[number % len(self.windows) for number in numbers]]
        ids = [np.array(row, np.int64) for row in rows["input_ids"].to_numpy()]
        shape = len(ids), max(map(len, ids))
        batch = {
            "input_ids": np.full(shape, self.pad_id, np.int64),
            "mask": np.zeros(shape, bool),
            "langs": np.repeat(np.asarray(rows["language_id"], np.int64)[:, None], shape[1], 1),
            "segments": np.zeros(shape, np.int64),
        }
        places, targets = [], []
        phrases = rows["phrases"].to_numpy()
        for row, (number, tokens) in enumerate(zip(numbers, ids, strict=True)):
            draw = np.random.default_rng([self.seed, number])
            text = np.flatnonzero(phrases[row] >= 0)
            hidden = text[choose(phrases[row][text], self.share, draw)]
            places.append(np.column_stack([np.full(len(hidden), row), hidden]))
            targets.append(tokens[hidden])
            batch["input_ids"][row, : len(tokens)] = tokens
            batch["mask"][row, : len(tokens)] = True
            batch["input_ids"][row, hidden] = hide(
                tokens[hidden], self.mask_id, self.vocabulary, draw
            )
        batch |= {"places": np.concatenate(places), "targets": np.concatenate(targets)}
        return {name: torch.from_numpy(array) for name, array in batch.items()}

    def losses(self, model: PreTrainedModel, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The mean cross-entropy of the hidden tokens in nats."""
        hidden = hidden_states(model, batch)[batch["places"][:, 0], batch["places"][:, 1]]
        logits = F.linear(hidden, model.get_input_embeddings().weight, getattr(model, HEAD))
        loss = F.cross_entropy(logits.float(), batch["targets"])
        return {"loss": loss, "lakm": loss}

    def items(self, batch: dict[str, Tensor]) -> int:
        return len(batch["targets"])

    def describe(self, numbers: list[int]) -> list[dict[str, Any]]:
        rows = [number % len(self.windows) for number in numbers]
        found = self.windows.select_columns(["passage_id", "language"]).select(rows).to_list()
        return [{"masked_passage": row["passage_id"], "language": row["language"]} for row in found]


class Alternating(torch.utils.data.Dataset):
    """A training task: a batch of questions and a batch of masked passages in turn.

    Rows below the number of questions' windows are theirs, those from there on number the masked
    passages.
    """

    def __init__(self, spans: "SpanExtraction", phrases: PhraseMasking):
        self.spans = spans
        self.phrases = phrases

    def __len__(self) -> int:
        return 2 * len(self.spans)

    def __getitems__(self, rows: list[int]) -> dict[str, Tensor]:
        if rows[0] < len(self.spans):
            return self.spans.__getitems__(rows)
        batch = self.phrases.__getitems__([row - len(self.spans) for row in rows])
        return batch | {"rows": torch.tensor(rows)}

    def batches(self, batch_size: int, seed: int) -> "AlternatingBatches":
        return AlternatingBatches(
            self.spans.batches(batch_size, seed), self.phrases, len(self.spans)
        )

    def losses(self, model: PreTrainedModel, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return self._of(batch).losses(model, batch)

    def items(self, batch: dict[str, Tensor]) -> int:
        return self._of(batch).items(batch)

    def _of(self, batch: dict[str, Tensor]) -> "SpanExtraction | PhraseMasking":
        return self.phrases if "targets" in batch else self.spans

    def describe(self, rows: list[int]) -> list[dict[str, Any]]:
        if rows[0] < len(self.spans):
            return self.spans.describe(rows)
        return self.phrases.describe([row - len(self.spans) for row in rows])


class AlternatingBatches:
    """An epoch of the questions' batches, one of masked passages after each of them."""

    drop_last = False

    def __init__(self, spans: LengthGroupedBatches, phrases: PhraseMasking, first_number: int):
        self.spans = spans
        self.phrases = phrases
        self.first_number = first_number
        self.batch_size = spans.batch_size

    def set_epoch(self, epoch: int) -> None:
        self.spans.set_epoch(epoch)

    def __len__(self) -> int:
        return 2 * len(self.spans)

    def __iter__(self) -> Iterator[list[int]]:
        done = self.spans.epoch * len(self.spans)
        for turn, rows in enumerate(self.spans, done):
            yield rows
            yield [self.first_number + number for number in self.phrases.numbers(turn)]

    def padding_share(self) -> float:
        """Of the questions' batches, as `LengthGroupedBatches.padding_share`."""
        return self.spans.padding_share()


def attach_head(model: PreTrainedModel, backbone: str | Path) -> None:
    """Give a span-extraction model the backbone's masked-LM head, trained with the rest."""
    model.register_parameter(HEAD, nn.Parameter(masked_lm_bias(backbone)))


def detach_head(model: PreTrainedModel) -> None:
    """Take the masked-LM head away again."""
    if hasattr(model, HEAD):
        delattr(model, HEAD)

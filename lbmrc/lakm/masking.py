"""Language-agnostic knowledge phrase masking, LAKM (Yuan et al. 2020): masked windows, their loss.

Input: windows of monolingual passages with the phrase of each token
(`lbmrc.lakm.phrase_window_files`). A share of the tokens is masked, those of phrases first, and
XLM's own masked-LM head (its embeddings, tied, and a bias) predicts them.
"""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from lbmrc.model.span_model import hidden_states, masked_lm_bias
from lbmrc.windows.batches import LengthGroupedBatches, digest, lengths

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedModel

HEAD = "masked_lm_bias"


def select_positions(phrases: np.ndarray, share: float, draw: np.random.Generator) -> np.ndarray:
    """The positions to mask: ``share`` of the tokens (rounded, at least one), phrases first.

    Args:
        phrases: (n,), the number of the phrase that each token belongs to, from 1 on; 0 for none.
        draw: whole phrases are taken in random order, the last one truncated to the count; if they
            do not suffice, other tokens at random.

    Returns:
        sorted positions, (m,).
    """
    count = max(1, round(share * len(phrases)))
    numbers = draw.permutation(np.unique(phrases[phrases > 0]))
    by_phrase = [np.flatnonzero(phrases == number) for number in numbers]
    others = draw.permutation(np.flatnonzero(phrases == 0))
    return np.sort(np.concatenate([*by_phrase, others])[:count])


def mask_tokens(
    ids: np.ndarray, mask_id: int, vocabulary: int, draw: np.random.Generator
) -> np.ndarray:
    """Replacements of the selected tokens: 80% the mask, 10% a random token, 10% the token itself.

    Args:
        ids: (m,), the selected tokens.
    """
    chance = draw.random(len(ids))
    random_ids = draw.integers(vocabulary, size=len(ids))
    return np.where(chance < 0.8, mask_id, np.where(chance < 0.9, random_ids, ids))


class PhraseMasking:
    """An endless sequence of masked windows: number i is window i mod N, masked anew each round."""

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
        self._cached_round = lru_cache(maxsize=1)(self._batches_of_round)

    def numbers(self, batch: int) -> list[int]:
        """The numbers of the windows of a batch: every window once, then all in another order."""
        round_number, index = divmod(batch, len(self._batches))
        first = round_number * len(self.windows)
        return [first + row for row in self._cached_round(round_number)[index]]

    def _batches_of_round(self, round_number: int) -> list[list[int]]:
        self._batches.set_epoch(round_number)
        return list(self._batches)

    def __getitems__(self, numbers: list[int]) -> dict[str, Tensor]:
        """input_ids, mask, langs, segments, each (B, L), as `lbmrc.windows.batches.collate` makes
        them; and for the M masked tokens their ``positions`` (M, 2), row and column, and their
        ``targets`` (M,)."""
        rows = self.arrow[[number % len(self.windows) for number in numbers]]
        ids = [np.array(row, np.int64) for row in rows["input_ids"].to_numpy()]
        shape = len(ids), max(map(len, ids))
        batch = {
            "input_ids": np.full(shape, self.pad_id, np.int64),
            "mask": np.zeros(shape, bool),
            "langs": np.repeat(np.asarray(rows["language_id"], np.int64)[:, None], shape[1], 1),
            "segments": np.zeros(shape, np.int64),
        }
        positions, targets = [], []
        phrases = rows["phrases"].to_numpy()
        for row, (number, tokens) in enumerate(zip(numbers, ids, strict=True)):
            draw = np.random.default_rng([self.seed, number])
            text = np.flatnonzero(phrases[row] >= 0)
            selected = text[select_positions(phrases[row][text], self.share, draw)]
            positions.append(np.column_stack([np.full(len(selected), row), selected]))
            targets.append(tokens[selected])
            batch["input_ids"][row, : len(tokens)] = tokens
            batch["mask"][row, : len(tokens)] = True
            batch["input_ids"][row, selected] = mask_tokens(
                tokens[selected], self.mask_id, self.vocabulary, draw
            )
        batch |= {"positions": np.concatenate(positions), "targets": np.concatenate(targets)}
        return {name: torch.from_numpy(array) for name, array in batch.items()}

    def losses(self, network: "PreTrainedModel", batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """The mean cross-entropy of the masked tokens in nats; needs the head (`attach_head`)."""
        rows, columns = batch["positions"].unbind(1)
        hidden = hidden_states(network, batch)[rows, columns]
        embeddings = network.get_input_embeddings().get_parameter("weight")
        logits = F.linear(hidden, embeddings, getattr(network, HEAD))
        loss = F.cross_entropy(logits.float(), batch["targets"])
        return {"loss": loss, "lakm": loss}

    def items(self, batch: dict[str, Tensor]) -> int:
        """Masked tokens."""
        return len(batch["targets"])

    def describe(self, numbers: list[int]) -> list[dict[str, Any]]:
        """Passage and language of each window."""
        rows = [number % len(self.windows) for number in numbers]
        records = self.windows.select_columns(["passage_id", "language"]).select(rows).to_list()
        return [
            {"masked_passage": record["passage_id"], "language": record["language"]}
            for record in records
        ]

    def identity(self) -> dict[str, Any]:
        """What determines which tokens are masked and how, besides the seed."""
        return {
            "windows": digest(self.windows, ["language_id", "input_ids", "phrases"]),
            "share": self.share,
            "mask_id": self.mask_id,
        }


def attach_head(network: "PreTrainedModel", backbone: str | Path) -> None:
    """Give a span-extraction model the backbone's masked-LM head, trained with the rest.

    Raises:
        UserError: if the backbone has none.
    """
    network.register_parameter(HEAD, nn.Parameter(masked_lm_bias(backbone)))


def detach_head(network: "PreTrainedModel") -> None:
    """Remove the masked-LM head."""
    delattr(network, HEAD)

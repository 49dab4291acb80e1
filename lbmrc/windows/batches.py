"""Batches of windows: which windows form a batch, and their padded tensors.

Windows of similar length share a batch, which keeps padding low (the mean window of the real data
is half as long as the longest). The grouping of an epoch depends on (seed, epoch) alone: each
window is seen exactly once per epoch, and a resumed run sees what the killed one would have.
"""

import hashlib
from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from datasets import Dataset
    from torch import Tensor

COLUMNS = [
    "input_ids",
    "passage_first",
    "question_language_id",
    "passage_language_id",
    "start",
    "end",
]
_BATCHES_PER_POOL = 50


def lengths(windows: "Dataset") -> np.ndarray:
    """Tokens of each window, special tokens included: int64 (N,)."""
    table = windows.select_columns("input_ids").with_format("arrow")[:]
    return pc.list_value_length(table.column("input_ids")).to_numpy().astype(np.int64)


def digest(windows: "Dataset", columns: list[str]) -> str:
    """SHA-256 of columns of windows; each holds numbers or lists of numbers."""
    sha256 = hashlib.sha256()
    table = windows.select_columns(columns).with_format("arrow")[:]
    for name in columns:
        for chunk in table.column(name).chunks:
            if isinstance(chunk, pa.ListArray):
                sha256.update(chunk.value_lengths().to_numpy())
                chunk = chunk.flatten()
            sha256.update(chunk.to_numpy())
    return sha256.hexdigest()


def collate(rows: pa.Table, pad_id: int) -> "dict[str, Tensor]":
    """B rows of windows -> padded tensors, int64 (B, L) unless noted otherwise.

    input_ids; mask (bool, true where a token is real); langs, the language id of each token: the
    question's before ``passage_first``, the passage's from there on; segments, 0 and 1 likewise;
    start and end (B,), the gold span's tokens.
    """
    import torch

    column = rows.column("input_ids").combine_chunks()
    sizes = pc.list_value_length(column).to_numpy().astype(np.int64)
    mask = np.arange(sizes.max()) < sizes[:, None]
    input_ids = np.full(mask.shape, pad_id, np.int64)
    input_ids[mask] = column.flatten().to_numpy()

    def per_row(name: str) -> np.ndarray:
        return rows.column(name).to_numpy().astype(np.int64)

    in_passage = np.arange(mask.shape[1]) >= per_row("passage_first")[:, None]
    langs = np.where(
        in_passage,
        per_row("passage_language_id")[:, None],
        per_row("question_language_id")[:, None],
    )
    arrays = {
        "input_ids": input_ids,
        "mask": mask,
        "langs": langs,
        "segments": (in_passage & mask).astype(np.int64),
        "start": per_row("start"),
        "end": per_row("end"),
    }
    return {name: torch.from_numpy(array) for name, array in arrays.items()}


class LengthGroupedBatches:
    """Batches of row numbers, grouped by window length, with a new grouping in each epoch.

    Rows are shuffled and split into pools of 50 batches; each pool is sorted by length and split
    into batches, and the batches of all pools are shuffled. The one incomplete batch of an epoch
    may be at any position. Iterating gives the epoch last set by ``set_epoch``.
    """

    def __init__(self, lengths: np.ndarray, batch_size: int, seed: int):
        self.lengths = lengths
        self.batch_size = batch_size
        self.seed = seed
        self.epoch = 0
        self.drop_last = False

    def set_epoch(self, epoch: int) -> None:
        self.epoch = epoch

    def __len__(self) -> int:
        return -(-len(self.lengths) // self.batch_size)

    def __iter__(self) -> Iterator[list[int]]:
        draw = np.random.default_rng([self.seed, self.epoch])
        rows = draw.permutation(len(self.lengths))
        pool = _BATCHES_PER_POOL * self.batch_size
        for first in range(0, len(rows), pool):
            pooled = rows[first : first + pool]
            rows[first : first + pool] = pooled[np.argsort(-self.lengths[pooled], kind="stable")]
        for batch in draw.permutation(len(self)):
            yield rows[batch * self.batch_size : (batch + 1) * self.batch_size].tolist()

    def padding_share(self) -> float:
        """The share of positions in an epoch's batches that are padding, between 0 and 1."""
        places = sum(len(rows) * self.lengths[rows].max() for rows in self)
        return float(1 - self.lengths.sum() / places)


def batches_by_length(lengths: np.ndarray, batch_size: int) -> Iterator[np.ndarray]:
    """Row numbers in batches, from the longest windows to the shortest, for inference."""
    order = np.argsort(-lengths, kind="stable")
    for first in range(0, len(order), batch_size):
        yield order[first : first + batch_size]

"""The paper's task: gold answer spans of windows (Equation 2)."""

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from lbmrc.model.span_model import pad_id, span_logits
from lbmrc.training.losses import nll_loss
from lbmrc.windows.batches import COLUMNS, LengthGroupedBatches, collate, lengths

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedModel


class SpanExtraction(torch.utils.data.Dataset):
    """Windows with their gold spans: a `lbmrc.training.task.Task`."""

    def __init__(self, windows: "Dataset", pad_id: int):
        self.windows = windows
        self.arrow = windows.select_columns(COLUMNS).with_format("arrow")
        self.pad_id = pad_id

    def __len__(self) -> int:
        return len(self.windows)

    def __getitems__(self, rows: list[int]) -> dict[str, Tensor]:
        """`lbmrc.windows.batches.collate` of the rows, and the row numbers."""
        return collate(self.arrow[rows], self.pad_id) | {"rows": torch.tensor(rows)}

    def batches(self, batch_size: int, seed: int) -> LengthGroupedBatches:
        return LengthGroupedBatches(lengths(self.windows), batch_size, seed)

    def losses(self, network: "PreTrainedModel", batch: dict[str, Tensor]) -> dict[str, Tensor]:
        start, end = span_logits(network, batch)
        nll = nll_loss(start, end, batch["start"], batch["end"], batch["mask"])
        return {"loss": nll, "nll": nll}

    def items(self, batch: dict[str, Tensor]) -> int:
        return len(batch["start"])

    def describe(self, rows: list[int]) -> list[dict[str, Any]]:
        """Example, languages and number of each window."""
        names = ["example", "passage_language", "question_language", "window"]
        return self.windows.select_columns(names).select(rows).to_list()

    def identity(self) -> dict[str, Any]:
        return {}

    def attach(self, network: "PreTrainedModel") -> None:
        """Do nothing: the backbone's span head is enough."""

    def detach(self, network: "PreTrainedModel") -> None:
        """Do nothing."""


def gold_spans(windows: "Dataset", network: "PreTrainedModel") -> SpanExtraction:
    """The task of a system that is trained on gold labels only."""
    return SpanExtraction(windows, pad_id(network))

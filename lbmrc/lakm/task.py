"""LAKM as a training task: batches of questions alternate with batches of masked passages.

The two losses are not weighted against each other. The trainer does not import this module, so a
change here retrains no other system.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from lbmrc.lakm.masking import PhraseMasking, attach_head, detach_head
from lbmrc.model.span_model import pad_id
from lbmrc.training.span_extraction import SpanExtraction
from lbmrc.windows.batches import LengthGroupedBatches

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedModel

    from lbmrc.config.stages import MaskingSettings


@dataclass(frozen=True)
class Lakm:
    """What LAKM adds to a training: windows with phrases, the share of tokens to mask, the
    tokenizer's mask token (XLM's config.json has another id), and the backbone's masked-LM head.

    ``batch_size`` and ``seed`` are those of the training.
    """

    windows: "Dataset"
    settings: "MaskingSettings"
    mask_id: int
    backbone: str | Path
    batch_size: int
    seed: int

    def make_task(self, windows: "Dataset", network: "PreTrainedModel") -> "Alternating":
        """Questions on ``windows`` and masked passages: a `lbmrc.training.task.MakeTask`."""
        phrases = PhraseMasking(
            self.windows,
            mask_id=self.mask_id,
            vocabulary=network.config.vocab_size,
            pad_id=pad_id(network),
            share=self.settings.mask_rate,
            batch_size=self.batch_size,
            seed=self.seed,
        )
        return Alternating(SpanExtraction(windows, pad_id(network)), phrases, self.backbone)


class Alternating(torch.utils.data.Dataset):
    """Alternating batches of questions and of masked passages: a `lbmrc.training.task.Task`.

    Rows below the number of question windows are question windows; all rows above are masked
    passages.

    Args:
        backbone: folder of the checkpoint whose masked-LM head is attached.
    """

    def __init__(self, spans: SpanExtraction, phrases: PhraseMasking, backbone: str | Path):
        self.spans = spans
        self.phrases = phrases
        self.backbone = backbone

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

    def losses(self, network: "PreTrainedModel", batch: dict[str, Tensor]) -> dict[str, Tensor]:
        return self._task_of(batch).losses(network, batch)

    def items(self, batch: dict[str, Tensor]) -> int:
        return self._task_of(batch).items(batch)

    def _task_of(self, batch: dict[str, Tensor]) -> SpanExtraction | PhraseMasking:
        return self.phrases if "targets" in batch else self.spans

    def describe(self, rows: list[int]) -> list[dict[str, Any]]:
        if rows[0] < len(self.spans):
            return self.spans.describe(rows)
        return self.phrases.describe([row - len(self.spans) for row in rows])

    def identity(self) -> dict[str, Any]:
        return {"phrases": self.phrases.identity()}

    def attach(self, network: "PreTrainedModel") -> None:
        """Add the backbone's masked-LM head."""
        attach_head(network, self.backbone)

    def detach(self, network: "PreTrainedModel") -> None:
        """Remove the masked-LM head: a trained system only answers questions."""
        detach_head(network)


class AlternatingBatches:
    """An epoch of the questions' batches, each followed by a batch of masked passages."""

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
        first_batch = self.spans.epoch * len(self.spans)
        for batch, rows in enumerate(self.spans, first_batch):
            yield rows
            yield [self.first_number + number for number in self.phrases.numbers(batch)]

    def padding_share(self) -> float:
        """Padding in the questions' batches, as in `LengthGroupedBatches.padding_share`."""
        return self.spans.padding_share()

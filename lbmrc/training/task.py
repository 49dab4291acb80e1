"""What a training learns: the interface between the trainer and gold spans, distillation and LAKM.

A task is a dataset of whole batches that also computes their losses. The trainer
(`lbmrc.training.trainer`) and the distribution over processes (`lbmrc.training.distributed`) access
a system only through this interface.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, Protocol

from torch import Tensor, nn

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedModel

Batch = dict[str, Tensor]


class BatchSampler(Protocol):
    """The batches of an epoch, as lists of row numbers; a torch batch sampler.

    Iterating yields the batches of the epoch last set by ``set_epoch``. They depend only on the
    epoch, so a resumed run sees the same batches as the killed one would have.
    """

    batch_size: int
    drop_last: bool

    def set_epoch(self, epoch: int) -> None: ...

    def __len__(self) -> int:
        """Batches per epoch."""

    def __iter__(self) -> Iterator[list[int]]: ...

    def padding_share(self) -> float:
        """The share of positions in an epoch's batches that are padding, between 0 and 1."""


class Task(Protocol):
    """A map-style torch dataset with the losses of its batches.

    Order of calls in a training: ``identity`` when the state folder is claimed, ``attach``, then
    ``batches``, ``__getitems__`` and ``losses`` at every step, and ``detach`` before the network
    is saved.
    """

    def __len__(self) -> int:
        """Rows, as numbered in ``batches``."""

    def __getitems__(self, rows: list[int]) -> Batch:
        """One whole padded batch on the CPU: what ``losses`` needs, and ``rows`` (B,), int64."""

    def batches(self, batch_size: int, seed: int) -> BatchSampler: ...

    def losses(self, network: "PreTrainedModel", batch: Batch) -> dict[str, Tensor]:
        """Scalars in nats, each a mean over the batch's items: "loss" is minimised, the others are
        its parts for the metrics log."""

    def items(self, batch: Batch) -> int:
        """The number of items (windows, masked tokens) that the losses of a batch average over."""

    def describe(self, rows: list[int]) -> list[dict[str, Any]]:
        """One record per row of a batch, to report which rows gave a non-finite loss."""

    def identity(self) -> dict[str, Any]:
        """What determines the result besides windows, settings, backbone, seed: JSON by content."""

    def attach(self, network: "PreTrainedModel") -> None:
        """Add to the network the parameters that only this task trains.

        Raises:
            UserError: if the backbone does not provide them.
        """

    def detach(self, network: "PreTrainedModel") -> None:
        """Remove what ``attach`` added: a saved system has only its backbone and span head."""


MakeTask = Callable[["Dataset", "PreTrainedModel"], Task]
"""Makes the task of a training from its windows and its network, whose config holds the padding id
and the size of the vocabulary."""


class TaskLosses(nn.Module):
    """Network and task in one module; its forward pass maps a batch to its losses.

    DDP averages only gradients of what its own ``forward`` computes, and a task may use more of a
    network than the network's ``forward`` (masked phrases do), so losses are computed here.
    """

    def __init__(self, network: "PreTrainedModel", task: Task):
        super().__init__()
        self.network = network
        self.task = task

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """`Task.losses`; all but "loss" are detached."""
        losses = self.task.losses(self.network, batch)
        return {name: x if name == "loss" else x.detach() for name, x in losses.items()}

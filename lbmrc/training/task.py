"""What a training learns: the interface between the trainer and gold spans, distillation and LAKM.

A task is a dataset of whole batches that also computes their losses. The trainer
(`lbmrc.training.trainer`) and the distribution over processes (`lbmrc.training.distributed`) know
no more of a system than this.
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

    Iterating gives the epoch last set by ``set_epoch``, always the same for the same epoch, so that
    a resumed run sees what the killed one would have.
    """

    batch_size: int
    drop_last: bool

    def set_epoch(self, epoch: int) -> None: ...

    def __len__(self) -> int:
        """Batches per epoch."""

    def __iter__(self) -> Iterator[list[int]]: ...

    def padding_share(self) -> float:
        """The share of places in an epoch's batches that hold no token, between 0 and 1."""


class Task(Protocol):
    """A map-style torch dataset with the losses of its batches.

    Its life in a training: ``identity`` when the state folder is claimed, ``attach``, then
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
        """What the rows of a batch are, one record each, for the report of a non-finite loss."""

    def identity(self) -> dict[str, Any]:
        """What decides the result beyond windows, settings, backbone and seed: JSON, by content."""

    def attach(self, network: "PreTrainedModel") -> None:
        """Add the parameters to the network that only this task trains.

        Raises:
            UserError: if the backbone does not provide them.
        """

    def detach(self, network: "PreTrainedModel") -> None:
        """Remove what ``attach`` added: a saved system has its backbone and span head only."""


MakeTask = Callable[["Dataset", "PreTrainedModel"], Task]
"""Makes the task of a training from its windows and its network, whose config holds the padding id
and the size of the vocabulary."""


class TaskLosses(nn.Module):
    """Network and task in one module, whose forward pass is from a batch to its losses.

    DDP averages the gradients of what is computed in its own ``forward``, and a task may use more
    of a network than the network's ``forward`` (masked phrases do), so the losses belong inside.
    """

    def __init__(self, network: "PreTrainedModel", task: Task):
        super().__init__()
        self.network = network
        self.task = task

    def forward(self, batch: Batch) -> dict[str, Tensor]:
        """`Task.losses`; all but "loss" are detached."""
        losses = self.task.losses(self.network, batch)
        return {name: x if name == "loss" else x.detach() for name, x in losses.items()}

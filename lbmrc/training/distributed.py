"""A training shared by N processes: each takes a part of every batch, and all take the same step.

The batches are those of one process, so N processes take the same steps on the same windows. Each
process reads every N-th row of a batch (its rows are sorted by length, so parts cost about the
same), and DDP adds up the gradients. A loss is a mean over a task's items (windows, masked tokens),
of which the parts may hold different numbers: each part counts by its items, and the sum is the
mean over the whole batch. Only the order of float additions differs from one process, and dropout,
which each process draws for itself.

`lbmrc.training.launch` starts the processes. `ALONE` is a training in one: nothing here then does
anything.
"""

import json
import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

if TYPE_CHECKING:
    from lbmrc.lakm.masking import Alternating
    from lbmrc.training.trainer import SpanExtraction

    Task = SpanExtraction | Alternating

Result = TypeVar("Result")


class Processes:
    """The processes of a training, of which this is number ``rank`` of ``count``."""

    def __init__(self, rank: int = 0, count: int = 1):
        self.rank = rank
        self.count = count

    @classmethod
    def join(cls, count: int, device: str) -> "Processes":
        """Meet the others that `lbmrc.training.launch` started; ``device`` is "cpu" or "cuda".

        Raises:
            RuntimeError: if this process was not started as one of ``count``.
        """
        if count == 1:
            return ALONE
        if int(os.environ.get("WORLD_SIZE", 1)) != count:
            raise RuntimeError(f"not started by lbmrc.training.launch as one of {count} processes")
        if device == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        # what the host decides is agreed on between hosts, without waiting for the GPU
        dist.init_process_group("cpu:gloo,cuda:nccl" if device == "cuda" else "gloo")
        return cls(dist.get_rank(), count)

    def only_first(self, function: Callable[[], Result]) -> Result:
        """What ``function`` returns in the first process, in all of them; it must be JSON."""
        if self.count == 1:
            return function()
        found = [json.dumps(function()) if self.rank == 0 else None]
        dist.broadcast_object_list(found, device=torch.device("cpu"))
        return json.loads(found[0])

    def most(self, number: int) -> int:
        """The greatest of all processes' numbers, once each has come here."""
        if self.count == 1:
            return number
        greatest = torch.tensor(number)
        dist.all_reduce(greatest, dist.ReduceOp.MAX)
        return int(greatest)

    def wait(self) -> None:
        """Go on when all processes have come here."""
        self.most(0)

    def seed_dropout(self, seed: int) -> None:
        """Have each process draw from a stream of its own; the first keeps that of one alone."""
        if self.rank > 0:
            torch.manual_seed(int(np.random.SeedSequence([seed, self.rank]).generate_state(1)[0]))

    def part_of(self, task: "Task") -> "Task | _Part":
        """A dataset whose batches are this process's part of the task's."""
        return task if self.count == 1 else _Part(task, self.rank, self.count)

    def losses(
        self, task: "Task", model: nn.Module, batch: Mapping[str, Tensor]
    ) -> tuple[Tensor, Mapping[str, Tensor]]:
        """What this process has to minimise, and the task's losses of the whole batch."""
        if self.count == 1:
            losses = task.losses(model, batch)
            return losses["loss"], losses
        losses = _through_ddp(model, lambda network: task.losses(network, batch))
        items = batch["items"]
        sums = torch.stack([items, *(items * loss.detach() for loss in losses.values())])
        dist.all_reduce(sums)
        total, means = sums[0], sums[1:] / sums[0]
        share = items / total * self.count  # DDP takes the mean over processes
        return losses["loss"] * share, dict(zip(losses, means, strict=True))


ALONE = Processes()


class _Part(torch.utils.data.Dataset):
    """Every N-th row of a task's batches.

    ``items`` says how many items the part's losses are means over, 0 where a batch is too small for
    this process; it then computes on a row of another, which counts nothing. ``rows`` are those of
    the whole batch.
    """

    def __init__(self, task: "Task", rank: int, count: int):
        self.task = task
        self.rank = rank
        self.count = count

    def __len__(self) -> int:
        return len(self.task)

    def __getitems__(self, rows: list[int]) -> dict[str, Tensor]:
        own = rows[self.rank :: self.count]
        batch = self.task.__getitems__(own or rows[:1])
        items = float(self.task.items(batch) if own else 0)
        return batch | {"rows": torch.tensor(rows), "items": torch.tensor(items)}


def _through_ddp(
    model: DistributedDataParallel, compute: Callable[[nn.Module], dict[str, Any]]
) -> dict[str, Tensor]:
    """What ``compute`` makes of the network, as a forward pass of DDP.

    DDP averages the gradients of what its own ``forward`` computes, and a task may use more of a
    network than its forward (masked phrases do). So for this one pass the network's is another.
    """
    network = model.module
    before = network.__dict__.get("forward")  # mixed precision puts its own there

    def put_back() -> None:
        if before is None:
            del network.forward
        else:
            network.forward = before

    def forward() -> dict[str, Tensor]:
        put_back()
        losses = compute(network)
        return {k: v if k == "loss" else v.detach() for k, v in losses.items()}

    network.forward = forward
    return model()

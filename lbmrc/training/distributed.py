"""Data-parallel training in N processes: each computes a part of every batch.

The batches are those of a single process, so N processes take the same steps on the same windows.
Each process reads every N-th row of a batch (its rows are sorted by length, so the parts cost about
the same), and DDP averages the gradients. A loss is a mean over a task's items (windows, masked
tokens), and the parts may hold different numbers of items: each part is weighted by its items, so
the sum is the mean over the whole batch. Results differ from a single process only in the order of
float additions and in dropout, which each process draws independently.

`lbmrc.training.launch` starts the processes. With `SINGLE_PROCESS`, nothing here has an effect.
"""

import json
import os
from collections.abc import Callable, Mapping
from typing import TypeVar

import numpy as np
import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from lbmrc.training.task import Batch, Task, TaskLosses

Result = TypeVar("Result")


class Processes:
    """The ``world_size`` processes of a training; this one is number ``rank``."""

    def __init__(self, rank: int = 0, world_size: int = 1):
        self.rank = rank
        self.world_size = world_size

    @classmethod
    def join(cls, world_size: int, device: str) -> "Processes":
        """Join the process group of `lbmrc.training.launch`; ``device`` is "cpu" or "cuda".

        Raises:
            RuntimeError: if this process was not started as one of ``world_size``.
        """
        if world_size == 1:
            return SINGLE_PROCESS
        if int(os.environ.get("WORLD_SIZE", 1)) != world_size:
            raise RuntimeError(
                f"not started by lbmrc.training.launch as one of {world_size} processes"
            )
        if device == "cuda":
            torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
        # hosts exchange their own values through gloo, without synchronising with the GPU
        dist.init_process_group("cpu:gloo,cuda:nccl" if device == "cuda" else "gloo")
        return cls(dist.get_rank(), world_size)

    def on_rank_zero(self, function: Callable[[], Result]) -> Result:
        """Call ``function`` in the first process; return its result (JSON) in all processes."""
        if self.world_size == 1:
            return function()
        result = [json.dumps(function()) if self.rank == 0 else ""]
        dist.broadcast_object_list(result, device=torch.device("cpu"))
        return json.loads(result[0])

    def all_reduce_max(self, number: int) -> int:
        """The maximum over all processes."""
        if self.world_size == 1:
            return number
        maximum = torch.tensor(number)
        dist.all_reduce(maximum, dist.ReduceOp.MAX)
        return int(maximum)

    def barrier(self) -> None:
        """Wait until all processes have reached this point."""
        self.all_reduce_max(0)

    def seed_dropout(self, seed: int) -> None:
        """Give each process its own random stream; the first uses the single-process one."""
        if self.rank > 0:
            torch.manual_seed(int(np.random.SeedSequence([seed, self.rank]).generate_state(1)[0]))

    def shard(self, task: Task) -> "Task | _Shard":
        """A dataset whose batches are this process's part of the task's."""
        return task if self.world_size == 1 else _Shard(task, self.rank, self.world_size)

    def wrap(self, module: TaskLosses) -> nn.Module:
        """The module under DDP, if there are several processes."""
        if self.world_size == 1:
            return module
        # with LAKM, each step leaves one head without gradient: the span or the masked-LM head
        return DistributedDataParallel(module, find_unused_parameters=True, broadcast_buffers=False)

    def losses(self, module: nn.Module, batch: Batch) -> tuple[Tensor, Mapping[str, Tensor]]:
        """The loss that this process minimises, and the task's losses over the whole batch.

        Args:
            module: as `wrap` returns it.
            batch: of a `shard`.
        """
        losses = module(batch)
        if self.world_size == 1:
            return losses["loss"], losses
        items = batch["items"]
        sums = torch.stack([items, *(items * loss.detach() for loss in losses.values())])
        dist.all_reduce(sums)
        total, means = sums[0], sums[1:] / sums[0]
        weight = items / total * self.world_size  # DDP averages over processes
        return losses["loss"] * weight, dict(zip(losses, means, strict=True))


SINGLE_PROCESS = Processes()


class _Shard(torch.utils.data.Dataset):
    """Every N-th row of a task's batches.

    ``items`` is the number of items that the part's losses average over. If a batch has no row for
    this process, it computes on another process's row, with ``items`` 0. ``rows`` are those of the
    whole batch.
    """

    def __init__(self, task: Task, rank: int, world_size: int):
        self.task = task
        self.rank = rank
        self.world_size = world_size

    def __len__(self) -> int:
        return len(self.task)

    def __getitems__(self, rows: list[int]) -> Batch:
        own = rows[self.rank :: self.world_size]
        batch = self.task.__getitems__(own or rows[:1])
        items = float(self.task.items(batch) if own else 0)
        return batch | {"rows": torch.tensor(rows), "items": torch.tensor(items)}

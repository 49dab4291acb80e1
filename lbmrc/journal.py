"""What a training run tells: ``metrics.jsonl``, a line a step, and a progress bar."""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import torch
from torch import Tensor

from lbmrc.errors import UserError
from lbmrc.progress import progress

_SECONDS_BETWEEN_READS = 1.0


class Journal:
    """Losses of each step, kept on the device and read about once a second.

    Reading a loss makes a GPU wait for the host, so it is not done at every step. A loss that is no
    finite number is found when it is read, and always before a checkpoint is written.
    """

    def __init__(self, path: Path, steps_per_epoch: int, describe: Callable[[list[int]], str]):
        self.path = path
        self.steps_per_epoch = steps_per_epoch
        self.describe = describe

    def open(self, done: int, steps: int) -> None:
        """Start, or go on after ``done`` of ``steps`` steps: lines of later steps are dropped."""
        kept = self.path.read_bytes().splitlines(keepends=True)[:done] if done else []
        self.path.write_bytes(b"".join(kept))
        self._file = self.path.open("a", encoding="utf-8")
        self._bar = progress(steps, "training", "step", initial=done)
        self._unread: list[tuple[int, float, Mapping[str, Tensor], Tensor]] = []
        self._read_at = time.monotonic()

    def note(self, step: int, rate: float, losses: Mapping[str, Tensor], rows: Tensor) -> None:
        """Note the losses of one batch, the learning rate of its step, and its row numbers."""
        self._unread.append((step, rate, {k: v.detach() for k, v in losses.items()}, rows))
        if time.monotonic() - self._read_at > _SECONDS_BETWEEN_READS:
            self.write()

    def write(self) -> None:
        """Write what has been noted.

        Raises:
            UserError: at the first loss that is not a finite number, naming the batch's examples.
        """
        for (step, rate, losses, rows), values in zip(self._unread, self._values(), strict=True):
            named = dict(zip(losses, values, strict=True))
            if not math.isfinite(named["loss"]):
                raise UserError(
                    f"step {step}: the loss is {named['loss']}, so training stops. The batch: "
                    f"{self.describe(rows.tolist())}. A lower training.learning_rate or "
                    "max_gradient_norm usually helps"
                )
            line = {"step": step, "epoch": round(step / self.steps_per_epoch, 4)}
            line |= {name: float(f"{value:.6g}") for name, value in named.items()}
            line["learning_rate"] = float(f"{rate:.6g}")
            self._file.write(json.dumps(line) + "\n")
        if self._unread:
            self._bar.set_postfix(loss=f"{values[0]:.3f}", refresh=False)
            self._bar.update(step - self._bar.n)
        self._file.flush()
        self._unread.clear()
        self._read_at = time.monotonic()

    def _values(self) -> Sequence[Sequence[float]]:
        """The losses of each unread step, in one transfer from the device."""
        counts = [len(losses) for _, _, losses, _ in self._unread]
        if not counts:
            return []
        scalars = [value for _, _, losses, _ in self._unread for value in losses.values()]
        flat = torch.stack(scalars).split(counts)
        return [values.tolist() for values in flat]

    def close(self) -> None:
        self._file.close()
        self._bar.close()


class NoJournal:
    """Of a process that another one speaks for."""

    def open(self, done: int, steps: int) -> None: ...

    def note(self, step: int, rate: float, losses: Mapping[str, Tensor], rows: Tensor) -> None: ...

    def write(self) -> None: ...

    def close(self) -> None: ...

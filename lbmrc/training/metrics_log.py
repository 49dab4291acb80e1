"""What a training run tells: ``metrics.jsonl``, a line a step, and a progress bar.

And where it ends in a loss that is no finite number, which windows it was that gave it.
"""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from lbmrc.common.errors import UserError
from lbmrc.common.progress import progress

BAD_BATCH = "bad_batch.jsonl"
_SECONDS_BETWEEN_READS = 1.0
_SHOWN = 3


class Journal:
    """Losses of each step, kept on the device and read about once a second.

    Reading a loss makes a GPU wait for the host, so it is not done at every step. A loss that is no
    finite number is found when it is read, and always before a checkpoint is written.

    Args:
        path: of ``metrics.jsonl`` while the training lasts.
        steps_per_epoch: batches in an epoch.
        describe: what the rows of a batch are, a record each.
        bad_batch: where to save these records if the batch's loss is no finite number.
    """

    def __init__(
        self,
        path: Path,
        steps_per_epoch: int,
        describe: Callable[[list[int]], list[dict[str, Any]]],
        bad_batch: Path,
    ):
        self.path = path
        self.steps_per_epoch = steps_per_epoch
        self.describe = describe
        self.bad_batch = bad_batch

    def open(self, done: int, steps: int) -> None:
        """Start, or go on after ``done`` of ``steps`` steps: lines of later steps are dropped."""
        self.bad_batch.unlink(missing_ok=True)  # of an attempt that this one takes the place of
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
            UserError: at the first loss that is not a finite number; what the batch holds is then
                in ``bad_batch``.
        """
        for (step, rate, losses, rows), values in zip(self._unread, self._values(), strict=True):
            named = dict(zip(losses, values, strict=True))
            if not math.isfinite(named["loss"]):
                raise self._bad(step, named["loss"], rows)
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

    def _bad(self, step: int, loss: float, rows: Tensor) -> UserError:
        """Save what the batch holds."""
        records = self.describe(rows.tolist())
        lines = [json.dumps({"step": step} | record, ensure_ascii=False) for record in records]
        self.bad_batch.write_text("\n".join(lines) + "\n", encoding="utf-8")
        shown = "; ".join(
            ", ".join(f"{key} {value}" for key, value in record.items())
            for record in records[:_SHOWN]
        )
        return UserError(
            f"step {step}: the loss is {loss}, so training stops. The {len(records)} windows of "
            f"the batch are listed in {self.bad_batch} ({shown}{'; …' * (len(records) > _SHOWN)})."
            " A lower training.learning_rate or max_gradient_norm usually helps"
        )

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

"""The metrics of a training: ``metrics.jsonl``, one line per step, and a progress bar.

A loss or gradient that is not finite stops the training, with a list of the windows that caused it.
"""

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor

from lbmrc.common.errors import UserError
from lbmrc.common.progress import progress

METRICS = "metrics.jsonl"
BAD_BATCH = "bad_batch.jsonl"
GRADIENT_NORM = "gradient_norm"
"""Of all parameters together, before clipping, in the units of the loss."""

_SECONDS_BETWEEN_READS = 1.0
_RECORDS_IN_MESSAGE = 3


def clipped_share(metrics: Path, max_gradient_norm: float) -> float:
    """The share of a training's steps whose gradients were clipped, between 0 and 1."""
    lines = metrics.read_text(encoding="utf-8").splitlines()
    norms = [json.loads(line).get(GRADIENT_NORM, 0.0) for line in lines]
    return sum(norm > max_gradient_norm for norm in norms) / len(norms)


class MetricsLogger(Protocol):
    """Records the losses of each step, and the norm of its gradients."""

    def start(self, done: int, steps: int) -> None:
        """Start, or resume after ``done`` of ``steps`` steps."""

    def log_step(
        self, step: int, learning_rate: float, values: Mapping[str, Tensor], rows: Tensor
    ) -> None:
        """Record the losses of one batch and its gradient norm (scalars), its learning rate and
        its row numbers."""

    def flush(self) -> None:
        """Write what has been recorded.

        Raises:
            UserError: at the first loss or gradient norm that is not finite.
        """

    def close(self) -> None: ...


class FileMetricsLogger:
    """Losses and gradient norms of each step, kept on the device and read about once a second.

    Reading them makes a GPU wait for the host, so it is not done at every step. A non-finite
    value is found when it is read, and always before a checkpoint is written.

    Args:
        path: of ``metrics.jsonl`` during the training.
        steps_per_epoch: batches in an epoch.
        describe: describes the rows of a batch, one record per row.
        bad_batch: where to save these records if the batch's loss is not finite.
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

    def start(self, done: int, steps: int) -> None:
        """Start, or resume after ``done`` of ``steps`` steps: lines of later steps are dropped."""
        self.bad_batch.unlink(missing_ok=True)  # of an earlier attempt
        kept = self.path.read_bytes().splitlines(keepends=True)[:done] if done else []
        self.path.write_bytes(b"".join(kept))
        self._file = self.path.open("a", encoding="utf-8")
        self._bar = progress(steps, "training", "step", initial=done)
        self._unread: list[tuple[int, float, Mapping[str, Tensor], Tensor]] = []
        self._read_at = time.monotonic()

    def log_step(
        self, step: int, learning_rate: float, values: Mapping[str, Tensor], rows: Tensor
    ) -> None:
        detached = {name: value.detach() for name, value in values.items()}
        self._unread.append((step, learning_rate, detached, rows))
        if time.monotonic() - self._read_at > _SECONDS_BETWEEN_READS:
            self.flush()

    def flush(self) -> None:
        """Write what has been recorded.

        Raises:
            UserError: at the first loss or gradient norm that is not finite; the records of its
                batch are then in ``bad_batch``.
        """
        for (step, rate, names, rows), values in zip(self._unread, self._read(), strict=True):
            value_of = dict(zip(names, values, strict=True))
            for name in ("loss", GRADIENT_NORM):
                if not math.isfinite(value_of[name]):
                    raise self._non_finite(step, name.replace("_", " "), value_of[name], rows)
            line = {"step": step, "epoch": round(step / self.steps_per_epoch, 4)}
            line |= {name: float(f"{value:.6g}") for name, value in value_of.items()}
            line["learning_rate"] = float(f"{rate:.6g}")
            self._file.write(json.dumps(line) + "\n")
        if self._unread:
            self._bar.set_postfix(loss=f"{values[0]:.3f}", refresh=False)
            self._bar.update(step - self._bar.n)
        self._file.flush()
        self._unread.clear()
        self._read_at = time.monotonic()

    def _non_finite(self, step: int, name: str, value: float, rows: Tensor) -> UserError:
        """Save the records of the batch; returns the error to raise."""
        records = self.describe(rows.tolist())
        lines = [json.dumps({"step": step} | record, ensure_ascii=False) for record in records]
        self.bad_batch.write_text("\n".join(lines) + "\n", encoding="utf-8")
        examples = "; ".join(
            ", ".join(f"{key} {value}" for key, value in record.items())
            for record in records[:_RECORDS_IN_MESSAGE]
        )
        more = "; …" * (len(records) > _RECORDS_IN_MESSAGE)
        return UserError(
            f"step {step}: the {name} is {value}, so training stops. The {len(records)} windows of "
            f"the batch are listed in {self.bad_batch} ({examples}{more})."
            " A lower training.learning_rate or max_gradient_norm usually helps"
        )

    def _read(self) -> Sequence[Sequence[float]]:
        """The values of each unread step, in one transfer from the device."""
        counts = [len(values) for _, _, values, _ in self._unread]
        if not counts:
            return []
        scalars = [value for _, _, of_step, _ in self._unread for value in of_step.values()]
        return [values.tolist() for values in torch.stack(scalars).split(counts)]

    def close(self) -> None:
        self._file.close()
        self._bar.close()


class NullMetricsLogger:
    """Records nothing: for all processes but the first."""

    def start(self, done: int, steps: int) -> None: ...

    def log_step(
        self, step: int, learning_rate: float, values: Mapping[str, Tensor], rows: Tensor
    ) -> None: ...

    def flush(self) -> None: ...

    def close(self) -> None: ...

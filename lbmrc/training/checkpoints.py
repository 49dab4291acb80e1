"""Checkpoints of an unfinished training, and the files of a finished one.

A checkpoint is valid only with ``complete.json``, which is written last and holds the SHA-256 of
each file. So a run that is killed while saving, or has a damaged file, resumes from an older
checkpoint.
"""

import json
import logging
import shutil
import signal
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from transformers import TrainerCallback

from lbmrc.common.atomic import replacing, write_text
from lbmrc.common.hashing import file_digest
from lbmrc.model.checkpoint_files import tokenizer_files
from lbmrc.runtime.interrupts import INTERRUPTS, handle, restore
from lbmrc.training.distributed import Processes
from lbmrc.training.metrics_log import MetricsLogger

if TYPE_CHECKING:
    from transformers import PreTrainedModel

STOP_SIGNALS = (*INTERRUPTS, signal.SIGUSR1)
"""Ctrl-C, a closed terminal, and what Slurm sends before it takes a node away."""

_COMPLETE = "complete.json"
log = logging.getLogger(__name__)


class CheckpointCallback(TrainerCallback):
    """Saves a checkpoint every ``seconds``, and on a stop signal, which also ends the training.

    A signal to any process stops all processes after the same step. Metrics are flushed before a
    checkpoint is saved, so no checkpoint is written after a non-finite loss.

    ``stopped_by`` is the signal that ended the training, if one did.
    """

    def __init__(self, metrics: MetricsLogger, processes: Processes, seconds: float):
        self.metrics = metrics
        self.processes = processes
        self.seconds = seconds
        self.received: signal.Signals | None = None
        self.stopped_by: signal.Signals | None = None

    def on_train_begin(self, args, state, control, **kwargs):
        self.metrics.start(state.global_step, state.max_steps)
        self.saved_at = time.monotonic()

    @contextmanager
    def handle_signals(self) -> Iterator[None]:
        """Handle `STOP_SIGNALS` within this context."""

        def receive(number, frame):
            self.received = signal.Signals(number)

        former = handle(STOP_SIGNALS, receive)
        try:
            yield
        finally:
            restore(former)

    def on_step_end(self, args, state, control, **kwargs):
        due = time.monotonic() - self.saved_at >= self.seconds
        # 0: nothing to do, 1: a checkpoint is due, above 1: signal number + 1
        request = self.processes.all_reduce_max(self.received + 1 if self.received else int(due))
        if request and state.global_step < state.max_steps:
            self.metrics.flush()
            self.stopped_by = signal.Signals(request - 1) if request > 1 else None
            control.should_save = True
            control.should_training_stop = request > 1

    def on_save(self, args, state, control, **kwargs):
        self.processes.barrier()  # each process writes its own files into the checkpoint
        if self.processes.rank == 0:
            mark_complete(Path(args.output_dir) / f"checkpoint-{state.global_step}")
        self.processes.barrier()
        self.saved_at = time.monotonic()

    def on_train_end(self, args, state, control, **kwargs):
        self.metrics.flush()
        self.metrics.close()


def ignore_signals(worker: int = 0) -> None:
    """Ignore `STOP_SIGNALS` in a loader process: a signal sent to all processes of a job is
    for the training process, which still needs batches."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def mark_complete(checkpoint: Path) -> None:
    """Write the digests of a checkpoint's files; must be called after all of them are written."""
    digests = {path.name: file_digest(path) for path in sorted(checkpoint.iterdir())}
    write_text(checkpoint / _COMPLETE, json.dumps(digests))


def latest_complete_checkpoint(state: Path) -> Path | None:
    """The checkpoint to resume from; incomplete and damaged ones are reported and removed."""
    checkpoints = sorted(state.glob("checkpoint-*"), key=lambda path: -int(path.name.split("-")[1]))
    for checkpoint in checkpoints:
        if not (checkpoint / _COMPLETE).exists():
            log.warning("%s was not finished: not used", checkpoint)
        elif damaged := _damaged_files(checkpoint):
            log.warning("%s is damaged (%s): not used", checkpoint, ", ".join(damaged))
        else:
            log.info("resuming from %s", checkpoint)
            return checkpoint
        shutil.rmtree(checkpoint)
    return None


def _damaged_files(checkpoint: Path) -> list[str]:
    digests = json.loads((checkpoint / _COMPLETE).read_text())
    return [
        name
        for name, digest in digests.items()
        if not (checkpoint / name).exists() or file_digest(checkpoint / name) != digest
    ]


def save_metrics(metrics_log: Path, metrics: Path) -> None:
    """Copy a finished training's metrics from its state folder to their file."""
    with replacing(metrics) as partial:
        shutil.copyfile(metrics_log, partial)


def save_model(
    network: "PreTrainedModel", backbone: Path, model: Path, weights: Collection[str] | None = None
) -> None:
    """Write a trained system's folder, complete or not at all.

    Args:
        backbone: folder whose tokenizer is copied to the model's folder.
        model: folder to write; an existing one is replaced.
        weights: names of the weights to save; all by default.
    """
    kept = None
    if weights is not None:
        kept = {name: w for name, w in network.state_dict().items() if name in weights}
    with replacing(model) as partial:
        network.save_pretrained(partial, state_dict=kept)
        for path in tokenizer_files(backbone):
            shutil.copyfile(path, partial / path.name)
        for path in partial.iterdir():  # safetensors makes its files unreadable for others
            shutil.copymode(partial / "config.json", path)

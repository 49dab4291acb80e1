"""One training loop for every system: gold spans (Equations 2, 5), or teachers too (Equation 6).

In: a pre-trained backbone, windows, settings, and for a student the teachers' logits. Out: a
checkpoint that ``AutoModelForQuestionAnswering.from_pretrained`` loads, tokenizer included, and the
losses of every step. The loop is transformers' Trainer with our batches, our losses (padding is
outside every softmax) and our checkpoints: same data, seed and kind of device, same bytes, also
when a killed run is resumed from its ``state`` folder.

What the loop trains on is a task: a torch dataset whose ``__getitems__(rows)`` is a whole batch,
with ``batches(batch_size, seed)``, ``losses(model, batch)``, ``items(batch)`` (how many these are
means over) and ``describe(rows)``. The paper's is ``SpanExtraction``;
`lbmrc.lakm.masking.Alternating` takes turns between that and masked phrases. Several processes may
share the work (`lbmrc.training.distributed`); the first one writes.
"""

import json
import logging
import shutil
import signal
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import transformers
from accelerate.data_loader import prepare_data_loader
from torch import Tensor
from torch.utils.data import DataLoader
from transformers import PreTrainedModel, PrinterCallback, TrainerCallback, TrainingArguments

from lbmrc.common.hashing import file_digest, folder_fingerprint
from lbmrc.model.precision import in_bf16
from lbmrc.model.span_model import load_model, pad_id, span_logits, tokenizer_files
from lbmrc.model.unpadded import recompute_layers
from lbmrc.runtime.resume import claim
from lbmrc.training.distributed import Processes
from lbmrc.training.losses import nll_loss
from lbmrc.training.metrics_log import BAD_BATCH, Journal, NoJournal
from lbmrc.windows.batches import COLUMNS, LengthGroupedBatches, collate, digest, lengths

if TYPE_CHECKING:
    from datasets import Dataset

    from lbmrc.config.stages import TrainingSettings
    from lbmrc.distillation.task import Distillation
    from lbmrc.lakm.masking import Alternating, Phrases

_COMPLETE = "complete.json"
_ASKED_TO_STOP = (signal.SIGTERM, signal.SIGUSR1)  # Slurm sends them before it takes a node away
log = logging.getLogger(__name__)


class SpanExtraction(torch.utils.data.Dataset):
    """Windows with their gold spans, as batches and as losses."""

    def __init__(self, windows: "Dataset", pad_id: int):
        self.windows = windows
        self.arrow = windows.select_columns(COLUMNS).with_format("arrow")
        self.pad_id = pad_id

    def __len__(self) -> int:
        return len(self.windows)

    def __getitems__(self, rows: list[int]) -> dict[str, Tensor]:
        """`lbmrc.windows.batches.collate` of the rows, and their numbers."""
        return collate(self.arrow[rows], self.pad_id) | {"rows": torch.tensor(rows)}

    def batches(self, batch_size: int, seed: int) -> LengthGroupedBatches:
        return LengthGroupedBatches(lengths(self.windows), batch_size, seed)

    def losses(self, model: PreTrainedModel, batch: dict[str, Tensor]) -> dict[str, Tensor]:
        """Scalars in nats: "loss" is what training minimises, the others are its parts."""
        start, end = span_logits(model, batch)
        nll = nll_loss(start, end, batch["start"], batch["end"], batch["mask"])
        return {"loss": nll, "nll": nll}

    def items(self, batch: dict[str, Tensor]) -> int:
        return len(batch["start"])

    def describe(self, rows: list[int]) -> list[dict[str, Any]]:
        """What these windows are of: example, languages, number of the window."""
        names = ["example", "passage_language", "question_language", "window"]
        return self.windows.select_columns(names).select(rows).to_list()


def train(
    backbone: str | Path,
    windows: "Dataset",
    settings: "TrainingSettings",
    *,
    seed: int,
    device: str,
    model: str | Path,
    metrics: str | Path,
    state: str | Path,
    distillation: "Distillation | None" = None,
    phrases: "Phrases | None" = None,
    window_settings: Mapping[str, int | str] | None = None,
) -> dict[str, float | int | str]:
    """Fine-tune the backbone on the windows.

    Args:
        backbone: folder of the local checkpoint to start from.
        windows: `lbmrc.windows.files.read_windows` of the training files, in order.
        settings: optimisation; ``save_minutes`` is how much work a kill may cost, and all
            ``processes`` (`lbmrc.training.launch`) must call this.
        seed: of the span head, the order of the windows, and dropout.
        device: "cpu" or "cuda".
        model: folder to write the trained checkpoint into; one that is there is replaced.
        metrics: file to write the losses of each step into, a JSON object a line.
        state: folder that keeps an unfinished run's checkpoints, see `lbmrc.runtime.resume.claim`;
            removed at the end.
        distillation: for a student, its teachers (`lbmrc.distillation.task`); their logits have the
            rows of ``windows``.
        phrases: masked passages to take turns with (`lbmrc.lakm.masking`).
        window_settings: how the windows were cut, kept in the checkpoint's config.json for those
            who ask it questions (`lbmrc.model.span_model.window_settings`).

    Returns:
        For the manifest: steps, windows, share of padding, device, precision, and of this attempt
        the step it began at, seconds, and windows a second.

    Raises:
        UserError: if the backbone cannot be loaded, or the loss is not a finite number; the
            examples of the batch are then saved beside ``state`` (`lbmrc.training.metrics_log`).
        SystemExit: after SIGTERM or SIGUSR1, once the step is done and a checkpoint is written.
    """
    backbone = Path(backbone)
    network = load_model(backbone, head_seed=seed)
    if settings.recompute:
        recompute_layers(network)
    processes = Processes.join(settings.processes, device)
    state = Path(state)

    def begin() -> str | None:
        claim(state, _job(backbone, windows, settings, seed, device, distillation, phrases))
        checkpoint = _newest_whole_checkpoint(state)
        return checkpoint and str(checkpoint)

    checkpoint = processes.only_first(begin)
    pad = pad_id(network)
    task = distillation.task(windows, pad) if distillation else SpanExtraction(windows, pad)
    if phrases is not None:
        task = phrases.task(task, network, backbone, settings.batch_size, seed)
    trainer = _Trainer(network, task, settings, processes, seed=seed, state=state, device=device)
    started = time.monotonic()
    with trainer.keeper.listening():
        result = trainer.train(resume_from_checkpoint=checkpoint)
    seconds = time.monotonic() - started
    if trainer.keeper.stopped_by:
        log.warning("%s: saved after step %d", trainer.keeper.stopped_by.name, result.global_step)
        raise SystemExit(128 + trainer.keeper.stopped_by)
    if phrases is not None:
        phrases.finish(network)
    if window_settings is not None:
        network.config.lbmrc_windows = dict(window_settings)
    if processes.rank == 0:
        _publish(network, backbone, Path(model), trainer.journal.path, Path(metrics))
        shutil.rmtree(state)

    done_before = int(checkpoint.rsplit("-", 1)[1]) if checkpoint else 0
    seen = (result.global_step - done_before) * settings.batch_size
    return {
        "steps": result.global_step,
        "windows": len(windows),
        "padding": round(trainer.batches.padding_share(), 4),
        "device": str(trainer.args.device),
        "precision": "bf16 autocast" if trainer.args.bf16 else "float32",
        "processes": processes.count,
        "resumed_at_step": done_before,
        "seconds": round(seconds, 1),
        "windows_per_second": round(seen / seconds, 1),
    }


def _job(
    backbone: Path,
    windows: "Dataset",
    settings: "TrainingSettings",
    seed: int,
    device: str,
    distillation: "Distillation | None",
    phrases: "Phrases | None",
) -> dict[str, Any]:
    """All that decides the result, by content."""
    job = {
        "backbone": folder_fingerprint(backbone),
        "windows": digest(windows, COLUMNS),
        "settings": settings.model_dump(mode="json", exclude={"save_minutes", "recompute"}),
        "seed": seed,
        "device": device,
        "transformers": transformers.__version__,
        "torch": torch.__version__,
    }
    if distillation is not None:
        job["distillation"] = distillation.job()
    if phrases is not None:
        job["phrases"] = phrases.job()
    return job


class _Trainer(transformers.Trainer):
    """transformers' Trainer with our batches, losses, journal and checkpoints."""

    def __init__(
        self,
        model: PreTrainedModel,
        task: "SpanExtraction | Alternating",
        settings: "TrainingSettings",
        processes: Processes,
        *,
        seed: int,
        state: Path,
        device: str,
    ):
        self.task = task
        self.processes = processes
        self.batches = task.batches(settings.batch_size, seed)
        self.journal = (
            Journal(
                state / "metrics.jsonl", len(self.batches), task.describe, state.parent / BAD_BATCH
            )
            if processes.rank == 0
            else NoJournal()
        )
        gpu = device != "cpu"
        arguments = TrainingArguments(
            output_dir=str(state),
            seed=seed,
            learning_rate=settings.learning_rate,
            num_train_epochs=settings.epochs,
            max_steps=settings.max_steps or -1,
            per_device_train_batch_size=settings.batch_size,
            lr_scheduler_type=settings.schedule,
            warmup_steps=settings.warmup_steps,
            weight_decay=settings.weight_decay,
            adam_epsilon=settings.adam_epsilon,
            max_grad_norm=settings.max_gradient_norm,
            optim="adamw_torch_fused",
            use_cpu=not gpu,
            bf16=in_bf16(device),
            dataloader_pin_memory=gpu,
            save_strategy="no",
            save_total_limit=2,
            logging_strategy="no",
            logging_nan_inf_filter=False,
            report_to=[],
            disable_tqdm=True,
            remove_unused_columns=False,
            ddp_find_unused_parameters=True,
            ddp_broadcast_buffers=False,
        )
        # a process has one GPU; where torch sees more, Trainer would fall back on DataParallel
        arguments._n_gpu = min(1, arguments.n_gpu)
        super().__init__(model=model, args=arguments, train_dataset=task)
        self.remove_callback(PrinterCallback)
        self.keeper = _Keeper(self.journal, processes, 60 * settings.save_minutes)
        self.add_callback(self.keeper)
        processes.seed_dropout(seed)

    def get_train_dataloader(self) -> DataLoader:
        loader = DataLoader(
            self.processes.part_of(self.task),
            batch_sampler=self.batches,
            collate_fn=_as_it_is,
            pin_memory=self.args.dataloader_pin_memory,
            num_workers=_loaders(self.args.device),
            worker_init_fn=_hear_nothing,
        )
        # as for one process: what this one loads is its part already
        return prepare_data_loader(
            loader, self.args.device, num_processes=1, process_index=0, put_on_device=True
        )

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        loss, losses = self.processes.losses(self.task, model, inputs)
        step, rate = self.state.global_step + 1, self._get_learning_rate()
        self.journal.note(step, rate, losses, inputs["rows"])
        return loss

    def floating_point_ops(self, inputs) -> int:
        return 0  # Trainer's own counts all parameters at every step, for a figure unused here


def _loaders(device: torch.device) -> int:
    """Processes that make the next batches while a GPU works; on a CPU they would only compete."""
    return int(device.type == "cuda")


def _hear_nothing(worker: int) -> None:
    """A signal to all processes of a job is for the one that trains, which still needs batches."""
    for number in _ASKED_TO_STOP:
        signal.signal(number, signal.SIG_IGN)


def _as_it_is(batch: dict[str, Tensor]) -> dict[str, Tensor]:
    return batch


class _Keeper(TrainerCallback):
    """Opens and closes the journal, and has a checkpoint written every so many seconds.

    A signal of ``_ASKED_TO_STOP``, to any of the processes, has one written too, and ends the
    training there.
    """

    def __init__(self, journal: Journal | NoJournal, processes: Processes, seconds: float):
        self.journal = journal
        self.processes = processes
        self.seconds = seconds
        self.asked_by: signal.Signals | None = None
        self.stopped_by: signal.Signals | None = None

    def on_train_begin(self, args, state, control, **kwargs):
        self.journal.open(state.global_step, state.max_steps)
        self.saved_at = time.monotonic()

    @contextmanager
    def listening(self) -> Iterator[None]:
        """While this lasts, the signals are heard."""

        def ask(number, frame):
            self.asked_by = signal.Signals(number)

        handlers = {number: signal.signal(number, ask) for number in _ASKED_TO_STOP}
        try:
            yield
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)

    def on_step_end(self, args, state, control, **kwargs):
        due = time.monotonic() - self.saved_at >= self.seconds
        wish = self.processes.most(self.asked_by or int(due))  # a signal's number is above 1
        if wish and state.global_step < state.max_steps:
            self.journal.write()
            self.stopped_by = signal.Signals(wish) if wish > 1 else None
            control.should_save = True
            control.should_training_stop = wish > 1

    def on_save(self, args, state, control, **kwargs):
        self.processes.wait()  # each has files of its own in the checkpoint
        if self.processes.rank == 0:
            _seal(Path(args.output_dir) / f"checkpoint-{state.global_step}")
        self.processes.wait()
        self.saved_at = time.monotonic()

    def on_train_end(self, args, state, control, **kwargs):
        self.journal.write()
        self.journal.close()


def _seal(checkpoint: Path) -> None:
    """Say, as the last thing written, that a checkpoint is whole, and what its files hold."""
    digests = {path.name: file_digest(path) for path in sorted(checkpoint.iterdir())}
    unfinished = checkpoint / f"{_COMPLETE}.new"
    unfinished.write_text(json.dumps(digests))
    unfinished.replace(checkpoint / _COMPLETE)


def _newest_whole_checkpoint(state: Path) -> Path | None:
    """The checkpoint to resume from; unfinished and damaged ones are reported and removed."""
    found = sorted(state.glob("checkpoint-*"), key=lambda path: -int(path.name.split("-")[1]))
    for checkpoint in found:
        seal = checkpoint / _COMPLETE
        if seal.exists():
            digests = json.loads(seal.read_text())
            wrong = [
                name
                for name, digest in digests.items()
                if not (checkpoint / name).exists() or file_digest(checkpoint / name) != digest
            ]
            if not wrong:
                log.warning("resuming from %s", checkpoint)
                return checkpoint
            log.warning("%s is damaged (%s): not used", checkpoint, ", ".join(wrong))
        else:
            log.warning("%s was not finished: not used", checkpoint)
        shutil.rmtree(checkpoint)
    return None


def _publish(
    network: PreTrainedModel, backbone: Path, model: Path, journal: Path, metrics: Path
) -> None:
    """Put the result in its place, the model last and whole."""
    for path in (model, metrics):
        path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = metrics.with_name(metrics.name + ".new")
    shutil.copyfile(journal, unfinished)
    unfinished.replace(metrics)

    unfinished = model.with_name(model.name + ".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    network.save_pretrained(unfinished)
    for path in tokenizer_files(backbone):
        shutil.copyfile(path, unfinished / path.name)
    for path in unfinished.iterdir():  # safetensors makes its files unreadable for others
        shutil.copymode(unfinished / "config.json", path)
    shutil.rmtree(model, ignore_errors=True)
    unfinished.replace(model)

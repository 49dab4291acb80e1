"""One training loop for every system: gold spans (Equations 2, 5), plus teachers (Equation 6).

Input: a pre-trained backbone, windows, settings, and a task, which defines what to learn
(`lbmrc.training.task`). Output: a checkpoint that ``AutoModelForQuestionAnswering.from_pretrained``
loads, tokenizer included, and the losses of every step. The loop is transformers' Trainer with our
batches, our losses (padding is outside every softmax) and our checkpoints: the same data, seed and
kind of device give the same bytes, even if a killed run is resumed from its ``state`` folder.
Several processes may share the work (`lbmrc.training.distributed`); the first one writes.
"""

import logging
import shutil
import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
import transformers
from accelerate.data_loader import prepare_data_loader
from torch import Tensor, nn
from torch.utils.data import DataLoader
from transformers import PreTrainedModel, PrinterCallback, TrainingArguments

from lbmrc.common.hashing import folder_fingerprint
from lbmrc.model.precision import check_precision, in_bf16, precision_name
from lbmrc.model.span_model import load_model
from lbmrc.model.unpadded import enable_gradient_checkpointing
from lbmrc.runtime.resume import claim
from lbmrc.training.candidates import (
    CANDIDATES,
    CandidateCallback,
    candidate_steps,
    save_candidates,
)
from lbmrc.training.checkpoints import (
    CheckpointCallback,
    ignore_signals,
    latest_complete_checkpoint,
    save_metrics,
    save_model,
)
from lbmrc.training.distributed import Processes
from lbmrc.training.metrics_log import (
    BAD_BATCH,
    GRADIENT_NORM,
    METRICS,
    FileMetricsLogger,
    MetricsLogger,
    NullMetricsLogger,
    clipped_share,
)
from lbmrc.training.span_extraction import gold_spans
from lbmrc.training.task import Batch, MakeTask, Task, TaskLosses
from lbmrc.windows.batches import COLUMNS, digest

if TYPE_CHECKING:
    from datasets import Dataset

    from lbmrc.config.stages import TrainingSettings

log = logging.getLogger(__name__)


def train(
    backbone: str | Path,
    windows: "Dataset",
    settings: "TrainingSettings",
    *,
    make_task: MakeTask = gold_spans,
    seed: int,
    device: str,
    model: str | Path,
    metrics: str | Path,
    state: str | Path,
    window_settings: Mapping[str, int | str] | None = None,
) -> dict[str, float | int | str]:
    """Fine-tune the backbone on the windows.

    Args:
        backbone: folder of the local checkpoint to start from.
        windows: `lbmrc.windows.files.read_windows` of the training files, in order.
        settings: optimisation; ``checkpoint_minutes`` bounds the work lost by a kill; all
            ``num_processes`` (`lbmrc.training.launch`) must call this function.
        make_task: what to learn from the windows; by default their gold spans.
        seed: of the span head, the order of the windows, and dropout.
        device: "cpu" or "cuda".
        model: folder to write the trained checkpoint to; an existing one is replaced. With
            ``select: dev`` it gets a checkpoint for each epoch (`lbmrc.training.candidates`).
        metrics: file to write the losses of each step to, one JSON object per line.
        state: folder that keeps an unfinished run's checkpoints, see `lbmrc.runtime.resume.claim`;
            removed at the end.
        window_settings: how the windows were built; kept in the checkpoint's config.json for
            `lbmrc.model.checkpoint_files.window_settings`.

    Returns:
        For the manifest: steps, windows, share of padding, weights that were trained, device,
        precision, and for this attempt its first step, seconds, and windows per second.

    Raises:
        UserError: if the backbone cannot be loaded, the device does not support the precision,
            or the loss is not finite; the examples of the batch are then saved next to ``state``
            (`lbmrc.training.metrics_log`).
        SystemExit: after a signal of `lbmrc.training.checkpoints.STOP_SIGNALS`, once the step is
            done and a checkpoint is written.
    """
    backbone, state = Path(backbone), Path(state)
    check_precision(device, settings.precision)
    network = load_model(backbone, head_seed=seed, dropout=settings.dropout)
    if settings.freeze_embeddings:
        network.get_input_embeddings().requires_grad_(False)
    if settings.gradient_checkpointing:
        enable_gradient_checkpointing(network)
    processes = Processes.join(settings.num_processes, device)
    task = make_task(windows, network)

    def claim_state() -> str | None:
        claim(state, _job(backbone, windows, settings, seed, device) | task.identity())
        checkpoint = latest_complete_checkpoint(state)
        return str(checkpoint) if checkpoint else None

    checkpoint = processes.on_rank_zero(claim_state)
    if window_settings is not None:
        network.config.lbmrc_windows = dict(window_settings)
    network.config.lbmrc_precision = settings.precision
    weights = list(network.state_dict())
    task.attach(network)
    trainer = _Trainer(network, task, settings, processes, seed=seed, state=state, device=device)
    if settings.select == "dev" and processes.rank == 0:
        save = partial(save_model, network, backbone, weights=weights)
        trainer.add_callback(CandidateCallback(state / CANDIDATES, len(trainer.batches), save))
    started = time.monotonic()
    with trainer.checkpoints.handle_signals():
        result = trainer.train(resume_from_checkpoint=checkpoint)
        seconds = time.monotonic() - started
        if stop_signal := trainer.checkpoints.stopped_by:
            log.info(
                "%s: saved after step %d; the same command resumes there",
                stop_signal.name,
                result.global_step,
            )
            raise SystemExit(128 + stop_signal)
        task.detach(network)
        if processes.rank == 0:
            save_metrics(state / METRICS, Path(metrics))
            if settings.select == "dev":
                steps = candidate_steps(len(trainer.batches), result.global_step)
                save_candidates(state / CANDIDATES, Path(model), steps)
            else:
                save_model(network, backbone, Path(model))
            shutil.rmtree(state)

    most = settings.max_gradient_norm
    clipped = processes.on_rank_zero(lambda: clipped_share(Path(metrics), most))
    first_step = int(checkpoint.rsplit("-", 1)[1]) if checkpoint else 0
    windows_seen = (result.global_step - first_step) * settings.batch_size
    return {
        "steps": result.global_step,
        "windows": len(windows),
        "padding": round(trainer.batches.padding_share(), 4),
        "clipped_steps": round(clipped, 4),
        "trained_weights": sum(p.numel() for p in network.parameters() if p.requires_grad),
        "device": str(trainer.args.device),
        "precision": precision_name(device, settings.precision),
        "processes": processes.world_size,
        "resumed_at_step": first_step,
        "seconds": round(seconds, 1),
        "windows_per_second": round(windows_seen / seconds, 1),
    }


def _job(
    backbone: Path, windows: "Dataset", settings: "TrainingSettings", seed: int, device: str
) -> dict[str, Any]:
    """What determines the result of every task, by content."""
    return {
        "backbone": folder_fingerprint(backbone),
        "windows": digest(windows, COLUMNS),
        "settings": settings.model_dump(
            mode="json", exclude={"checkpoint_minutes", "gradient_checkpointing"}
        ),
        "seed": seed,
        "device": device,
        "transformers": transformers.__version__,
        "torch": torch.__version__,
    }


class _Trainer(transformers.Trainer):
    """transformers' Trainer with our batches, losses, metrics and checkpoints."""

    def __init__(
        self,
        network: PreTrainedModel,
        task: Task,
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
        self.metrics_logger: MetricsLogger = NullMetricsLogger()
        if processes.rank == 0:
            self.metrics_logger = FileMetricsLogger(
                state / METRICS, len(self.batches), task.describe, state.parent / BAD_BATCH
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
            bf16=in_bf16(device, settings.precision),
            dataloader_pin_memory=gpu,
            save_strategy="no",
            save_total_limit=2,
            logging_strategy="no",
            logging_nan_inf_filter=False,
            report_to=[],
            disable_tqdm=True,
            remove_unused_columns=False,
        )
        # one GPU per process; if torch sees more, Trainer would fall back to DataParallel
        arguments._n_gpu = min(1, arguments.n_gpu)
        super().__init__(model=network, args=arguments, train_dataset=task)
        self.remove_callback(PrinterCallback)
        self.checkpoints = CheckpointCallback(
            self.metrics_logger, processes, 60 * settings.checkpoint_minutes
        )
        self.add_callback(self.checkpoints)
        processes.seed_dropout(seed)

    def get_train_dataloader(self) -> DataLoader:
        loader = DataLoader(
            # annotated as torch's Dataset, of which a loader only needs these methods of a task
            self.processes.shard(self.task),  # type: ignore[arg-type]
            batch_sampler=self.batches,
            collate_fn=_identity_collate,
            pin_memory=self.args.dataloader_pin_memory,
            num_workers=_loader_workers(self.args.device),
            worker_init_fn=ignore_signals,
        )
        # as for one process: the loader already reads only this process's shard
        return prepare_data_loader(
            loader, self.args.device, num_processes=1, process_index=0, put_on_device=True
        )

    def _wrap_model(self, model, training=True, dataloader=None) -> nn.Module:
        """The module that training calls: network and task together, with DDP if needed.

        Trainer's ``model`` remains the bare network, which it saves and loads. By default, Trainer
        would have accelerate wrap that in DDP; here accelerate only moves it to its device and
        wraps its ``forward`` in autocast, so the losses stay outside autocast.
        """
        network = self.accelerator.prepare_model(model, evaluation_mode=True)
        return self.processes.wrap(TaskLosses(network, self.task))

    def compute_loss(self, model, inputs, return_outputs=False, num_items_in_batch=None):
        loss, self._losses = self.processes.losses(model, inputs)
        self._rows = inputs["rows"]
        return loss

    def _clip_grad_norm(self, model) -> Tensor:
        norm = super()._clip_grad_norm(model)
        step, learning_rate = self.state.global_step + 1, self._get_learning_rate()
        values = {**self._losses, GRADIENT_NORM: norm}
        self.metrics_logger.log_step(step, learning_rate, values, self._rows)
        return norm

    def floating_point_ops(self, inputs) -> int:
        return 0  # Trainer's own counts all parameters at every step, for a number not used here


def _loader_workers(device: torch.device) -> int:
    """Processes that load the next batches while a GPU computes; on a CPU they would compete."""
    return int(device.type == "cuda")


def _identity_collate(batch: Any) -> Batch:
    return batch

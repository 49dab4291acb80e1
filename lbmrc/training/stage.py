"""Shared by the training stages: arguments, processes, and the call to the trainer."""

import argparse
import json
from pathlib import Path
from typing import Any

from lbmrc.config.stages import TrainingSettings
from lbmrc.runtime.devices import resolve
from lbmrc.runtime.stage import run, state_folder
from lbmrc.training.launch import Main, exit_without_teardown, is_worker, launch, run_worker
from lbmrc.training.span_extraction import gold_spans
from lbmrc.training.task import MakeTask
from lbmrc.training.trainer import train
from lbmrc.windows.files import identity, read_windows

ARGUMENTS: dict[str, Any] = {
    "windows": [Path],
    "backbone": Path,
    "training": json.loads,
    "execution": json.loads,
    "seed": int,
    "device": str,
    "model": Path,
    "metrics": Path,
}


def run_training(main: Main, description: str, **kinds: Any) -> None:
    """`run` with `ARGUMENTS` and ``kinds``, in as many processes as ``execution`` sets.

    The device is resolved once for all of them.
    """

    def launch_or_run(args: argparse.Namespace) -> dict[str, Any] | None:
        if is_worker():
            run_worker(main, args)
        processes = args.execution["num_processes"]
        args.device = resolve(args.device, gpus=processes)
        if processes == 1:
            return main(args)
        return launch(processes, "--device", args.device)

    if is_worker():
        exit_without_teardown(
            lambda: run(launch_or_run, description, worker=True, **kinds, **ARGUMENTS)
        )
    run(launch_or_run, description, **kinds, **ARGUMENTS)


def train_stage(
    args: argparse.Namespace, make_task: MakeTask = gold_spans
) -> dict[str, float | int | str]:
    """`lbmrc.training.trainer.train` with the values of `ARGUMENTS`; returns its summary.

    Args:
        make_task: what to learn from the windows.
    """
    return train(
        args.backbone,
        read_windows(args.windows),
        TrainingSettings(**args.training, **args.execution),
        make_task=make_task,
        seed=args.seed,
        device=args.device,
        model=args.model,
        metrics=args.metrics,
        state=state_folder(args),
        window_settings=identity(args.windows[0])["windows"],
    )

"""What the stages that train have in common: arguments, processes, the call of the trainer."""

import argparse
import json
from pathlib import Path
from typing import Any

from lbmrc.config.stages import TrainingSettings
from lbmrc.runtime.devices import resolve
from lbmrc.runtime.stage import run, state_folder
from lbmrc.training.launch import Main, end_at_once, is_worker, launch, worker
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
    """`run` with `ARGUMENTS` and ``kinds``, in as many processes as ``execution`` says.

    Each is given the device that was found for all of them.
    """

    def shared(args: argparse.Namespace) -> dict[str, Any] | None:
        if is_worker():
            worker(main, args)
        processes = args.execution["num_processes"]
        args.device = resolve(args.device, gpus=processes)
        if processes == 1:
            return main(args)
        return launch(processes, "--device", args.device)

    if is_worker():
        end_at_once(lambda: run(shared, description, **kinds, **ARGUMENTS))
    run(shared, description, **kinds, **ARGUMENTS)


def train_stage(args: argparse.Namespace, **besides: Any) -> dict[str, float | int | str]:
    """Train as `ARGUMENTS` say; ``besides`` gold labels `lbmrc.training.trainer.train` may be given
    ``distillation`` or ``phrases``. Returns the summary for the manifest."""
    return train(
        args.backbone,
        read_windows(args.windows),
        TrainingSettings(**args.training, **args.execution),
        seed=args.seed,
        device=args.device,
        model=args.model,
        metrics=args.metrics,
        state=state_folder(args),
        window_settings=identity(args.windows[0])["windows"],
        **besides,
    )

"""What the stages that train have in common: their arguments, and the call of `lbmrc.training`."""

import argparse
import json
from pathlib import Path
from typing import Any

from lbmrc.devices import resolve
from lbmrc.settings import TrainingSettings
from lbmrc.stage import state_folder
from lbmrc.training import train
from lbmrc.windows import identity, read_windows

ARGUMENTS: dict[str, Any] = {
    "windows": [Path],
    "backbone": Path,
    "training": json.loads,
    "seed": int,
    "device": str,
    "model": Path,
    "metrics": Path,
}


def train_stage(args: argparse.Namespace, **besides: Any) -> dict[str, float | int | str]:
    """Train as `ARGUMENTS` say; ``besides`` gold labels `lbmrc.training.train` may be given
    ``distillation`` or ``phrases``. Returns the summary for the manifest."""
    return train(
        args.backbone,
        read_windows(args.windows),
        TrainingSettings(**args.training),
        seed=args.seed,
        device=resolve(args.device),
        model=args.model,
        metrics=args.metrics,
        state=state_folder(args),
        window_settings=identity(args.windows[0])["windows"],
        **besides,
    )

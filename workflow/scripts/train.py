"""Train one system on gold labels (Eq. 2)."""

import json
from pathlib import Path

from lbmrc.devices import resolve
from lbmrc.settings import TrainingSettings
from lbmrc.stage import run, state_folder
from lbmrc.training import train
from lbmrc.windows import identity, read_windows


def main(args):
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
    )


if __name__ == "__main__":
    run(
        main,
        __doc__,
        windows=[Path],
        backbone=Path,
        training=json.loads,
        seed=int,
        device=str,
        model=Path,
        metrics=Path,
    )

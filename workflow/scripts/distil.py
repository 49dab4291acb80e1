"""Distil one student from its teachers' logits (Eq. 6)."""

import json
from pathlib import Path

from lbmrc.devices import resolve
from lbmrc.logits import TeacherLogits
from lbmrc.settings import DistillationSettings, TrainingSettings
from lbmrc.stage import run, state_folder
from lbmrc.students import Distillation
from lbmrc.training import train
from lbmrc.windows import identity, read_windows


def main(args):
    settings = dict(args.distillation)
    weights = settings.pop("weights")
    state = state_folder(args)
    with TeacherLogits(args.logits, args.windows, scratch=state) as teachers:
        return train(
            args.backbone,
            read_windows(args.windows),
            TrainingSettings(**args.training),
            seed=args.seed,
            device=resolve(args.device),
            model=args.model,
            metrics=args.metrics,
            state=state,
            distillation=Distillation(teachers, weights, DistillationSettings(**settings)),
            window_settings=identity(args.windows[0])["windows"],
        )


if __name__ == "__main__":
    run(
        main,
        __doc__,
        windows=[Path],
        logits=[Path],
        backbone=Path,
        training=json.loads,
        distillation=json.loads,
        seed=int,
        device=str,
        model=Path,
        metrics=Path,
    )

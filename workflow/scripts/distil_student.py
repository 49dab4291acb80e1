"""Distil one student from its teachers' logits (Eq. 6)."""

import json
from pathlib import Path

from lbmrc.config.stages import DistillationSettings
from lbmrc.distillation.read_logits import TeacherLogits
from lbmrc.distillation.task import Distillation
from lbmrc.runtime.stage import state_folder
from lbmrc.training.stage import run_training, train_stage


def main(args):
    settings = dict(args.distillation)
    weights = settings.pop("weights")
    with TeacherLogits(args.logits, args.windows, scratch=state_folder(args)) as teachers:
        distillation = Distillation(teachers, weights, DistillationSettings(**settings))
        return train_stage(args, distillation.make_task)


if __name__ == "__main__":
    run_training(main, __doc__, logits=[Path], distillation=json.loads)

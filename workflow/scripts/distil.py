"""Distil one student from its teachers' logits (Eq. 6)."""

import json
from pathlib import Path

from lbmrc.logits import TeacherLogits
from lbmrc.settings import DistillationSettings
from lbmrc.stage import state_folder
from lbmrc.students import Distillation
from lbmrc.training_stage import run_training, train_stage


def main(args):
    settings = dict(args.distillation)
    weights = settings.pop("weights")
    with TeacherLogits(args.logits, args.windows, scratch=state_folder(args)) as teachers:
        distillation = Distillation(teachers, weights, DistillationSettings(**settings))
        return train_stage(args, distillation=distillation)


if __name__ == "__main__":
    run_training(main, __doc__, logits=[Path], distillation=json.loads)

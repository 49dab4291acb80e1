"""Checkpoints of a training after each epoch, for selection on dev data (``select: dev``).

Training only saves them, so its code does not depend on prediction or scoring; selection is a
separate stage (`lbmrc.evaluation.checkpoint_choice`).
"""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from transformers import TrainerCallback

from lbmrc.common.atomic import replacing
from lbmrc.common.errors import UserError

CANDIDATES = "candidates"


def candidate_steps(steps_per_epoch: int, steps: int) -> list[int]:
    """The steps after which a candidate is saved: each epoch's last, and the training's last."""
    return sorted({*range(steps_per_epoch, steps, steps_per_epoch), steps})


def candidate_name(step: int) -> str:
    """Name of a candidate's folder."""
    return f"step-{step}"


class CandidateCallback(TrainerCallback):
    """Saves the network at the end of each epoch, and after the last step.

    A candidate is saved before the checkpoint of the same step, so a resumed training finds the
    candidates of all earlier steps.

    Args:
        folder: gets one folder per candidate.
        steps_per_epoch: batches in an epoch.
        save: writes the network to a folder, complete or not at all.
    """

    def __init__(self, folder: Path, steps_per_epoch: int, save: Callable[[Path], None]):
        self.folder = folder
        self.steps_per_epoch = steps_per_epoch
        self.save = save

    def on_step_end(self, args, state, control, **kwargs):
        if state.global_step in candidate_steps(self.steps_per_epoch, state.max_steps):
            self.save(self.folder / candidate_name(state.global_step))


def save_candidates(kept: Path, target: Path, steps: list[int]) -> None:
    """Copy or link the candidates of a finished training to ``target``, all or none.

    Args:
        kept: folder the training saved them in; left unchanged, so a killed job can rerun this.
        target: folder to write; an existing one is replaced.
        steps: steps whose candidates must exist.

    Raises:
        UserError: if one is missing.
    """
    for step in steps:
        if not (kept / candidate_name(step)).is_dir():
            raise UserError(
                f"{kept}: no {candidate_name(step)}, which this training saved; something else "
                f"removed it. Remove {kept.parent} to train again from the start"
            )
    with replacing(target) as partial:
        for step in steps:
            name = candidate_name(step)
            shutil.copytree(kept / name, partial / name, copy_function=_link_or_copy)


def _link_or_copy(source: str, target: str) -> None:
    """Hard-link the file to save disk space, or copy it where links are not supported."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy(source, target)

"""Choose among a training's checkpoints by F1 on the source language's dev data."""

import json
import shutil
from pathlib import Path

from lbmrc.common.atomic import replacing, write_text
from lbmrc.config.stages import DecodingSettings
from lbmrc.evaluation.checkpoint_choice import best_checkpoint, score_checkpoints
from lbmrc.model.checkpoint_files import trained_precision
from lbmrc.model.precision import precision_name
from lbmrc.runtime.devices import resolve
from lbmrc.runtime.stage import run, state_folder


def main(args):
    state, device = state_folder(args), resolve(args.device)
    decoding = DecodingSettings(**args.decoding)
    questions = args.windows, args.dataset, args.metric, args.language
    scores = score_checkpoints(args.candidates, *questions, decoding, device, state)
    best = best_checkpoint(scores)
    with replacing(args.model) as partial:
        shutil.copytree(args.candidates / f"step-{best.step}", partial)
    lines = [json.dumps(score._asdict() | {"chosen": score is best}) for score in scores]
    write_text(args.scores, "\n".join(lines) + "\n")
    shutil.rmtree(state)
    chosen = {"chosen_step": best.step, "exact_match": best.exact_match, "f1": best.f1}
    precision = trained_precision(args.candidates / f"step-{best.step}")
    ran_on = {"device": device, "precision": precision_name(device, precision)}
    return chosen | {"last_step": scores[-1].step, "checkpoints": len(scores)} | ran_on


if __name__ == "__main__":
    run(
        main,
        __doc__,
        candidates=Path,
        windows=Path,
        dataset=Path,
        metric=str,
        language=str,
        decoding=json.loads,
        device=str,
        model=Path,
        scores=Path,
    )

"""Answer every question of every benchmark with one model (Section 4)."""

import json
import shutil
from pathlib import Path

from lbmrc.config.stages import DecodingSettings
from lbmrc.evaluation.prediction import answer_benchmarks, write_predictions
from lbmrc.model.checkpoint_files import trained_precision
from lbmrc.model.precision import precision_name
from lbmrc.runtime.devices import resolve
from lbmrc.runtime.stage import run, state_folder


def main(args):
    state = state_folder(args)
    names = [f"{benchmark}.{split}" for benchmark, split in args.benchmarks]
    decoding, device = DecodingSettings(**args.decoding), resolve(args.device)
    answers = answer_benchmarks(args.model, args.windows, names, decoding, device, state)
    for target in args.targets:
        write_predictions(target, answers.get(target.stem, {}))
    shutil.rmtree(state)
    counts = {target.stem: len(answers.get(target.stem, {})) for target in args.targets}
    return counts | {
        "device": device,
        "precision": precision_name(device, trained_precision(args.model)),
    }


if __name__ == "__main__":
    run(
        main,
        __doc__,
        model=Path,
        windows=[Path],
        benchmarks=json.loads,
        decoding=json.loads,
        device=str,
        targets=[Path],
    )

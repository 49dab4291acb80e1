"""Answer every question of every benchmark with one model (Section 4), or a shard of them.

With --shards it writes the files of what other jobs have answered.
"""

import json
import shutil
from pathlib import Path

from lbmrc.common.shards import WHOLE, Shard
from lbmrc.config.stages import DecodingSettings
from lbmrc.evaluation.prediction import answer_benchmarks, gather_answers, write_predictions
from lbmrc.model.checkpoint_files import trained_precision
from lbmrc.model.precision import precision_name
from lbmrc.runtime.devices import resolve
from lbmrc.runtime.manifest import device_of_shards
from lbmrc.runtime.stage import run, state_folder


def main(args):
    if args.shards:
        answers = gather_answers(args.shards)
        return write(args.targets, answers) | {"device": device_of_shards(args.shard_manifests)}
    state = state_folder(args)
    names = [f"{benchmark}.{split}" for benchmark, split in args.benchmarks]
    decoding, device = DecodingSettings(**args.decoding), resolve(args.device)
    shard = args.shard or WHOLE
    answers = answer_benchmarks(args.model, args.windows, names, decoding, device, state, shard)
    if args.shard:
        write_predictions(args.targets[0], answers)
        counts = {"questions": sum(map(len, answers.values()))}
    else:
        counts = write(args.targets, answers)
    shutil.rmtree(state)
    return counts | {
        "device": device,
        "precision": precision_name(device, trained_precision(args.model)),
    }


def write(targets, answers):
    for target in targets:
        write_predictions(target, answers.get(target.stem, {}))
    return {target.stem: len(answers.get(target.stem, {})) for target in targets}


if __name__ == "__main__":
    run(
        main,
        __doc__,
        optional=("shard", "shards", "shard_manifests"),
        model=Path,
        windows=[Path],
        benchmarks=json.loads,
        decoding=json.loads,
        device=str,
        shard=Shard.parse,
        shards=[Path],
        shard_manifests=[Path],
        targets=[Path],
    )

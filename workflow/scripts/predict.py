"""Answer every question of every benchmark with one model (Section 4)."""

import json
from pathlib import Path

from lbmrc.backbone import load_model, pad_id
from lbmrc.devices import resolve
from lbmrc.prediction import predict, write_predictions
from lbmrc.settings import DecodingSettings
from lbmrc.stage import run
from lbmrc.windows import read_windows


def main(args):
    device = resolve(args.device)
    model = load_model(args.model).to(device)
    decoding = DecodingSettings(**args.decoding)
    answers = {target.name: {} for target in args.targets}
    for (benchmark, split), windows in zip(args.benchmarks, args.windows, strict=True):
        for answer in predict(model, read_windows([windows]), decoding, device, pad_id(model)):
            cell = f"{benchmark}.{split}.{answer.passage_language}.{answer.question_language}.json"
            if cell in answers:
                answers[cell][answer.id] = answer.text
    for target in args.targets:
        write_predictions(target, answers[target.name])
    return {target.stem: len(answers[target.name]) for target in args.targets}


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

"""Score one system's predictions by the official rules of each benchmark."""

import json
from pathlib import Path

from lbmrc.metrics import score_files, summarize
from lbmrc.stage import run


def main(args):
    for file, predictions, target in zip(args.files, args.predictions, args.targets, strict=True):
        benchmark, split, context, question = target.stem.split(".")
        scores = summarize(score_files(file, predictions, args.rules[benchmark], context))
        cell = {
            "system": args.system,
            "seed": args.seed,
            "benchmark": benchmark,
            "split": split,
            "context": context,
            "question": question,
        }
        target.write_text(json.dumps(cell | scores, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    run(
        main,
        __doc__,
        files=[Path],
        predictions=[Path],
        system=str,
        seed=int,
        rules=json.loads,
        targets=[Path],
    )

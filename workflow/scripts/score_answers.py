"""Score one system's predictions by the official metric of each benchmark."""

import json
from pathlib import Path

from lbmrc.common.atomic import write_text
from lbmrc.evaluation.metrics import score_benchmark, summarize
from lbmrc.evaluation.question_scores import CELL, question_rows, write_questions
from lbmrc.runtime.stage import run


def main(args):
    rows = []
    for file, predictions, target in zip(args.files, args.predictions, args.targets, strict=True):
        cell = dict(zip(CELL, target.stem.split("."), strict=True))
        metric = args.metrics[cell["benchmark"]]
        scores, left_out = score_benchmark(file, predictions, metric, cell["passage_language"])
        rows += question_rows(file, predictions, scores, cell, metric)
        content = {"system": args.system, "seed": args.seed, **cell, **summarize(scores)}
        if left_out:
            content |= {"questions": len(scores), "left_out": left_out}
        write_text(target, json.dumps(content, indent=1) + "\n")
    write_questions(args.questions, rows)


if __name__ == "__main__":
    run(
        main,
        __doc__,
        files=[Path],
        predictions=[Path],
        system=str,
        seed=int,
        metrics=json.loads,
        targets=[Path],
        questions=Path,
    )

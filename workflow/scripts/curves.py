"""What became of the answers in translation, and how each system learned: two figures."""

import json
from pathlib import Path

import pandas as pd

from lbmrc import figures
from lbmrc.jsonfiles import read_json
from lbmrc.stage import run


def main(args):
    figures.save(figures.funnel_figure([read_json(path) for path in args.recovery]), args.funnel)
    journals = [
        pd.read_json(args.systems / f"{system}/seed-{seed}/metrics.jsonl", lines=True).assign(
            system=system, seed=seed
        )
        for system, seed in args.runs
    ]
    figures.save(figures.training_figure(pd.concat(journals)), args.training)


if __name__ == "__main__":
    run(
        main,
        __doc__,
        recovery=[Path],
        systems=Path,
        runs=json.loads,
        funnel=Path,
        training=Path,
    )

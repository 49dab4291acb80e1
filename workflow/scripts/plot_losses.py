"""How each system learned: its losses over training, and its F1 on dev data where that chose."""

import json
from pathlib import Path

import pandas as pd

from lbmrc.report.charts.losses import plot_losses
from lbmrc.report.charts.style import save
from lbmrc.runtime.stage import run


def main(args):
    def read(file, runs):
        return [
            pd.read_json(args.systems / f"{system}/seed-{seed}" / file, lines=True).assign(
                system=system, seed=seed
            )
            for system, seed in runs
        ]

    metrics = pd.concat(read("metrics.jsonl", args.runs))
    scores = None
    if args.on_dev:
        epochs = metrics[["system", "seed", "step", "epoch"]]
        scores = pd.concat(read("dev.jsonl", args.on_dev)).merge(epochs)
    save(plot_losses(metrics, scores), args.figure)


if __name__ == "__main__":
    run(main, __doc__, systems=Path, runs=json.loads, on_dev=json.loads, figure=Path)

"""How each system learned: its losses over training."""

import json
from pathlib import Path

import pandas as pd

from lbmrc.report.charts.losses import plot_losses
from lbmrc.report.charts.style import save
from lbmrc.runtime.stage import run


def main(args):
    metrics = [
        pd.read_json(args.systems / f"{system}/seed-{seed}/metrics.jsonl", lines=True).assign(
            system=system, seed=seed
        )
        for system, seed in args.runs
    ]
    save(plot_losses(pd.concat(metrics)), args.figure)


if __name__ == "__main__":
    run(main, __doc__, systems=Path, runs=json.loads, figure=Path)

"""What became of the answers in translation, and how each system learned: two figures, a table."""

import json
from pathlib import Path

import pandas as pd

from lbmrc.common.json_io import read_json
from lbmrc.report import charts as figures
from lbmrc.runtime.stage import run
from lbmrc.translation.funnel_table import mean_confidences, to_markdown


def main(args):
    recoveries = [read_json(path) for path in args.recovery]
    figures.save(figures.funnel_figure(recoveries), args.funnel)
    confidences = {
        recovery["language"]: mean_confidences(path)
        for recovery, path in zip(recoveries, args.found, strict=True)
    }
    args.markdown.write_text(to_markdown(recoveries, confidences), encoding="utf-8")
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
        found=[Path],
        systems=Path,
        runs=json.loads,
        funnel=Path,
        markdown=Path,
        training=Path,
    )

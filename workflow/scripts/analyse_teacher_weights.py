"""How the impurity weights fall, and whether they trust the teacher who is right."""

import json
from pathlib import Path

import pandas as pd

from lbmrc.analysis.teacher_weights import analyse, to_markdown
from lbmrc.report.charts.style import save
from lbmrc.report.charts.teacher_weights import plot_teacher_weights
from lbmrc.runtime.stage import run


def main(args):
    frames = []
    for teachers, seeds in args.sets:
        logits = [
            [args.systems / f"{name}/seed-{seed}/logits.parquet" for name, seed in runs]
            for runs in seeds
        ]
        found = analyse(args.windows, teachers, logits)
        frames.append([frame.assign(teachers=" + ".join(teachers)) for frame in found])
    weights, agreement = (
        pd.concat(parts, ignore_index=True) for parts in zip(*frames, strict=True)
    )
    weights.to_csv(args.table, index=False, lineterminator="\n")
    agreement.to_csv(args.agreement, index=False, lineterminator="\n")
    args.markdown.write_text(to_markdown(weights, agreement), encoding="utf-8")
    save(plot_teacher_weights(weights, agreement), args.figure)


if __name__ == "__main__":
    run(
        main,
        __doc__,
        windows=[Path],
        systems=Path,
        sets=json.loads,
        table=Path,
        agreement=Path,
        markdown=Path,
        figure=Path,
    )

"""Every passage language × every question language, and the variance that they explain."""

import json
from pathlib import Path

from lbmrc.analysis import gxlt
from lbmrc.report.charts.language_pairs import plot_language_pairs
from lbmrc.report.charts.style import save
from lbmrc.report.paper_tables import collect
from lbmrc.runtime.stage import run


def main(args):
    scores = collect(
        args.systems / f"{system}/seed-{seed}/scores/{'.'.join(cell)}.json"
        for system, seed in args.runs
        for cell in args.cells
    )
    matrices = gxlt.matrices(scores)
    variance = gxlt.variance(matrices)
    matrices.to_csv(args.table, index=False, lineterminator="\n")
    variance.to_csv(args.variance, index=False, lineterminator="\n")
    args.markdown.write_text(gxlt.to_markdown(matrices, variance), encoding="utf-8")
    save(plot_language_pairs(matrices), args.figure)


if __name__ == "__main__":
    run(
        main,
        __doc__,
        systems=Path,
        runs=json.loads,
        cells=json.loads,
        table=Path,
        variance=Path,
        markdown=Path,
        figure=Path,
    )

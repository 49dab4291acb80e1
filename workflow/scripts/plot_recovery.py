"""What became of the answers in translation: a chart, and tables."""

from pathlib import Path

from lbmrc.common.json_io import read_json
from lbmrc.report.charts.recovery import plot_recovery
from lbmrc.report.charts.style import save
from lbmrc.runtime.stage import run
from lbmrc.translation.funnel_table import mean_confidences, to_markdown


def main(args):
    recoveries = [read_json(path) for path in args.recovery]
    save(plot_recovery(recoveries), args.figure)
    confidences = {
        recovery["language"]: mean_confidences(path)
        for recovery, path in zip(recoveries, args.found, strict=True)
    }
    args.markdown.write_text(to_markdown(recoveries, confidences), encoding="utf-8")


if __name__ == "__main__":
    run(main, __doc__, recovery=[Path], found=[Path], figure=Path, markdown=Path)

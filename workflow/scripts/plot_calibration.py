"""The students' confidence against the share of right answers: a chart, and a table."""

from pathlib import Path

from lbmrc.common.json_io import read_json
from lbmrc.report.charts.calibration import plot_calibration, to_markdown
from lbmrc.report.charts.style import save
from lbmrc.runtime.stage import run


def main(args):
    calibrations = {
        (path.parts[-3], path.parts[-2].removeprefix("seed-")): read_json(path)
        for path in args.calibrations
    }
    save(plot_calibration(calibrations), args.figure)
    args.markdown.write_text(to_markdown(calibrations), encoding="utf-8")


if __name__ == "__main__":
    run(main, __doc__, calibrations=[Path], figure=Path, markdown=Path)

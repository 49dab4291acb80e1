"""Write the page in which every question can be read with its passage, answers and predictions."""

import json
from pathlib import Path

from lbmrc.common.atomic import write_text
from lbmrc.evaluation.question_scores import read_questions
from lbmrc.report.explorer_data import explorer_data, packed
from lbmrc.report.explorer_page import explorer_page
from lbmrc.runtime.stage import run


def main(args):
    cells = [tuple(cell) for cell in args.cells]
    runs = [(system, seed) for system, seed in args.runs]
    files = list(zip(cells, args.files, strict=True))
    scores = (read_questions(args.systems, [run]) for run in runs)
    data = explorer_data(args.run, files, runs, scores, args.first)
    write_text(args.target, explorer_page(args.run, packed(data), args.page))


if __name__ == "__main__":
    run(
        main,
        __doc__,
        run=str,
        files=[Path],
        cells=json.loads,
        systems=Path,
        runs=json.loads,
        first=str,
        page=Path,
        target=Path,
    )

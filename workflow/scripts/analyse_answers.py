"""Boundaries of wrong predictions, and scores by the answer's type and length."""

import json
from pathlib import Path

from lbmrc.analysis import error_analysis as answers
from lbmrc.evaluation.question_scores import read_questions
from lbmrc.report import charts as figures
from lbmrc.runtime.stage import run


def main(args):
    questions = read_questions(args.systems, args.runs)
    boundaries, kinds = answers.boundaries(questions), answers.by_kind(questions)
    boundaries.to_csv(args.boundaries, index=False, lineterminator="\n")
    kinds.to_csv(args.kinds, index=False, lineterminator="\n")
    args.markdown.write_text(answers.to_markdown(boundaries, kinds), encoding="utf-8")
    figures.save(figures.boundary_figure(boundaries), args.boundary_figure)
    figures.save(figures.answers_figure(kinds), args.kinds_figure)


if __name__ == "__main__":
    run(
        main,
        __doc__,
        systems=Path,
        runs=json.loads,
        boundaries=Path,
        kinds=Path,
        markdown=Path,
        boundary_figure=Path,
        kinds_figure=Path,
    )

"""Boundaries of wrong predictions, and scores by the answer's type and length."""

import json
from pathlib import Path

from lbmrc.analysis import error_analysis
from lbmrc.evaluation.question_scores import read_questions
from lbmrc.report.charts.answer_kinds import plot_answer_kinds
from lbmrc.report.charts.boundaries import plot_boundaries
from lbmrc.report.charts.style import save
from lbmrc.runtime.stage import run


def main(args):
    questions = read_questions(args.systems, args.runs)
    boundaries = error_analysis.boundaries(questions)
    kinds = error_analysis.by_kind(questions)
    boundaries.to_csv(args.boundaries, index=False, lineterminator="\n")
    kinds.to_csv(args.kinds, index=False, lineterminator="\n")
    args.markdown.write_text(error_analysis.to_markdown(boundaries, kinds), encoding="utf-8")
    save(plot_boundaries(boundaries), args.boundary_figure)
    save(plot_answer_kinds(kinds), args.kinds_figure)


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

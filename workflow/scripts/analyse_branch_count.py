"""Scores by the number of language branches, on all data and on equally many windows."""

import json
from pathlib import Path

from lbmrc.analysis.branch_count import by_count, to_markdown
from lbmrc.evaluation.question_scores import read_questions
from lbmrc.report.charts.study import plot_study
from lbmrc.report.charts.style import save
from lbmrc.runtime.stage import run


def main(args):
    means = by_count(
        (languages, equal, read_questions(f"{args.results}{suffix}/systems", args.runs))
        for suffix, (languages, equal) in args.variants.items()
    )
    means.to_csv(args.table, index=False, lineterminator="\n")
    args.markdown.write_text(to_markdown(means), encoding="utf-8")
    panels = ["windows", "languages"]
    save(plot_study(means, "branches", "training languages, K", panels), args.figure)


if __name__ == "__main__":
    run(
        main,
        __doc__,
        results=str,
        variants=json.loads,
        runs=json.loads,
        table=Path,
        markdown=Path,
        figure=Path,
    )

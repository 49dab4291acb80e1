"""Points that each system loses with noise in its translations."""

import json
from pathlib import Path

from lbmrc.analysis.noise import losses, scores_by_level, to_markdown
from lbmrc.evaluation.question_scores import read_questions
from lbmrc.report.charts.study import plot_study
from lbmrc.report.charts.style import save
from lbmrc.runtime.stage import run


def main(args):
    levels = {
        level: read_questions(f"{args.results}{suffix}/systems", args.runs)
        for suffix, level in args.levels.items()
    }
    scores = scores_by_level(levels, args.languages)
    lost = losses(levels, args.languages, args.pairs)
    scores.to_csv(args.scores, index=False, lineterminator="\n")
    lost.to_csv(args.losses, index=False, lineterminator="\n")
    args.markdown.write_text(to_markdown(scores, lost), encoding="utf-8")
    save(plot_study(scores, "noise", "noise, %", ["languages"]), args.figure)


if __name__ == "__main__":
    run(
        main,
        __doc__,
        results=str,
        levels=json.loads,
        runs=json.loads,
        pairs=json.loads,
        languages=json.loads,
        scores=Path,
        losses=Path,
        markdown=Path,
        figure=Path,
    )

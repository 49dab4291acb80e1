"""What the choice of the translator costs each system."""

import json
from pathlib import Path

from lbmrc.analysis.translators import differences, scores_by_translator, to_markdown
from lbmrc.evaluation.question_scores import read_questions
from lbmrc.runtime.stage import run


def main(args):
    runs = {
        name: read_questions(f"{args.results}{suffix}/systems", args.runs)
        for suffix, name in args.translators.items()
    }
    scores = scores_by_translator(runs, args.languages)
    found = differences(runs, args.languages, args.pairs)
    scores.to_csv(args.scores, index=False, lineterminator="\n")
    found.to_csv(args.differences, index=False, lineterminator="\n")
    args.markdown.write_text(to_markdown(next(iter(runs)), scores, found), encoding="utf-8")


if __name__ == "__main__":
    run(
        main,
        __doc__,
        results=str,
        translators=json.loads,
        runs=json.loads,
        pairs=json.loads,
        languages=json.loads,
        scores=Path,
        differences=Path,
        markdown=Path,
    )

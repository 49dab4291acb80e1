"""Compare the systems that the config names in pairs, by bootstrap over passages and seeds."""

import json
from pathlib import Path

from lbmrc.analysis.comparisons import compare, to_markdown
from lbmrc.evaluation.question_scores import read_questions
from lbmrc.runtime.stage import run


def main(args):
    questions = read_questions(args.systems, args.runs)
    comparisons = compare(questions, args.pairs)
    comparisons.to_csv(args.table, index=False, lineterminator="\n")
    args.markdown.write_text(to_markdown(comparisons), encoding="utf-8")


if __name__ == "__main__":
    run(
        main,
        __doc__,
        systems=Path,
        runs=json.loads,
        pairs=json.loads,
        table=Path,
        markdown=Path,
    )

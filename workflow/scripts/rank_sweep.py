"""Dev scores of every point of a sweep, the best first."""

import json
from pathlib import Path

from lbmrc.analysis.sweep import rank, to_markdown
from lbmrc.report.paper_tables import collect
from lbmrc.runtime.stage import run


def main(args):
    ranked = rank(collect(args.scores), args.points, args.source)
    ranked.to_csv(args.table, index=False, lineterminator="\n")
    args.markdown.write_text(to_markdown(ranked, args.student, args.source), encoding="utf-8")


if __name__ == "__main__":
    run(
        main,
        __doc__,
        scores=[Path],
        points=json.loads,
        source=str,
        student=str,
        table=Path,
        markdown=Path,
    )

"""D_k: the passages of one language, each with its question in all languages or some (3.1.1)."""

import json
from pathlib import Path

from lbmrc.branches import Thinning, build_branch, count_languages, questions_by_language
from lbmrc.data.examples import read_examples, write_examples
from lbmrc.runtime.stage import run


def main(args):
    questions = questions_by_language(args.languages, args.source, args.questions)
    thinning = args.thinning and Thinning(**args.thinning)
    counts = {}
    examples = build_branch(read_examples(args.passages), questions, args.languages, thinning)
    write_examples(args.target, count_languages(examples, counts))
    print(counts)
    return {"examples by question language": counts}


if __name__ == "__main__":
    run(
        main,
        __doc__,
        passages=Path,
        source=Path,
        questions=[Path],
        languages=json.loads,
        thinning=json.loads,
        target=Path,
    )

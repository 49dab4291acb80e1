"""The training data of mixMRC: questions and passages of different languages, mixed."""

import json
from pathlib import Path

from lbmrc.branches import Thinning, build_mixed, count_languages, questions_by_language
from lbmrc.data.examples import read_examples, write_examples
from lbmrc.runtime.stage import run


def main(args):
    source, *_ = args.monolingual
    questions = questions_by_language(args.languages, source, args.questions)
    monolingual = {
        language: read_examples(path)
        for language, path in zip(args.languages, args.monolingual, strict=True)
    }
    thinning = args.thinning and Thinning(**args.thinning)
    counts = {}
    examples = build_mixed(monolingual, questions, **args.settings, thinning=thinning)
    write_examples(args.target, count_languages(examples, counts))
    print(counts)
    return {"examples by question language": counts}


if __name__ == "__main__":
    run(
        main,
        __doc__,
        monolingual=[Path],
        questions=[Path],
        languages=json.loads,
        thinning=json.loads,
        settings=json.loads,
        target=Path,
    )

"""Translate the English data into one language and recover the answers (Section 3.1.1)."""

import json
from pathlib import Path

from lbmrc.examples import read_examples, write_examples
from lbmrc.stage import run
from lbmrc.translation.engines import open_engine
from lbmrc.translation.translate import translate_squad, write_questions, write_recovery


def main(args):
    engine = open_engine(args.settings, args.engine, args.language, args.device)
    translation = translate_squad(
        read_examples(args.examples), args.language, engine, tuple(args.markers)
    )
    write_examples(args.target, translation.examples)
    write_questions(args.questions, translation.questions)
    write_recovery(args.recovery, translation.recovery)
    return {"recovery": translation.recovery}


if __name__ == "__main__":
    run(
        main,
        __doc__,
        examples=Path,
        engine=Path,
        settings=json.loads,
        markers=json.loads,
        language=str,
        device=str,
        target=Path,
        questions=Path,
        recovery=Path,
    )

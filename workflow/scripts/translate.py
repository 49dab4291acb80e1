"""Translate the English data into one language and recover the answers (Section 3.1.1)."""

import json
from pathlib import Path

from lbmrc.corpora import read_squad
from lbmrc.examples import read_examples, write_examples
from lbmrc.stage import run
from lbmrc.translation.engines import Marian
from lbmrc.translation.recovery import write_funnel, write_questions
from lbmrc.translation.translate import align_squad, translate_squad


def translated(args):
    examples = read_examples(args.examples)
    settings = dict(args.settings)
    if settings.pop("engine") == "ready-made":
        ready = read_squad(args.engine, args.language, args.language, "skip").examples
        return align_squad(examples, ready, args.language, f"ready-made {args.engine.name}")
    from lbmrc.devices import resolve

    del settings["checkpoint"]
    device = resolve(args.device)
    engine = Marian(args.engine, device=device, half=device == "cuda", **settings)
    return translate_squad(examples, args.language, engine, args.markers)


def main(args):
    translation = translated(args)
    write_examples(args.target, translation.examples)
    write_questions(args.questions, translation.questions)
    write_funnel(args.recovery, translation.funnel)
    return translation.funnel.as_json()


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

"""Translate the English data into one language and recover the answers (Section 3.1.1)."""

import json
from pathlib import Path

from lbmrc.data.examples import read_examples, write_examples
from lbmrc.runtime.devices import resolve
from lbmrc.runtime.stage import run
from lbmrc.translation.cache import Memo
from lbmrc.translation.engines.factory import load_engine, translator
from lbmrc.translation.readymade import align
from lbmrc.translation.recovery.cascade import translate_cascade
from lbmrc.translation.recovery.funnel import write_findings, write_funnel, write_questions
from lbmrc.translation.store import Store
from lbmrc.translation.translate import translate_squad


def translated(args):
    examples = read_examples(args.examples)
    if args.settings["engine"] == "ready-made":
        return align(examples, args.engine, args.language)
    device = resolve(args.device)
    engine = load_engine(args.settings, args.engine, args.identity, device, args.store)
    with Store(args.store, translator(args.settings, args.identity, device)) as store:
        memo, how = Memo(engine, store), dict(args.recover)
        if how.pop("mode") == "cascade":
            return translate_cascade(examples, args.language, memo, **how)
        return translate_squad(examples, args.language, memo, **how)


def main(args):
    translation = translated(args)
    write_examples(args.target, translation.examples)
    write_questions(args.questions, translation.questions)
    write_findings(args.found, translation.found)
    write_funnel(args.recovery, translation.funnel)
    return translation.funnel.as_json()


if __name__ == "__main__":
    run(
        main,
        __doc__,
        examples=Path,
        engine=Path,
        settings=json.loads,
        identity=str,
        recover=json.loads,
        language=str,
        device=str,
        store=str,
        target=Path,
        questions=Path,
        found=Path,
        recovery=Path,
    )

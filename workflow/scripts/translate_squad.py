"""Translate the English data into one language and recover the answers (Section 3.1.1)."""

import json
from pathlib import Path

from lbmrc.data.examples import read_examples, write_examples
from lbmrc.runtime.devices import resolve
from lbmrc.runtime.stage import run
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines.factory import load_engine, precision, translator_identity
from lbmrc.translation.readymade import align
from lbmrc.translation.recovery.cascade import translate_cascade
from lbmrc.translation.recovery.funnel import (
    require_recovered,
    write_findings,
    write_funnel,
    write_questions,
)
from lbmrc.translation.store import Store
from lbmrc.translation.translate import translate_squad


def translate(args, device):
    examples = read_examples(args.examples)
    if device is None:
        return align(examples, args.engine, args.language)
    engine = load_engine(args.settings, args.engine, args.identity, device, args.store)
    with Store(args.store, translator_identity(args.settings, args.identity, device)) as store:
        cache, options = TranslationCache(engine, store), dict(args.recover)
        if options.pop("mode") == "cascade":
            return translate_cascade(examples, args.language, cache, **options)
        return translate_squad(examples, args.language, cache, **options)


def main(args):
    ready_made = args.settings["engine"] == "ready-made"
    device = None if ready_made else resolve(args.device)
    translation = translate(args, device)
    require_recovered(translation.funnel, args.min_recovered, args.engine)
    write_examples(args.target, translation.examples)
    write_questions(args.questions, translation.questions)
    write_findings(args.found, translation.found)
    write_funnel(args.recovery, translation.funnel)
    summary = translation.funnel.as_json()
    if ready_made:
        return summary
    return summary | {"device": device, "precision": precision(args.settings, device)}


if __name__ == "__main__":
    run(
        main,
        __doc__,
        examples=Path,
        engine=Path,
        settings=json.loads,
        identity=str,
        recover=json.loads,
        min_recovered=float,
        language=str,
        device=str,
        store=str,
        target=Path,
        questions=Path,
        found=Path,
        recovery=Path,
    )

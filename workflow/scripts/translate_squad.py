"""Translate the English data into one language and recover the answers (Section 3.1.1).

With --shard it translates a part of the passages and their questions into the store, where the job
that translates all of them finds them.
"""

import json
from pathlib import Path

from lbmrc.common.shards import Shard
from lbmrc.config.noise import TranslationNoise
from lbmrc.data.examples import read_examples, write_examples
from lbmrc.runtime.devices import resolve
from lbmrc.runtime.stage import run
from lbmrc.translation.engines.command import shown
from lbmrc.translation.engines.factory import precision
from lbmrc.translation.noise import NoisyTranslator
from lbmrc.translation.readymade import align
from lbmrc.translation.recovery.cascade import translate_cascade
from lbmrc.translation.recovery.funnel import (
    require_recovered,
    write_findings,
    write_funnel,
    write_questions,
)
from lbmrc.translation.translate import passages_of, translate_squad
from lbmrc.translation.translators import open_translator


def translate(args, legs, device):
    examples = read_examples(args.examples)
    if args.shard:
        examples = passages_of(examples, args.shard)
    if legs[0]["engine"] == "ready-made":
        return align(examples, legs[0]["file"], args.language)
    with open_translator(legs, device, args.store) as translator:
        options = dict(args.recover)
        if noise := options.pop("noise", None):
            markers = options["markers"]
            translator = NoisyTranslator(
                translator, TranslationNoise(**noise), args.language, markers
            )
        if options.pop("mode") == "cascade":
            return translate_cascade(examples, args.language, translator, **options)
        return translate_squad(examples, args.language, translator, **options)


def main(args):
    legs = [leg | place for leg, place in zip(args.legs, args.places, strict=True)]
    models = [leg for leg in legs if "folder" in leg]
    device = resolve(args.device) if models else "cpu"
    translation = translate(args, legs, device)
    if args.shard:
        return {"examples": len(translation.questions)}
    origins = [leg.get("file") or leg.get("folder") or shown(leg["command"]) for leg in legs]
    require_recovered(translation.funnel, args.min_recovered, ", ".join(origins))
    write_examples(args.target, translation.examples)
    write_questions(args.questions, translation.questions)
    write_findings(args.found, translation.found)
    write_funnel(args.recovery, translation.funnel)
    summary = translation.funnel.as_json()
    if not models:
        return summary
    return summary | {"device": device, "precision": precision(models[0], device)}


if __name__ == "__main__":
    run(
        main,
        __doc__,
        optional=("shard", "min_recovered", "target", "questions", "found", "recovery"),
        examples=Path,
        legs=json.loads,
        places=json.loads,
        recover=json.loads,
        min_recovered=float,
        language=str,
        device=str,
        store=str,
        shard=Shard.parse,
        target=Path,
        questions=Path,
        found=Path,
        recovery=Path,
    )

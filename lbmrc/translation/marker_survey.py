"""How often each pair of markers survives translation, measured on a sample to choose one.

``lbmrc markers`` prints it. The survey's translations are kept in the store, so a run with the
chosen pair reuses them.
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lbmrc.common.errors import UserError
from lbmrc.common.hashing import folder_fingerprint
from lbmrc.config.schema import Config
from lbmrc.config.translation import CommandEngine, Leg
from lbmrc.data.examples import Example
from lbmrc.data.squad import read_squad
from lbmrc.translation.cache import Translator
from lbmrc.translation.recovery.marked_sentences import TranslationUnit, answer_unit
from lbmrc.translation.recovery.markers import Lost, Recovered, recover_answer
from lbmrc.translation.recovery.search import read_marked
from lbmrc.translation.sentences import split_sentences
from lbmrc.translation.translators import open_translator


@dataclass
class MarkerSurvival:
    """The answers recovered with one pair of markers: ``kept`` by the paper's strict reading,
    ``lenient`` by the lenient reading only; and the reasons for loss."""

    markers: tuple[str, str]
    kept: int = 0
    lenient: int = 0
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.kept + self.lenient + self.lost.total()


def measure_survival(
    examples: Iterable[Example], cache: Translator, styles: Iterable[Sequence[str]]
) -> list[MarkerSurvival]:
    """Survival of each pair of markers in ``styles`` around the first answers of ``examples``."""
    units = [answer_unit(e, split_sentences(e.passage)) for e in examples]
    results = []
    for markers in styles:
        open_, close = markers
        result = MarkerSurvival((open_, close))

        def survives(_: str, translation: str, pair: Sequence[str] = markers) -> bool:
            return not isinstance(recover_answer(translation, pair), Lost)

        sources = [
            unit.marked(markers) if isinstance(unit, TranslationUnit) else unit for unit in units
        ]
        translations = cache.translate(
            [source for source in sources if isinstance(source, str)],
            f"marked {' '.join(markers)}",
            survives,
        )
        for source in sources:
            strict: Recovered | Lost
            lenient: Recovered | Lost
            if isinstance(source, Lost):
                strict = lenient = source
            else:
                strict = recover_answer(translations[source], markers)
                lenient = read_marked(source, translations[source], markers)
            if not isinstance(strict, Lost):
                result.kept += 1
            elif not isinstance(lenient, Lost):
                result.lenient += 1
            else:
                result.lost[strict.reason] += 1
        results.append(result)
    return results


def survey_markers(
    config: Config, language: str, sample: int, fetch: str = "snakemake fetch --cores all"
) -> tuple[str, list[MarkerSurvival]]:
    """The engine's name and the survival of the config's pairs of markers into ``language``.

    ``sample`` questions, always the same, are drawn from the English training data. ``fetch`` is
    the command that downloads data and checkpoints.

    Raises:
        UserError: if the config has no engine for the language, or one that needs no markers, or if
            the data or the checkpoint is missing.
    """
    from lbmrc.runtime.devices import resolve

    translation = config.translation
    engine = translation.engines.get(language)
    if engine is None or engine.engine == "ready-made":
        known = [k for k, e in translation.engines.items() if e.engine != "ready-made"]
        raise UserError(
            f'no engine of the config translates into "{language}"'
            f" (those with one: {', '.join(known) or 'none'})"
        )
    files = [f"{config.data.folder}/{each.file}" for each in config.data.squad.files]
    legs = [_leg(config, leg) for leg in translation.legs(language)]
    folders = [leg["folder"] for leg in legs if "folder" in leg]
    for path in (*files, *folders):
        if not Path(path).exists():
            raise UserError(f"{path}: missing; run `{fetch}` first")
    examples = [x for file in files for x in read_squad(file, "en", "en", "skip").examples]
    sampled = random.Random(0).sample(examples, min(sample, len(examples)))
    device = resolve(config.device.kind) if folders else "cpu"
    for leg in legs:
        if "folder" in leg:
            leg["identity"] = leg.pop("revision") or folder_fingerprint(leg["folder"])
    with open_translator(legs, device, translation.store) as translator:
        styles = [translation.markers, *translation.other_markers]
        return translator.name, measure_survival(sampled, translator, styles)


def _leg(config: Config, engine: Leg) -> dict[str, Any]:
    """An engine of the config in the form that `open_translator` expects."""
    settings = engine.model_dump(mode="json")
    if isinstance(engine, CommandEngine):
        return settings
    folder = config.checkpoint_folder(engine.checkpoint)
    return settings | {"folder": folder, "revision": engine.checkpoint.revision}

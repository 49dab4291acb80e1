"""How often each pair of markers survives an engine, on a sample: to choose one by evidence.

``lbmrc markers`` prints it. What the pilot translates is in the store afterwards, so a run with the
pair that was chosen does not do it again.
"""

import random
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lbmrc.common.errors import UserError
from lbmrc.common.hashing import folder_fingerprint
from lbmrc.config.schema import Config
from lbmrc.data.examples import Example
from lbmrc.data.squad import read_squad
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines.factory import load_engine, translator_identity
from lbmrc.translation.recovery.marked_sentences import TranslationUnit, answer_unit
from lbmrc.translation.recovery.markers import Lost, recover_answer
from lbmrc.translation.recovery.search import read
from lbmrc.translation.sentences import split_sentences
from lbmrc.translation.store import Store


@dataclass
class MarkerSurvival:
    """What became of one pair of markers: the answers ``kept`` as the paper reads them, those that
    the cascade's tolerant reading keeps besides (``lenient``), and why the others were lost."""

    markers: tuple[str, str]
    kept: int = 0
    lenient: int = 0
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.kept + self.lenient + self.lost.total()


def survey(
    examples: Iterable[Example], cache: TranslationCache, styles: Iterable[Sequence[str]]
) -> list[MarkerSurvival]:
    """What becomes of each pair of ``styles`` around the first answers of ``examples``."""
    units = [answer_unit(e, split_sentences(e.passage)) for e in examples]
    results = []
    for markers in styles:
        result = MarkerSurvival(tuple(markers))
        sources = [
            unit.marked(markers) if isinstance(unit, TranslationUnit) else unit for unit in units
        ]
        translations = cache.translate(
            [source for source in sources if isinstance(source, str)],
            f"marked {' '.join(markers)}",
            lambda _, translation, pair=markers: (
                not isinstance(recover_answer(translation, pair), Lost)
            ),
        )
        for source in sources:
            strict = lenient = source
            if isinstance(source, str):
                strict = recover_answer(translations[source], markers)
                lenient = read(source, translations[source], markers)
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
    """The engine's name and the survival of the config's pairs into ``language``.

    ``sample`` questions are drawn from the English training data, always the same. ``fetch`` is the
    command that brings data and checkpoints.

    Raises:
        UserError: if the config has no engine for the language, or one that needs no markers; if
            the data or the checkpoint are not there.
    """
    from lbmrc.runtime.devices import resolve

    engine = config.translation.engines.get(language)
    if engine is None or engine.engine == "ready-made":
        known = [k for k, e in config.translation.engines.items() if e.engine != "ready-made"]
        raise UserError(
            f'no engine of the config translates into "{language}"'
            f" (those with one: {', '.join(known) or 'none'})"
        )
    data = f"{config.data.folder}/{config.data.squad.train.file}"
    folder = config.checkpoint_folder(engine.checkpoint)
    for path in (data, folder):
        if not Path(path).exists():
            raise UserError(f"{path}: not here yet; run `{fetch}` first")
    examples = read_squad(data, "en", "en", "skip")
    drawn = random.Random(0).sample(examples.examples, min(sample, len(examples.examples)))
    settings, device = engine.model_dump(mode="json"), resolve(config.device.kind)
    identity = engine.checkpoint.revision or folder_fingerprint(folder)
    translation = config.translation
    with Store(translation.store, translator_identity(settings, identity, device)) as store:
        cache = TranslationCache(
            load_engine(settings, folder, identity, device, translation.store), store
        )
        styles = [translation.markers, *translation.other_markers]
        return cache.engine.name, survey(drawn, cache, styles)

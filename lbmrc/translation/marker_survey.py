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
from lbmrc.translation.cache import Memo
from lbmrc.translation.engines.factory import load_engine, translator
from lbmrc.translation.recovery.marked_sentences import Unit, unit_of
from lbmrc.translation.recovery.markers import Lost, recover
from lbmrc.translation.recovery.search import read
from lbmrc.translation.sentences import split_sentences
from lbmrc.translation.store import Store


@dataclass
class Survival:
    """What became of one pair of markers: the answers ``kept`` as the paper reads them, those that
    the cascade's tolerant reading keeps besides (``nearly``), and why the others were lost."""

    markers: tuple[str, str]
    kept: int = 0
    nearly: int = 0
    lost: Counter[str] = field(default_factory=Counter)

    @property
    def total(self) -> int:
        return self.kept + self.nearly + self.lost.total()


def survival(
    examples: Iterable[Example], memo: Memo, styles: Iterable[Sequence[str]]
) -> list[Survival]:
    """What becomes of each pair of ``styles`` around the first answers of ``examples``."""
    units = [unit_of(e, split_sentences(e.passage)) for e in examples]
    results = []
    for markers in styles:
        result = Survival(tuple(markers))
        sources = [unit.marked(markers) if isinstance(unit, Unit) else unit for unit in units]
        translations = memo.translate(
            [source for source in sources if isinstance(source, str)],
            f"marked {' '.join(markers)}",
            lambda _, translation, pair=markers: not isinstance(recover(translation, pair), Lost),
        )
        for source in sources:
            strict = tolerant = source
            if isinstance(source, str):
                strict = recover(translations[source], markers)
                tolerant = read(source, translations[source], markers)
            if not isinstance(strict, Lost):
                result.kept += 1
            elif not isinstance(tolerant, Lost):
                result.nearly += 1
            else:
                result.lost[strict.reason] += 1
        results.append(result)
    return results


def pilot(
    config: Config, language: str, sample: int, fetch: str = "snakemake fetch --cores all"
) -> tuple[str, list[Survival]]:
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
    with Store(translation.store, translator(settings, identity, device)) as store:
        memo = Memo(load_engine(settings, folder, identity, device, translation.store), store)
        styles = [translation.markers, *translation.other_markers]
        return memo.engine.name, survival(drawn, memo, styles)

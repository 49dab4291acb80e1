"""Translation by way of other languages: one cache after the other.

English to Portuguese to Spanish, say: what the first leg makes of a text, markers and all, is the
next leg's text. Each leg keeps its translations in its own part of the store, so that of two
languages that go by way of Portuguese, English is translated into it once.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from lbmrc.translation.cache import RecoveryCheck, TranslationCache, degenerate_counts
from lbmrc.translation.engines.base import AligningEngine


class TranslationChain:
    """Caches one after the other, used as if they were one (`lbmrc.translation.cache.Translator`).

    Its `notes` tell what happened in each leg, ``leg_1_degenerate_length`` and so on, and in
    ``leg_1_markers_lost`` how many marked texts lost their answer there for good.
    """

    aligner: AligningEngine | None = None  # no model has seen both ends

    def __init__(self, legs: Sequence[TranslationCache]) -> None:
        self.legs = list(legs)
        self._plain: dict[str, str] = {}
        self._lost_in: dict[str, int] = {}

    @property
    def name(self) -> str:
        return ", then ".join(leg.name for leg in self.legs)

    @property
    def notes(self) -> Counter[str]:
        """Counts over the distinct texts: degenerate translations from one end to the other, and
        each leg's own counts."""
        notes = degenerate_counts(self._plain.items())
        for number, leg in enumerate(self.legs, 1):
            notes.update({f"leg_{number}_{name}": count for name, count in leg.notes.items()})
            notes[f"leg_{number}_markers_lost"] += 0
        notes.update(f"leg_{number}_markers_lost" for number in self._lost_in.values())
        return notes

    def translate(
        self,
        texts: Iterable[str],
        description: str = "sentences",
        is_recovered: RecoveryCheck | None = None,
    ) -> dict[str, str]:
        """Each distinct text with its translation by the last leg; see `TranslationCache`."""
        distinct = list(dict.fromkeys(texts))
        translated = {text: text for text in distinct}
        readable = []
        for number, leg in enumerate(self.legs, 1):
            known = leg.translate(translated.values(), f"{description}, leg {number}", is_recovered)
            translated = {text: known[between] for text, between in translated.items()}
            if is_recovered is not None:
                readable.append({text for text in distinct if is_recovered(text, translated[text])})
        if is_recovered is None:
            self._plain.update(translated)
        for text in distinct if readable else ():
            if text not in readable[-1]:
                self._lost_in[text] = 1 + _last(readable, text)
        return translated


def _last(readable: Sequence[set[str]], text: str) -> int:
    """The number of the last leg after which the answer could be read, 0 for none."""
    return max((n for n, texts in enumerate(readable, 1) if text in texts), default=0)

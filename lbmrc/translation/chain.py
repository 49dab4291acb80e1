"""Translation through intermediate languages: a chain of caches.

For example, English to Portuguese to Spanish: the first leg's output, including the markers, is the
next leg's input. Each leg has its own part of the store, so two languages that are both reached
through Portuguese share one translation from English into Portuguese.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from lbmrc.translation.cache import RecoveryCheck, TranslationCache, degenerate_counts
from lbmrc.translation.engines.base import AligningEngine


class TranslationChain:
    """A chain of caches with the interface of one (`lbmrc.translation.cache.Translator`).

    Its `notes` count the events of each leg (``leg_1_degenerate_length`` and so on);
    ``leg_1_markers_lost`` counts the marked texts whose answer was permanently lost in that leg.
    """

    aligner: AligningEngine | None = None  # no single model sees both the source and the final text

    def __init__(self, legs: Sequence[TranslationCache]) -> None:
        self.legs = list(legs)
        self._plain: dict[str, str] = {}
        self._lost_in: dict[str, int] = {}

    @property
    def name(self) -> str:
        return ", then ".join(leg.name for leg in self.legs)

    @property
    def notes(self) -> Counter[str]:
        """Counts over the distinct texts: degenerate translations of the whole chain, and each
        leg's own counts."""
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
    """The number of the last leg after which the answer could still be read; 0 if none."""
    return max((n for n, texts in enumerate(readable, 1) if text in texts), default=0)

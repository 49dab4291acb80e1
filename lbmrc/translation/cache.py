"""A cache of translations: all runs that share a store translate each distinct text once.

Input: texts, in any number and order. Output: each distinct text with its translation, from this
run's memory, from the store, or from the engine.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import Protocol

from lbmrc.common.progress import progress
from lbmrc.translation.engines.base import AligningEngine, Engine, Output
from lbmrc.translation.recovery.degeneration import degeneration_reason
from lbmrc.translation.store import Store

RecoveryCheck = Callable[[str, str], bool]


class Translator(Protocol):
    """What answer recovery needs: `TranslationCache`, or several in a chain.

    ``aligner``: the engine, if it shows its cross-attention from a text to its translation.
    """

    @property
    def name(self) -> str: ...

    @property
    def aligner(self) -> AligningEngine | None: ...

    @property
    def notes(self) -> Counter[str]: ...

    def translate(
        self,
        texts: Iterable[str],
        description: str = "sentences",
        is_recovered: RecoveryCheck | None = None,
    ) -> dict[str, str]: ...


class TranslationCache:
    """Translates each distinct text once, and shows the engine's speed."""

    def __init__(self, engine: Engine, store: Store | None = None) -> None:
        self.engine = engine
        self._store = store
        self._known: dict[str, Output] = {}
        self._requested: dict[str, bool] = {}

    @property
    def name(self) -> str:
        return self.engine.name

    @property
    def aligner(self) -> AligningEngine | None:
        return self.engine if isinstance(self.engine, AligningEngine) else None

    @property
    def notes(self) -> Counter[str]:
        """Counts over the distinct texts requested so far: sources that were split, outputs that
        were cut, and degenerate outputs by reason."""
        unchecked = [text for text, has_check in self._requested.items() if not has_check]
        notes = degenerate_counts((text, self._known[text].text) for text in unchecked)
        for text in self._requested:
            output = self._known[text]
            notes.update(inputs_split=output.split, outputs_cut=output.cut)
        return notes

    def translate(
        self,
        texts: Iterable[str],
        description: str = "sentences",
        is_recovered: RecoveryCheck | None = None,
    ) -> dict[str, str]:
        """Each distinct text with its translation.

        Args:
            texts: the texts.
            description: what the texts are, for the progress bar.
            is_recovered: whether an answer can be read from (text, translation). If given, the bar
                shows the share recovered so far, and `notes` does not count degenerate outputs:
                most of their answers are lost, and the caller counts the ones it keeps.
        """
        distinct = list(dict.fromkeys(texts))
        self._requested.update(dict.fromkeys(distinct, is_recovered is not None))
        if self._store:
            self._known.update(self._store.read_new())
        new = [text for text in distinct if text not in self._known]
        old = [text for text in distinct if text in self._known]
        recovered = (
            sum(is_recovered(text, self._known[text].text) for text in old) if is_recovered else 0
        )
        postfix = {"recovered": f"{recovered / len(old):.1%}"} if is_recovered and old else {}
        with progress(len(distinct), description, " texts", initial=len(old)) as bar:
            bar.set_postfix(postfix, refresh=False)
            for index, output in self.engine.stream(new):
                text = new[index]
                self._known[text] = output
                if self._store:
                    self._store.add(text, output)
                bar.update()
                if is_recovered:
                    recovered += is_recovered(text, output.text)
                    bar.set_postfix(recovered=f"{recovered / bar.n:.1%}", refresh=False)
        if self._store:
            self._store.flush()
        return {text: self._known[text].text for text in distinct}


def degenerate_counts(pairs: Iterable[tuple[str, str]]) -> Counter[str]:
    """How many of the (text, translation) are degenerate, by reason: ``degenerate_length`` …"""
    reasons = [degeneration_reason(*pair) for pair in pairs]
    return Counter(f"degenerate_{reason}" for reason in reasons if reason)

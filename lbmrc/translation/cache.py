"""Work done once: each distinct text is asked of an engine once, by all runs that share a store.

Goes in: texts, in any number and order. Comes out: each distinct one with its translation, from
this run's memory, from the store, or else from the engine.
"""

from collections import Counter
from collections.abc import Callable, Iterable

from lbmrc.common.progress import progress
from lbmrc.translation.engines.base import Engine, Output
from lbmrc.translation.recovery.degeneration import degeneration_reason
from lbmrc.translation.store import Store

Judge = Callable[[str, str], bool]


class TranslationCache:
    """Asks an engine for each distinct text once, and shows how fast it answers."""

    def __init__(self, engine: Engine, store: Store | None = None) -> None:
        self.engine = engine
        self._store = store
        self._known: dict[str, Output] = {}
        self._asked: dict[str, bool] = {}

    @property
    def notes(self) -> Counter[str]:
        """What is to be noted about the distinct texts that were asked of this memo: how many were
        split, how many cut, and how many translations are none, for which reason."""
        notes: Counter[str] = Counter()
        for text, judged in self._asked.items():
            output = self._known[text]
            notes.update(inputs_split=output.split, outputs_cut=output.cut)
            if not judged and (reason := degeneration_reason(text, output.text)):
                notes[f"degenerate_{reason}"] += 1
        return notes

    def translate(
        self, texts: Iterable[str], what: str = "sentences", recovered: Judge | None = None
    ) -> dict[str, str]:
        """Each distinct text with its translation; ``what`` they are, for the progress bar.

        ``recovered`` says whether an answer can be read off a text's translation; the bar then
        shows how many could so far, and what is none is not noted, as no answer comes of it.
        """
        distinct = list(dict.fromkeys(texts))
        self._asked.update(dict.fromkeys(distinct, recovered is not None))
        if self._store:
            self._known.update(self._store.read_new())
        new = [text for text in distinct if text not in self._known]
        old = [text for text in distinct if text in self._known]
        right = sum(recovered(text, self._known[text].text) for text in old) if recovered else 0
        sofar = {"recovered": f"{right / len(old):.1%}"} if recovered and old else {}
        with progress(len(distinct), what, " texts", initial=len(old)) as bar:
            bar.set_postfix(sofar, refresh=False)
            for index, output in self.engine.stream(new):
                text = new[index]
                self._known[text] = output
                if self._store:
                    self._store.add(text, output)
                bar.update()
                if recovered:
                    right += recovered(text, output.text)
                    bar.set_postfix(recovered=f"{right / bar.n:.1%}", refresh=False)
        if self._store:
            self._store.flush()
        return {text: self._known[text].text for text in distinct}

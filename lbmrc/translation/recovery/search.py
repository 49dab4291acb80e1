"""The steps of the cascade: one answer, one source text, one clean translation, and where it is.

Each step takes the answers that are still open and settles those that it can; only these cost more
work. What an engine is asked goes through the memo, so the same answer in the same sentence is
asked once, and a later run asks nothing again.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lbmrc.translation.cache import Memo
from lbmrc.translation.engines.base import AligningEngine
from lbmrc.translation.recovery.alignment import align
from lbmrc.translation.recovery.degenerate import degenerate
from lbmrc.translation.recovery.lenient import mistakable, recover_tolerant
from lbmrc.translation.recovery.marked_sentences import Unit
from lbmrc.translation.recovery.markers import Lost, Recovered, recover
from lbmrc.translation.recovery.projection import (
    Place,
    exact,
    fuzzy,
    hint_across,
    hint_between,
    in_pairs,
    occurrences,
)

_SEPARATORS = ",.'\u2019\u00a0\u202f "


@dataclass(slots=True)
class Task:
    """An answer and how far the search for it has come.

    ``clean``: the translation of the unit, in which the answer is sought. ``read``: what stood
    between markers, in the order of the pairs tried. ``place`` and ``step``: where it is, and what
    found it.
    """

    unit: Unit
    clean: str
    read: list[Recovered] = field(default_factory=list)
    place: Place | None = None
    step: str = ""

    @property
    def answer(self) -> str:
        return self.unit.text[self.unit.start : self.unit.end]

    def settle(self, step: str, place: Place | None) -> bool:
        """Note what a step found, if it did."""
        if place is not None:
            start, end = in_pairs(self.clean, place.start, place.end, self.answer)
            self.place, self.step = Place(start, end, place.confidence), step
        return place is not None


def search(tasks: Iterable[Task], memo: Memo, styles: Sequence[Sequence[str]]) -> None:
    """Find the answers of all tasks, as far as they can be; ``styles``: the pairs of markers."""
    tasks = list(tasks)
    for number, markers in enumerate(styles):
        step = "markers" if number == 0 else f"markers {' '.join(markers)}"
        by_markers(_open(tasks), memo, markers, step)
    by_projection(_open(tasks))
    by_itself(_open(tasks), memo)
    verbatim(_open(tasks))
    by_attention(_open(tasks), memo)


def by_markers(tasks: Sequence[Task], memo: Memo, markers: Sequence[str], step: str) -> None:
    """What stands between the markers, where it stands in the clean translation beyond doubt."""
    marked = {id(task): task.unit.marked(markers) for task in tasks}
    sources = [source for source in marked.values() if isinstance(source, str)]
    what = f"marked {' '.join(markers)}"
    translations = memo.translate(
        sources, what, lambda source, it: isinstance(read(source, it, markers), Recovered)
    )
    for task in tasks:
        source = marked[id(task)]
        found = read(source, translations[source], markers) if isinstance(source, str) else source
        if isinstance(found, Lost):
            continue
        task.read.append(found)
        place = Place(found.start, found.end, 1.0)
        if found.text != task.clean:
            place = exact(_between(found), task.clean, _hint(found, task.clean))
        if place is not None and place.confidence == 1:
            task.settle(step, place)


def read(source: str, translation: str, markers: Sequence[str]) -> Recovered | Lost:
    """The answer in the translation of a marked text, in markers as they are or nearly so."""
    if degenerate(source, translation):
        return Lost("degenerate")
    found = recover(translation, markers)
    if isinstance(found, Lost):
        unmarked = source.replace(markers[0], "", 1).replace(markers[1], "", 1)
        if not mistakable(unmarked, markers):
            return recover_tolerant(translation, markers)
    return found


def by_projection(tasks: Iterable[Task]) -> None:
    """What stood between markers, where it stands nearly, or in several places."""
    for task in tasks:
        for found in task.read:
            hint = _hint(found, task.clean)
            if task.settle("projected", fuzzy(_between(found), task.clean, hint)):
                break


def by_itself(tasks: Sequence[Task], memo: Memo) -> None:
    """The answer's own translation, exactly, then nearly."""
    translations = memo.translate((task.answer for task in tasks), "answers")
    for task in tasks:
        translation = _as_part(task.answer, translations[task.answer])
        if not translation or degenerate(task.answer, translation):
            continue
        hint = hint_across(task.unit.text, task.unit.start, task.unit.end, task.clean)
        if not task.settle("standalone", exact(translation, task.clean, hint)):
            task.settle("standalone-near", fuzzy(translation, task.clean, hint))


def verbatim(tasks: Iterable[Task]) -> None:
    """Numbers, dates and names that stand in the translation as in the source."""
    for task in tasks:
        answer = task.answer
        if not any(c.isdigit() for c in answer) and not all(w[0].isupper() for w in answer.split()):
            continue
        hint = hint_across(task.unit.text, task.unit.start, task.unit.end, task.clean)
        same = re.search(_number(answer), task.clean) if answer[0].isdigit() else None
        if occurrences(answer, task.clean) or same is None:
            task.settle("verbatim", exact(answer, task.clean, hint))
        else:
            task.settle("verbatim", exact(same.group(), task.clean, hint))


def by_attention(tasks: Sequence[Task], memo: Memo) -> None:
    """The words whose attention lies on the answer, where the engine shows it."""
    if not tasks or not isinstance(memo.engine, AligningEngine):
        return
    attentions = memo.engine.attend([(task.unit.text, task.clean) for task in tasks])
    for task, attention in zip(tasks, attentions, strict=True):
        if attention is not None:
            span = task.unit.start, task.unit.end
            task.settle("attention", align(attention, task.unit.text, span, task.clean))


def _open(tasks: Iterable[Task]) -> list[Task]:
    return [task for task in tasks if task.place is None]


def _between(found: Recovered) -> str:
    return found.text[found.start : found.end]


def _hint(found: Recovered, clean: str):
    return hint_between(found.text, found.start, found.end, clean)


def _as_part(answer: str, translation: str) -> str:
    """A translation as it would be inside a sentence: without a full stop of its own."""
    translation = translation.strip()
    return translation if answer.endswith(".") else translation.rstrip(".").rstrip()


def _number(answer: str) -> str:
    """A pattern of the same number with other separators."""
    separator = f"[{re.escape(_SEPARATORS)}]"
    return "".join(separator if c in _SEPARATORS else re.escape(c) for c in answer)

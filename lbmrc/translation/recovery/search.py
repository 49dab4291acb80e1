"""The steps of the cascade: finding one answer of a source text in its clean translation.

Each step processes only the answers that no earlier step has found. Translations are requested
through the cache, so the same answer in the same sentence is translated only once across runs.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from lbmrc.translation.cache import Translator
from lbmrc.translation.recovery.alignment import align
from lbmrc.translation.recovery.degeneration import degeneration_reason
from lbmrc.translation.recovery.lenient import has_marker_lookalike, recover_lenient
from lbmrc.translation.recovery.marked_sentences import TranslationUnit
from lbmrc.translation.recovery.markers import Lost, Recovered, recover_answer
from lbmrc.translation.recovery.projection import (
    Match,
    balance_quotes,
    find_exact,
    find_fuzzy,
    hint_across,
    hint_between,
    occurrences,
)

_SEPARATORS = ",.'\u2019\u00a0\u202f "


@dataclass(slots=True)
class AnswerSearch:
    """An answer and the state of the search for it.

    ``clean``: the translation of the unit, in which the answer is searched for. ``read``: answers
    recovered from markers, in the order of the pairs tried. ``place`` and ``step``: the span found,
    and the step that found it.
    """

    unit: TranslationUnit
    clean: str
    read: list[Recovered] = field(default_factory=list)
    place: Match | None = None
    step: str = ""

    @property
    def answer(self) -> str:
        return self.unit.text[self.unit.start : self.unit.end]

    def settle(self, step: str, place: Match | None) -> bool:
        """Record the span that a step found, if any; returns whether there is one."""
        if place is not None:
            start, end = balance_quotes(self.clean, place.start, place.end, self.answer)
            self.place, self.step = Match(start, end, place.confidence), step
        return place is not None


def search_answers(
    tasks: Iterable[AnswerSearch], cache: Translator, styles: Sequence[Sequence[str]]
) -> None:
    """Run all steps on the tasks, in place; ``styles`` are the pairs of markers to try."""
    tasks = list(tasks)
    for number, markers in enumerate(styles):
        step = "markers" if number == 0 else f"markers {' '.join(markers)}"
        search_by_markers(_open(tasks), cache, markers, step)
    search_by_projection(_open(tasks))
    search_by_standalone(_open(tasks), cache)
    search_verbatim(_open(tasks))
    search_by_attention(_open(tasks), cache)


def search_by_markers(
    tasks: Sequence[AnswerSearch], cache: Translator, markers: Sequence[str], step: str
) -> None:
    """The text between the markers, if it has an unambiguous match in the clean translation."""
    marked = {id(task): task.unit.marked(markers) for task in tasks}
    sources = [source for source in marked.values() if isinstance(source, str)]
    what = f"marked {' '.join(markers)}"
    translations = cache.translate(
        sources, what, lambda source, it: isinstance(read_marked(source, it, markers), Recovered)
    )
    for task in tasks:
        source = marked[id(task)]
        found = (
            read_marked(source, translations[source], markers)
            if isinstance(source, str)
            else source
        )
        if isinstance(found, Lost):
            continue
        task.read.append(found)
        place: Match | None = Match(found.start, found.end, 1.0)
        if found.text != task.clean:
            place = find_exact(_between(found), task.clean, _hint(found, task.clean))
        if place is not None and place.confidence == 1:
            task.settle(step, place)


def read_marked(source: str, translation: str, markers: Sequence[str]) -> Recovered | Lost:
    """The answer in the translation of a marked text, read strictly or else leniently."""
    if degeneration_reason(source, translation):
        return Lost("degenerate")
    found = recover_answer(translation, markers)
    if isinstance(found, Lost):
        unmarked = source.replace(markers[0], "", 1).replace(markers[1], "", 1)
        if not has_marker_lookalike(unmarked, markers):
            return recover_lenient(translation, markers)
    return found


def search_by_projection(tasks: Iterable[AnswerSearch]) -> None:
    """The text between markers, matched approximately or by one of several occurrences."""
    for task in tasks:
        for found in task.read:
            hint = _hint(found, task.clean)
            if task.settle("projected", find_fuzzy(_between(found), task.clean, hint)):
                break


def search_by_standalone(tasks: Sequence[AnswerSearch], cache: Translator) -> None:
    """The standalone translation of the answer, matched exactly, then approximately."""
    translations = cache.translate((task.answer for task in tasks), "answers")
    for task in tasks:
        translation = _as_part(task.answer, translations[task.answer])
        if not translation or degeneration_reason(task.answer, translation):
            continue
        hint = hint_across(task.unit.text, task.unit.start, task.unit.end, task.clean)
        if not task.settle("standalone", find_exact(translation, task.clean, hint)):
            task.settle("standalone-near", find_fuzzy(translation, task.clean, hint))


def search_verbatim(tasks: Iterable[AnswerSearch]) -> None:
    """Numbers, dates and names that the translation keeps unchanged."""
    for task in tasks:
        answer = task.answer
        if not any(c.isdigit() for c in answer) and not all(w[0].isupper() for w in answer.split()):
            continue
        hint = hint_across(task.unit.text, task.unit.start, task.unit.end, task.clean)
        same = re.search(_number(answer), task.clean) if answer[0].isdigit() else None
        if occurrences(answer, task.clean) or same is None:
            task.settle("verbatim", find_exact(answer, task.clean, hint))
        else:
            task.settle("verbatim", find_exact(same.group(), task.clean, hint))


def search_by_attention(tasks: Sequence[AnswerSearch], cache: Translator) -> None:
    """The words that attend to the answer, if the engine exposes its attention."""
    if not tasks or cache.aligner is None:
        return
    attentions = cache.aligner.attend([(task.unit.text, task.clean) for task in tasks])
    for task, attention in zip(tasks, attentions, strict=True):
        if attention is not None:
            span = task.unit.start, task.unit.end
            task.settle("attention", align(attention, task.unit.text, span, task.clean))


def _open(tasks: Iterable[AnswerSearch]) -> list[AnswerSearch]:
    return [task for task in tasks if task.place is None]


def _between(found: Recovered) -> str:
    return found.text[found.start : found.end]


def _hint(found: Recovered, clean: str):
    return hint_between(found.text, found.start, found.end, clean)


def _as_part(answer: str, translation: str) -> str:
    """A translation as it would be inside a sentence: without a final full stop."""
    translation = translation.strip()
    return translation if answer.endswith(".") else translation.rstrip(".").rstrip()


def _number(answer: str) -> str:
    """A pattern of the same number with other separators."""
    separator = f"[{re.escape(_SEPARATORS)}]"
    return "".join(separator if c in _SEPARATORS else re.escape(c) for c in answer)

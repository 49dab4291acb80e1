"""Answer recovery by a cascade of steps, an alternative to the paper's single step.

A passage is the clean (marker-free) translation of its sentences, shared by all its questions; the
answers are searched for in it (`lbmrc.translation.recovery.search`). The first step that finds an
answer wins:

1. ``markers``: a pair of markers survived the translation (read exactly or leniently), and the text
   between them also occurs in the clean translation;
2. ``markers [ ]`` and so on: the same with other pairs, for the answers not found yet;
3. ``projected``: the text between markers occurs there approximately, or several times;
4. ``standalone``, ``standalone-near``: the answer translated on its own occurs there (nearly);
5. ``verbatim``: a number, a date or a name occurs there unchanged from the source;
6. ``attention``: the words that attend to the answer (`lbmrc.translation.recovery.alignment`).

An answer that no step finds is lost as ``not-found``; one whose sentence has no usable translation
(`lbmrc.translation.recovery.degeneration`) as ``degenerate``; one without a visible character as
``blank``. The first check of all: an example whose question has no usable translation is lost as
``degenerate-question``.
"""

from collections.abc import Iterable, Mapping, Sequence

from lbmrc.common.spans import Span
from lbmrc.data.examples import Answer, Example
from lbmrc.translation import sentences
from lbmrc.translation.cache import Translator
from lbmrc.translation.recovery.degeneration import degeneration_reason, usable_question
from lbmrc.translation.recovery.funnel import Finding, Funnel
from lbmrc.translation.recovery.marked_sentences import TranslationUnit, answer_unit
from lbmrc.translation.recovery.markers import MARKERS, Lost
from lbmrc.translation.recovery.search import AnswerSearch, search_answers
from lbmrc.translation.sentences import split_sentences
from lbmrc.translation.translate import Translation, in_language

OTHER_MARKERS = (("[", "]"), ("<b>", "</b>"), ('"', '"'))


class _Passage:
    """A passage's sentences, its translation, and where each translated sentence starts."""

    def __init__(self, text: str, spans: Sequence[Span], plain: Mapping[str, str]) -> None:
        texts = [plain[text[slice(*span)]] for span in spans]
        self.spans = spans
        self.translation, self.starts = sentences.replace_spans(text, spans, texts)
        self._ends = [start + len(t) for start, t in zip(self.starts, texts, strict=True)]

    def part(self, unit: TranslationUnit) -> str:
        """The translation of a unit."""
        return self.translation[self.starts[unit.first] : self._ends[unit.last]]


def translate_cascade(
    examples: Iterable[Example],
    language: str,
    cache: Translator,
    markers: Sequence[str] = MARKERS,
    other_markers: Iterable[Sequence[str]] = OTHER_MARKERS,
) -> Translation:
    """Translate examples into ``language`` and find their first answers by the cascade."""
    examples = list(examples)
    spans = {e.passage: split_sentences(e.passage) for e in examples}
    plain = cache.translate(
        passage[slice(*span)] for passage, each in spans.items() for span in each
    )
    translated = cache.translate((e.question for e in examples), "questions")
    questions = {e.id: usable_question(e.question, translated[e.question]) for e in examples}
    passages = {passage: _Passage(passage, each, plain) for passage, each in spans.items()}

    tasks: dict[tuple, AnswerSearch] = {}  # one per distinct answer in a distinct text
    of_example: list[AnswerSearch | Lost] = []
    for example in examples:
        unit = answer_unit(example, spans[example.passage])
        if isinstance(unit, Lost):
            of_example.append(unit)
            continue
        clean = passages[example.passage].part(unit)
        key = (unit.text, unit.start, unit.end, clean)
        of_example.append(tasks.setdefault(key, AnswerSearch(unit, clean)))
    usable = [
        task for task in tasks.values() if not degeneration_reason(task.unit.text, task.clean)
    ]
    search_answers(usable, cache, [markers, *other_markers])

    kept, found = [], {}
    funnel = Funnel(language, cache.name)
    for example, task in zip(examples, of_example, strict=True):
        sample = {"id": example.id, "answer": example.answers[0].text}
        if isinstance(task, AnswerSearch):
            sample |= {"sentence": task.unit.text, "translation": task.clean}
        question = questions[example.id]
        if question is None:
            sample = {"id": example.id, "question": translated[example.question]}
            funnel.count("degenerate-question", sample)
            continue
        if isinstance(task, Lost) or task.place is None:
            funnel.count(_reason(task), sample)
            continue
        passage, place = passages[example.passage], task.place
        start = passage.starts[task.unit.first] + place.start
        answer = Answer(task.clean[place.start : place.end], start)
        funnel.count(None, sample | {"recovered": answer.text}, task.step)
        found[example.id] = Finding(task.step, place.confidence)
        kept.append(in_language(example, language, passage.translation, question, answer))
    funnel.notes = cache.notes
    return Translation(kept, questions, funnel, found)


def _reason(task: AnswerSearch | Lost) -> str:
    if isinstance(task, Lost):
        return task.reason
    return "degenerate" if degeneration_reason(task.unit.text, task.clean) else "not-found"

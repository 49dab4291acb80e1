"""SQuAD's questions and passages in a branch's language (Section 4.1, "Data Construction").

Input: the English examples and an engine behind a cache (for published translations see
`lbmrc.translation.readymade`). Output, in the language k: the monolingual examples whose answer was
recovered (the others are discarded, as in the paper); the translations of all questions, including
those of lost answers, since branches pair them with passages in other languages; and the funnel,
which counts the losses by reason. A question whose translation is degenerate counts as
untranslated and has no monolingual example.

Passages are translated by sentence. A distinct sentence or question is translated once; only the
sentence with the answer is translated again with the markers, once for each answer in it. An
example's passage combines that sentence with the plain translations of the others. Sentences that
share an answer form one unit.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from lbmrc.common.shards import Shard
from lbmrc.common.spans import Span
from lbmrc.data.examples import Answer, Example
from lbmrc.translation import sentences
from lbmrc.translation.cache import Translator
from lbmrc.translation.recovery.degeneration import degeneration_reason, usable_question
from lbmrc.translation.recovery.funnel import Finding, Funnel
from lbmrc.translation.recovery.marked_sentences import TranslationUnit, answer_unit
from lbmrc.translation.recovery.markers import MARKERS, Lost, Recovered, recover_answer
from lbmrc.translation.sentences import split_sentences


@dataclass(frozen=True)
class Translation:
    """A data set in another language.

    ``examples``: passage and question in the language, in the source's order, without lost ones.
    ``questions``: every example's question in the language, by id, including lost examples; None
    if its translation is degenerate, or missing from a ready-made translation.
    ``found``: how the answer of each of the examples was found, by id.
    """

    examples: list[Example]
    questions: dict[str, str | None]
    funnel: Funnel
    found: dict[str, Finding]


def translate_squad(
    examples: Iterable[Example],
    language: str,
    cache: Translator,
    markers: Sequence[str] = MARKERS,
) -> Translation:
    """Translate examples into ``language`` and keep those whose first answer is recovered.

    In addition to `recover_answer`'s reasons, an answer is lost as ``marker-in-text`` if its
    sentence already contains a marker, and as ``blank`` if it has no visible character. The first
    check is ``degenerate-question``: the question has no usable translation.
    """
    examples = list(examples)
    spans = {passage: split_sentences(passage) for passage in {e.passage for e in examples}}
    units = [answer_unit(example, spans[example.passage]) for example in examples]
    sources = [
        unit.marked(markers) if isinstance(unit, TranslationUnit) else unit for unit in units
    ]

    plain = cache.translate(
        example.passage[slice(*span)]
        for example, unit, source in zip(examples, units, sources, strict=True)
        if isinstance(unit, TranslationUnit) and isinstance(source, str)
        for span in _others(spans[example.passage], unit)
    )
    translated = cache.translate((e.question for e in examples), "questions")
    questions = {e.id: usable_question(e.question, translated[e.question]) for e in examples}
    marked = cache.translate(
        (source for source in sources if isinstance(source, str)),
        "marked sentences",
        lambda _, translation: isinstance(recover_answer(translation, markers), Recovered),
    )

    kept, degenerate = [], {}
    funnel = Funnel(language, cache.name)
    for example, unit, source in zip(examples, units, sources, strict=True):
        sample = {"id": example.id, "answer": example.answers[0].text}
        found: Recovered | Lost
        if isinstance(source, str):
            sample |= {"marked": source, "translation": marked[source]}
            found = recover_answer(marked[source], markers)
        else:
            found = source
        question = questions[example.id]
        if question is None:
            sample = {"id": example.id, "question": translated[example.question]}
            funnel.count("degenerate-question", sample)
            continue
        if isinstance(found, Lost):
            funnel.count(found.reason, sample)
            continue
        assert isinstance(unit, TranslationUnit)  # else it was lost
        funnel.count(None, sample | {"recovered": found.text[found.start : found.end]})
        around = spans[example.passage]
        kept.append(_rebuilt(example, around, unit, plain, found, question, language))
        degenerate[source] = degeneration_reason(unit.text, found.text)
    funnel.notes = cache.notes
    funnel.notes.update(f"degenerate_{reason}" for reason in degenerate.values() if reason)
    findings = {example.id: Finding("markers", 1.0) for example in kept}
    return Translation(kept, questions, funnel, findings)


def passages_of(examples: Iterable[Example], shard: Shard) -> list[Example]:
    """The examples on one shard of the passages, which one of several jobs translates.

    A later job that translates all examples finds these translations in the store.
    """
    examples = list(examples)
    passages = {*shard.of([*dict.fromkeys(example.passage_id for example in examples)])}
    return [example for example in examples if example.passage_id in passages]


def _others(spans: Sequence[Span], unit: TranslationUnit) -> list[Span]:
    """The sentences around the unit, in order."""
    return [*spans[: unit.first], *spans[unit.last + 1 :]]


def _rebuilt(
    example: Example,
    spans: Sequence[Span],
    unit: TranslationUnit,
    plain: Mapping[str, str],
    found: Recovered,
    question: str,
    language: str,
) -> Example:
    """The example in ``language``; in its passage, translations replace the sentences."""
    around = _others(spans, unit)
    texts = [plain[example.passage[slice(*span)]] for span in around]
    around.insert(unit.first, unit.whole)
    texts.insert(unit.first, found.text)
    passage, starts = sentences.replace_spans(example.passage, around, texts)
    start = starts[unit.first] + found.start
    answer = Answer(found.text[found.start : found.end], start)
    return in_language(example, language, passage, question, answer)


def in_language(
    example: Example, language: str, passage: str, question: str, *answers: Answer
) -> Example:
    """The example with all its texts in ``language``."""
    return replace(
        example,
        passage_language=language,
        question_language=language,
        passage=passage,
        question=question,
        answers=answers,
    )

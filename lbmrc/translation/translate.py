"""SQuAD's questions and passages in a branch's language (Section 4.1, "Data Construction").

Goes in: the English examples and an engine (behind a memo), or somebody's translations of the same
questions. Comes out, in the language k: the monolingual examples whose answer came across (the
others are discarded, as in the paper); every question's translation, those of lost answers too, since in a
branch they are asked of passages in other languages; and the funnel that says what was lost, why.

Passages are translated by sentence. A distinct sentence or question is translated once; only the
sentence with the answer is translated again with the markers, once for each answer in it, and an
example's passage is the plain translation of the other sentences around it. An answer that crosses
sentences makes one unit of them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from lbmrc.errors import UserError
from lbmrc.examples import Answer, Example
from lbmrc.translation import sentences
from lbmrc.translation.markers import MARKERS, Lost, MarkerInText, Recovered, insert, recover
from lbmrc.translation.memo import Memo
from lbmrc.translation.recovery import Funnel
from lbmrc.translation.sentences import Span, split_sentences, trim


@dataclass(frozen=True)
class Translation:
    """A data set in another language.

    ``examples``: passage and question in the language, in the source's order, lost ones left out.
    ``questions``: the question in the language, by id, of every example, lost ones too.
    """

    examples: list[Example]
    questions: dict[str, str]
    funnel: Funnel


@dataclass(frozen=True, slots=True)
class _Unit:
    """The sentences of a passage that hold an answer, as one text.

    ``spans``: the passage's sentences, those of the unit made one, which is number ``index``.
    ``marked``: the unit with the answer in markers, or why it could not be marked.
    """

    spans: tuple[Span, ...]
    index: int
    marked: str | Lost


def translate_squad(
    examples: Iterable[Example],
    language: str,
    memo: Memo,
    markers: Sequence[str] = MARKERS,
) -> Translation:
    """Translate examples into ``language`` and keep those whose first answer is recovered.

    Besides `recover`'s reasons, an answer is lost as ``marker-in-text`` if its sentence holds a
    marker of its own, and as ``blank`` if there is nothing to see in it.
    """
    examples = list(examples)
    spans = {passage: split_sentences(passage) for passage in {e.passage for e in examples}}
    units = [_unit(example, spans[example.passage], markers) for example in examples]

    plain = memo.translate(
        text for e, unit in zip(examples, units, strict=True) for text in _others(e.passage, unit)
    )
    questions = memo.translate((e.question for e in examples), "questions")
    marked = memo.translate(
        (unit.marked for unit in units if isinstance(unit.marked, str)),
        "marked sentences",
        lambda _, translation: isinstance(recover(translation, markers), Recovered),
    )

    kept = []
    funnel = Funnel(language, memo.engine.name, notes=memo.notes)
    for example, unit in zip(examples, units, strict=True):
        found, sample = unit.marked, {"id": example.id, "answer": example.answers[0].text}
        if isinstance(found, str):
            sample |= {"marked": found, "translation": marked[found]}
            found = recover(marked[found], markers)
        if isinstance(found, Lost):
            funnel.count(found.reason, sample)
            continue
        funnel.count(None, sample | {"recovered": found.text[found.start : found.end]})
        kept.append(_rebuilt(example, unit, plain, found, questions[example.question], language))
    return Translation(kept, {e.id: questions[e.question] for e in examples}, funnel)


def align_squad(
    examples: Iterable[Example],
    translated: Iterable[Example],
    language: str,
    engine: str = "ready-made",
) -> Translation:
    """Take others' translations, aligned by question id, whose answers' spans come with them.

    ``translated``: the examples of a SQuAD-format file in ``language``, such as MLQA's
    translate-train or XQuAD's human translations. A question that is not among them is lost as
    ``not-translated`` (MLQA's file leaves lost answers out), an answer that is not where it should
    be as ``misplaced``.

    Raises:
        UserError: if no question of ``examples`` was translated.
    """
    by_id = {example.id: example for example in translated}
    kept, questions = [], {}
    funnel = Funnel(language, engine)
    for example in examples:
        other = by_id.get(example.id)
        sample = {"id": example.id, "answer": example.answers[0].text}
        if other is None:
            funnel.count("not-translated", sample)
            continue
        questions[example.id] = other.question
        answer = other.answers[0]
        if other.passage[answer.start : answer.end] != answer.text or not answer.text.strip():
            funnel.count("misplaced", sample | {"recovered": answer.text})
            continue
        funnel.count(None, sample | {"recovered": answer.text})
        kept.append(
            replace(
                example,
                passage_language=language,
                question_language=language,
                passage=other.passage,
                question=other.question,
                answers=other.answers,
            )
        )
    if not questions:
        raise UserError(
            f"none of {funnel.questions} questions has a translation into {language!r} with the"
            " same id; give the file that translates this data set"
        )
    return Translation(kept, questions, funnel)


def _unit(example: Example, spans: Sequence[Span], markers: Sequence[str]) -> _Unit:
    answer = example.answers[0]
    start, end = trim(example.passage, answer.start, answer.end)
    touched = [i for i, span in enumerate(spans) if span[0] < end and start < span[1]]
    if start == end or not touched:
        return _Unit(tuple(spans), 0, Lost("blank"))
    first, last = touched[0], touched[-1]
    whole = spans[first][0], spans[last][1]
    try:
        text = example.passage[slice(*whole)]
        marked = insert(text, start - whole[0], end - whole[0], markers)
    except MarkerInText:
        marked = Lost("marker-in-text")
    except ValueError:
        marked = Lost("blank")
    return _Unit((*spans[:first], whole, *spans[last + 1 :]), first, marked)


def _others(passage: str, unit: _Unit) -> list[str]:
    """The plain sentences around the unit, in order; none if the answer is lost already."""
    if isinstance(unit.marked, Lost):
        return []
    return [passage[slice(*span)] for i, span in enumerate(unit.spans) if i != unit.index]


def _rebuilt(
    example: Example,
    unit: _Unit,
    plain: dict[str, str],
    found: Recovered,
    question: str,
    language: str,
) -> Example:
    """The example in ``language``, its passage the translations in the sentences' places."""
    texts = [plain[text] for text in _others(example.passage, unit)]
    texts.insert(unit.index, found.text)
    passage, starts = sentences.replace(example.passage, unit.spans, texts)
    answer = Answer(found.text[found.start : found.end], starts[unit.index] + found.start)
    return replace(
        example,
        passage_language=language,
        question_language=language,
        passage=passage,
        question=question,
        answers=(answer,),
    )

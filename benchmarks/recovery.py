"""How many answers each mode of recovery keeps, and how many of those are exact.

    python benchmarks/recovery.py --xquad FOLDER
    python benchmarks/recovery.py --xquad FOLDER --real STORE   # real translators: recovery_real.py

Two tests with known spans, Spanish and German each:

- the synthetic corpus, translated by its own tiny Marian models. Its reference sentences give each
  answer's span; in the machine translation the span is known if the words on both sides of the
  answer match the reference (the other answers are left out, and counted);
- the real XQuAD, whose human translation replaces the machine's: human sentences and spans, with
  markers damaged in ways typical of MT (`WAYS`), drawn again for each style. Some marked sentences
  are also reworded. An answer alone is "translated" as itself, so this gives nothing away.

Prints one line each: recovered (of all), exact (of those kept whose true span is known), F1 of
their characters; then the same for each step of the cascade.
"""

import argparse
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from difflib import SequenceMatcher
from pathlib import Path

from paired import publish
from recovery_real import measure

from lbmrc import miniworld
from lbmrc.common.spans import Span
from lbmrc.data.examples import Answer, Example
from lbmrc.data.squad import read_squad
from lbmrc.miniworld.generator.passages import generate_passages
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines.base import Engine, Output
from lbmrc.translation.engines.transformers import Marian
from lbmrc.translation.recovery.cascade import OTHER_MARKERS, translate_cascade
from lbmrc.translation.recovery.marked_sentences import TranslationUnit, answer_unit
from lbmrc.translation.recovery.markers import MARKERS, Lost, recover_answer
from lbmrc.translation.recovery.search import AnswerSearch, search_answers
from lbmrc.translation.sentences import split_sentences
from lbmrc.translation.translate import Translation, translate_squad

BESIDE = 4  # characters that identify an edge
CHECKPOINTS = Path(miniworld.__file__).parent / "checkpoints"
Result = tuple[str | None, Span | None, Span | None]  # step (None: lost), span found, true span


def show(name: str, results: Iterable[Result]) -> None:
    """Print one line for all, and one per step if there are several."""
    results = list(results)
    kept = [result for result in results if result[0] is not None]
    print(f"{name:42} {_line(kept, len(results))}")
    by_step = defaultdict(list)
    for result in kept:
        by_step[result[0]].append(result)
    for step, some in by_step.items() if len(by_step) > 1 else ():
        print(f"    {step:38} {_line(some, len(results))}")


def _line(kept: list[Result], total: int) -> str:
    known = [(span, truth) for _, span, truth in kept if truth is not None]
    exact = sum(span == truth for span, truth in known)
    f1 = sum(overlap(*pair) for pair in known)
    many = max(1, len(known))
    return (
        f"{len(kept):5} of {total:5} ({len(kept) / total:7.2%})  exact {exact:5} of {len(known):5} "
        f"({exact / many:7.2%})  F1 {f1 / many:7.2%}"
    )


def overlap(one: Span, other: Span) -> float:
    """F1 of the characters of two spans."""
    both = max(0, min(one[1], other[1]) - max(one[0], other[0]))
    return 2 * both / (one[1] - one[0] + other[1] - other[0])


# ------------------------------------------------------------------------- the synthetic corpus


def synthetic_corpus(language: str, count: int) -> None:
    corpus = list(generate_passages("test", count, 11))
    examples = [
        Example(q.id, p.id, "en", "en", p.text["en"], q.text["en"], (_answer(p, q, "en"),))
        for p in corpus
        for q in p.questions
    ]
    truths = {
        q.id: (p.text[language], p.slots[q.slot].spans[language])
        for p in corpus
        for q in p.questions
    }
    cache = TranslationCache(Marian(CHECKPOINTS / f"opus-mt-en-{language}", beams=2))
    for mode, translate in (("markers", translate_squad), ("cascade", translate_cascade)):
        result = translate(examples, language, cache)
        show(f"synthetic corpus, {language}, {mode}", _compare(examples, result, truths))


def _answer(passage, question, language: str) -> Answer:
    start, end = passage.slots[question.slot].spans[language]
    return Answer(passage.text[language][start:end], start)


def _compare(examples, result: Translation, truths) -> Iterator[Result]:
    kept = {e.id: e for e in result.examples}
    for example in examples:
        if example.id not in kept:
            yield None, None, None
            continue
        passage, (answer,) = kept[example.id].passage, kept[example.id].answers
        truth = carried(*truths[example.id], passage)
        yield result.found[example.id].step, (answer.start, answer.end), truth


def carried(text: str, span: Span, other: str) -> Span | None:
    """The span in ``other`` that matches ``span`` in ``text``, if the text next to it matches."""
    blocks = SequenceMatcher(None, text, other, autojunk=False).get_matching_blocks()
    start = _edge(blocks, span[0], -min(BESIDE, span[0]), len(other))
    end = _edge(blocks, span[1], min(BESIDE, len(text) - span[1]), len(other))
    return (start, end) if start is not None and end is not None and start < end else None


def _edge(blocks, at: int, beside: int, length: int) -> int | None:
    """Where ``at`` is in the other text, if ``beside`` characters (before it if negative) match."""
    if beside == 0:
        return 0 if at == 0 else length
    first, last = sorted((at, at + beside))
    for block in blocks:
        if block.a <= first and last <= block.a + block.size:
            return block.b + at - block.a
    return None


# ---------------------------------------------------------------------------------- the real XQuAD


def _spaced(text, start, end, a, b):
    return f"{text[:start]}{a} {text[start:end]} {b}{text[end:]}"


def _torn(text, start, end, a, b):
    return _spaced(text, start, end, " ".join(a), " ".join(b))


def _wide(text, start, end, a, b):
    wide = {ord(c): chr(ord(c) + 0xFEE0) for c in '()[]<>/"'}
    return f"{text[:start]}{a.translate(wide)}{text[start:end]}{b.translate(wide)}{text[end:]}"


def _typographic(text, start, end, a, b):
    to = {"[": "【", "]": "】", "<": "‹", ">": "›"}
    a, b = ("“" if a == '"' else a, "”" if b == '"' else b)
    a, b = ("".join(to.get(c, c) for c in marker) for marker in (a, b))
    return f"{text[:start]}{a}{text[start:end]}{b}{text[end:]}"


def _doubled_open(text, start, end, a, b):
    return f"{text[:start]}{a}{a} {text[start:end]}{b}{text[end:]}"


def _doubled_close(text, start, end, a, b):
    return f"{text[:start]}{a}{text[start:end]}{b} {b}{text[end:]}"


def _close_again(text, start, end, a, b):
    return f"{text[:start]}{a}{text[start:end]}{b}{text[end:]} {b}"


def _swapped(text, start, end, a, b):
    return f"{text[:start]}{b}{text[start:end]}{a}{text[end:]}"


def _no_open(text, start, end, a, b):
    return f"{text[:end]}{b}{text[end:]}"


def _no_close(text, start, end, a, b):
    return f"{text[:start]}{a}{text[start:]}"


def _none(text, start, end, a, b):
    return text


def _whole(text, start, end, a, b):
    return f"{text[:start]}{a}{text[start:end]}{b}{text[end:]}"


# Frequency of each kind of damage to a pair of markers: chosen, not measured.
WAYS = {
    _whole: 40, _spaced: 15, _torn: 5, _wide: 7, _typographic: 7, _doubled_open: 3,
    _doubled_close: 3, _close_again: 3, _swapped: 5, _no_open: 4, _no_close: 4, _none: 4,
}  # fmt: skip
REWORDED = 0.2


class People(Engine):
    """XQuAD's human translation in the role of an engine, with markers damaged at random."""

    name = "people"

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.marked: dict[str, str] = {}

    def learn(self, unit: TranslationUnit, human: str, span: Span) -> None:
        """Register the human translation of a unit and its answer."""
        for markers in (MARKERS, *OTHER_MARKERS):
            source = unit.marked(markers)
            if isinstance(source, str) and source not in self.marked:
                (way,) = self.chance.choices([*WAYS], [*WAYS.values()])
                text, start, end = self._reworded(human, *span)
                self.marked[source] = way(text, start, end, *markers)

    def _reworded(self, text: str, start: int, end: int) -> tuple[str, int, int]:
        """Sometimes drop a word after the answer, or change a letter in it."""
        if self.chance.random() >= REWORDED:
            return text, start, end
        words = text[end:].split(" ")
        if self.chance.random() < 0.5 and len(words) > 2:
            del words[self.chance.randrange(1, len(words))]
            return text[:end] + " ".join(words), start, end
        at = self.chance.randrange(start, end)
        return f"{text[:at]}e{text[at + 1 :]}", start, end

    def stream(self, texts):
        for index, text in enumerate(texts):
            yield index, Output(self.marked.get(text, text))


def xquad(folder: Path, language: str) -> None:
    english, human = (
        read_squad(folder / f"xquad.{x}.json", x, x).examples for x in ("en", language)
    )
    engine, pairs = People(1), []
    for example, other in zip(english, human, strict=True):
        unit, text, span = _sentences(example, other)
        engine.learn(unit, text, span)
        pairs.append((AnswerSearch(unit, text), span))
    cache = TranslationCache(engine)
    search_answers([task for task, _ in pairs], cache, [MARKERS, *OTHER_MARKERS])
    show(f"XQuAD, {language}, markers", (_by_the_paper(engine, *pair) for pair in pairs))
    show(
        f"XQuAD, {language}, cascade",
        (
            (task.step, (task.place.start, task.place.end), span) if task.place else (None,) * 3
            for task, span in pairs
        ),
    )


def _sentences(example: Example, other: Example) -> tuple[TranslationUnit, str, Span]:
    """An answer's English sentence, its human translation and the answer in it; whole passages if
    the sentences cannot be paired."""
    ours, theirs = split_sentences(example.passage), split_sentences(other.passage)
    unit, answer = answer_unit(example, ours), other.answers[0]
    first = last = 0
    if len(ours) == len(theirs):
        first, last = theirs[unit.first][0], theirs[unit.last][1]
    if not first <= answer.start < answer.end <= last:
        unit, first, last = answer_unit(example, [(0, len(example.passage))]), 0, len(other.passage)
    return unit, other.passage[first:last], (answer.start - first, answer.end - first)


def _by_the_paper(engine: People, task: AnswerSearch, span: Span) -> Result:
    """The paper's mode keeps the marked sentence; an answer found there counts as right,
    whatever happened to the words around it."""
    source = task.unit.marked(MARKERS)
    found = recover_answer(engine.marked[source]) if isinstance(source, str) else source
    if isinstance(found, Lost):
        return None, None, None
    return "markers", (found.start, found.end), span


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--xquad", type=Path, help="folder of xquad.{en,es,de}.json")
    parser.add_argument("--passages", type=int, default=100, help="of the synthetic corpus (100)")
    parser.add_argument(
        "--real",
        type=Path,
        metavar="STORE",
        help="measure real translators on XQuAD (`recovery_real`), and these alone; keep their "
        "translations in this folder",
    )
    parser.add_argument(
        "--every", type=int, default=1, help="with --real: only every nth passage (1: all)"
    )
    arguments = parser.parse_args()
    if arguments.real:
        publish("recovery", measure(arguments.xquad, arguments.real, arguments.every))
        return
    for language in ("es", "de"):
        synthetic_corpus(language, arguments.passages)
    for language in ("es", "de") if arguments.xquad else ():
        xquad(arguments.xquad, language)


if __name__ == "__main__":
    main()

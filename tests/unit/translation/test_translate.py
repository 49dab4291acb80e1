"""SQuAD in another language: what is translated, what is kept, and every answer in its place."""

import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbmrc.branches import build_branch, build_mixed
from lbmrc.common.errors import UserError
from lbmrc.common.shards import Shard
from lbmrc.data.examples import Answer, Example, read_examples, write_examples
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines.base import Engine, Output
from lbmrc.translation.recovery.cascade import translate_cascade
from lbmrc.translation.recovery.funnel import (
    Funnel,
    read_questions,
    require_recovered,
    write_funnel,
    write_questions,
)
from lbmrc.translation.store import Store
from lbmrc.translation.translate import passages_of, translate_squad


class Toy(Engine):
    """Puts words in capitals, and hands the last back first.

    It does to markers what MT does: makes space inside them, and ``edits`` of what it wrote.
    """

    name = "toy"

    def __init__(self, edits=(), space=" "):
        self.edits = dict(edits)
        self.space = space
        self.asked = []

    def stream(self, texts):
        self.asked += texts
        for index, text in reversed(list(enumerate(texts))):
            text = text.upper().replace("([", "([" + self.space).replace(")]", self.space + ")]")
            for old, new in self.edits.items():
                text = text.replace(old, new)
            yield index, Output(text)


def example(id, passage, answer, question="Who?", start=None):
    start = passage.index(answer) if start is None else start
    return Example(id, "t/0", "en", "en", passage, question, (Answer(answer, start),))


PASSAGE = "Dr. Ann met Bob.\n\nBob left on 3.5. He (Bob) came back; so did Ann."


def test_the_answer_is_carried_across_and_all_else_kept():
    examples = [
        example("a", PASSAGE, "Ann"),
        example("b", PASSAGE, "Bob", "Who left?", start=18),
        example("c", PASSAGE, "Ann.", "Who came back?", start=len(PASSAGE) - 4),
        example("d", PASSAGE, "Bob", start=PASSAGE.index("(Bob") + 1),
    ]
    result = translate_squad(examples, "es", TranslationCache(Toy()))
    assert result.funnel.as_json()["lost"] == {}
    for before, after in zip(examples, result.examples, strict=True):
        assert (after.id, after.passage_id) == (before.id, before.passage_id)
        assert (after.passage_language, after.question_language) == ("es", "es")
        assert after.passage == PASSAGE.upper()
        assert after.question == before.question.upper()
        (answer,) = after.answers
        assert after.passage[answer.start : answer.end] == answer.text
        assert answer == Answer(before.answers[0].text.upper(), before.answers[0].start)


def test_every_text_is_translated_once():
    engine = Toy()
    examples = [example(str(n), PASSAGE, "Bob", "Who left?", start=18) for n in range(3)]
    translate_squad(
        [*examples, example("x", PASSAGE, "Ann", "Who left?")], "es", TranslationCache(engine)
    )
    assert len(engine.asked) == len(set(engine.asked))
    marked = [text for text in engine.asked if "([" in text]
    assert marked == ["([Bob)] left on 3.5.", "Dr. ([Ann)] met Bob."]
    questions = [text for text in engine.asked if "?" in text]
    assert questions == ["Who left?"]


@pytest.mark.parametrize("recover", [translate_squad, translate_cascade])
def test_what_shards_have_translated_is_not_translated_again(tmp_path, recover):
    examples = [
        replace(example(f"{p}-{n}", f"{PASSAGE} {p}.", "Ann", f"Who {n}?"), passage_id=f"t/{p}")
        for p in range(5)
        for n in range(3)
    ]

    def run(engine, examples):
        with Store(tmp_path, {"engine": "toy"}) as store:
            return recover(examples, "es", TranslationCache(engine, store))

    parts = [passages_of(examples, Shard(number, 3)) for number in (1, 2, 3)]
    assert [example for part in parts for example in part] == examples
    assert [len({e.passage_id for e in part}) for part in parts] == [1, 2, 2]
    for part in parts:
        run(Toy(), part)
    last = Toy()
    found = run(last, examples)
    assert not last.asked
    without = recover(examples, "es", TranslationCache(Toy()))
    assert (found.examples, found.questions) == (without.examples, without.questions)


def test_an_answer_across_sentences_makes_one_unit_of_them():
    engine = Toy()
    result = translate_squad(
        [example("a", PASSAGE, "Bob.\n\nBob left")], "es", TranslationCache(engine)
    )
    assert "Dr. Ann met ([Bob.\n\nBob left)] on 3.5." in engine.asked
    assert result.examples[0].passage == PASSAGE.upper()
    assert result.examples[0].answers == (Answer("BOB.\n\nBOB LEFT", 12),)


def test_what_is_lost_is_counted_and_its_question_still_translated(tmp_path):
    passage = "Ann met Bob. It is ([odd)] here. Eve ran. Al sat. Di ate. Su won."
    engine = Toy({"([ EVE": "EVE", "AL )]": "AL", "([ DI )]": "([ )] DI", "([ SU )]": ")] SU (["})
    answers = ["Ann", "odd", "Eve", "Al", "Di", "Su", " "]
    examples = [example(answer, passage, answer, f"Is {answer}?") for answer in answers]
    result = translate_squad(examples, "de", TranslationCache(engine))
    assert [e.id for e in result.examples] == ["Ann"]
    assert result.questions == {answer: f"IS {answer.upper()}?" for answer in answers}
    assert result.questions[" "] == "IS  ?"
    write_funnel(tmp_path / "recovery.json", result.funnel)
    report = json.loads((tmp_path / "recovery.json").read_text("utf-8"))
    assert (report["language"], report["engine"]) == ("de", "toy")
    assert (report["questions"], report["kept"]) == (7, 1)
    assert report["lost"] == {
        "blank": 1,
        "empty": 1,
        "marker-in-text": 1,
        "missing-close": 1,
        "missing-open": 1,
        "swapped": 1,
    }
    kept = report["samples"][0]
    assert (kept["outcome"], kept["translation"], kept["recovered"]) == (
        "kept",
        "([ ANN )] MET BOB.",
        "ANN",
    )


@pytest.mark.parametrize("translate", [translate_squad, translate_cascade])
@pytest.mark.parametrize("failed", ["", " ", "\u200b", "?!", "WO WO WO WO WO WO WO", "long " * 40])
def test_a_question_that_failed_to_translate_is_no_question(failed, translate):
    examples = [
        example("a", PASSAGE, "Ann", "Who met Bob?"),
        example("b", PASSAGE, "Bob", "Who left?"),
        example("c", PASSAGE, " ", "Who met Bob?"),
    ]
    engine = Toy({"WHO MET BOB?": failed})
    result = translate(examples, "es", TranslationCache(engine))
    assert [e.id for e in result.examples] == ["b"]
    assert result.questions == {"a": None, "b": "WHO LEFT?", "c": None}
    assert result.funnel.lost == {"degenerate-question": 2}
    assert result.funnel.questions == 3
    losses = [s for s in result.funnel.samples if s["outcome"] == "degenerate-question"]
    assert losses[0] == {"outcome": "degenerate-question", "id": "a", "question": failed}
    english = [e for e in examples if e.id != "c"]
    of = {"en": {e.id: e.question for e in examples}, "es": result.questions}
    monolingual = {"en": english, "es": result.examples}
    pairs = [("a", "en", "en"), ("b", "en", "en"), ("b", "en", "es")]
    pairs += [("b", "es", "en"), ("b", "es", "es")]
    for built in (
        [e for x in ("en", "es") for e in build_branch(monolingual[x], of, ["en", "es"])],
        list(build_mixed(monolingual, of, "full", seed=1)),
        list(build_mixed(monolingual, of, "yuan", seed=1)),
    ):
        found = sorted((e.id, e.passage_language, e.question_language) for e in built)
        assert found == pairs


def test_an_answer_sentence_that_is_no_translation_counts_as_recovered_and_is_noted():
    passage = "Ann met Bob. Bob left on 3.5."
    engine = Toy({"MET BOB.": "MET MET MET MET MET MET MET"})
    examples = [example("a", passage, "Ann"), example("b", passage, "Ann", "What?")]
    result = translate_squad(examples, "es", TranslationCache(engine))
    assert [e.answers[0].text for e in result.examples] == ["ANN", "ANN"]
    assert +result.funnel.notes == {"degenerate_repetition": 1}


def test_a_language_with_too_few_answers_stops():
    funnel = Funnel("es", "toy")
    for id in "abcdefghi":
        funnel.count("missing-open", {"id": id, "translation": "ANN )] MET"})
    with pytest.raises(UserError) as none:
        require_recovered(funnel, 0.1, "models/en-es")
    assert str(none.value).startswith(
        'models/en-es: only 0 of 9 answers were recovered in "es" (lost: missing-open 9; '
        'for example {"id": "a", "translation": "ANN )] MET"}'
    )
    assert "translation.min_recovered (0.1)" in str(none.value)
    require_recovered(funnel, 0.0, "models/en-es")
    funnel.count(None, {"id": "j"})
    require_recovered(funnel, 0.1, "models/en-es")
    with pytest.raises(UserError, match="only 1 of 10"):
        require_recovered(funnel, 0.2, "models/en-es")


def test_other_markers():
    engine = Toy()
    examples = [example("a", "Is ([odd)] here.", "odd")]
    result = translate_squad(examples, "es", TranslationCache(engine), ("<b>", "</b>"))
    assert result.funnel.lost == {"missing-both": 1}  # the toy writes <B>
    assert engine.asked == ["Who?", "Is ([<b>odd</b>)] here."]


WORDS = st.sampled_from(
    [
        "one",
        "3.5",
        "(a)",
        '"b"',
        "Dr.",
        "e\u0301",
        "x\u200by",
        "\ufeffz",
        "שלום",
        "مرحبا",
        "end.",
        "A?",
    ]
)
GAPS = st.sampled_from([" ", "\n", "  ", "\n\n", "\u2009"])


@settings(deadline=None)
@given(st.lists(st.tuples(WORDS, GAPS), min_size=1, max_size=30), st.data())
def test_any_answer_of_any_passage_stands_at_its_offset(pieces, data):
    passage = "".join(word + gap for word, gap in pieces)
    starts = [sum(len(w) + len(g) for w, g in pieces[:i]) for i in range(len(pieces))]
    first = data.draw(st.integers(0, len(pieces) - 1))
    last = data.draw(st.integers(first, len(pieces) - 1))
    answer = passage[starts[first] : starts[last] + len(pieces[last][0])]
    (after,) = translate_squad(
        [example("a", passage, answer, "", starts[first])], "es", TranslationCache(Toy())
    ).examples
    assert after.passage == passage.upper()
    assert after.answers == (Answer(answer.upper(), starts[first]),)
    assert after.question == ""


def test_a_long_passage_and_one_of_one_word():
    long = "It was a dark and stormy night, said he. " * 600
    examples = [
        example("a", long, "stormy", start=long.rindex("stormy")),
        example("b", "Word", "Word"),
    ]
    result = translate_squad(examples, "es", TranslationCache(Toy()))
    assert [e.passage for e in result.examples] == [long.upper(), "WORD"]
    assert result.examples[0].answers[0].start == long.rindex("stormy")


def test_a_memo_asks_for_each_text_once_and_keeps_order():
    engine = Toy()
    cache = TranslationCache(engine)
    assert cache.translate(["b", "a", "b"]) == {"b": "B", "a": "A"}
    assert cache.translate(["c", "a"]) == {"c": "C", "a": "A"}
    assert engine.asked == ["b", "a", "c"]
    assert engine.translate(["x", "y", "x"]) == ["X", "Y", "X"]


def test_the_bar_shows_how_many_answers_came_back_so_far(capsys):
    examples = [example(a, "Ann met Bob.", a) for a in ("Ann", "Bob")]
    translate_squad(examples, "es", TranslationCache(Toy({"BOB )]": "BOB"})))
    assert "marked sentences: 2/2 (100%)" in capsys.readouterr().err.split("recovered=50.0%")[0]


def test_the_real_passages_come_back_around_their_answers(xquad_folder):
    english = _xquad(xquad_folder, "en")
    result = translate_squad(english, "es", TranslationCache(Toy(space="")))
    assert result.funnel.lost == {}
    by_id = {e.id: e for e in english}
    for after in result.examples:
        before = by_id[after.id]
        assert after.passage == before.passage.upper()
        answer = before.answers[0]
        assert after.answers[0] == Answer(answer.text.upper(), answer.start)


def test_files(tmp_path):
    result = translate_squad([example("é", PASSAGE, "Ann", "")], "es", TranslationCache(Toy()))
    write_examples(tmp_path / "e.parquet", result.examples)
    write_questions(tmp_path / "q.parquet", result.questions | {"no": None})
    assert list(read_examples(tmp_path / "e.parquet")) == result.examples
    assert read_questions(tmp_path / "q.parquet") == {"é": "", "no": None}
    with pytest.raises(UserError, match="not questions"):
        read_questions(tmp_path / "e.parquet")
    (tmp_path / "q.parquet").write_text("x")
    with pytest.raises(UserError, match=r"q\.parquet"):
        read_questions(tmp_path / "q.parquet")


def _xquad(folder, language):
    articles = json.loads((folder / f"xquad.{language}.json").read_text("utf-8"))["data"]
    return [
        Example(
            qa["id"],
            f"{article['title']}/{number}",
            language,
            language,
            paragraph["context"],
            qa["question"],
            tuple(Answer(a["text"], a["answer_start"]) for a in qa["answers"]),
        )
        for article in articles
        for number, paragraph in enumerate(article["paragraphs"])
        for qa in paragraph["qas"]
    ]

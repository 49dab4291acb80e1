"""Language branches and mixMRC: what is paired, what stays, how many there are."""

from collections import Counter

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lbmrc.branches import (
    Thinning,
    build_branch,
    build_mixed,
    count_languages,
    questions_by_language,
)
from lbmrc.common.errors import UserError
from lbmrc.data.examples import Answer, Example, write_examples

LANGUAGES = ["en", "es", "de"]


def example(language, passage, number):
    return Example(
        id=f"{passage}-{number}",
        passage_id=f"Title/{passage}",
        passage_language=language,
        question_language=language,
        passage=f"[{language}] passage {passage}",
        question=f"[{language}] question {passage}-{number}",
        answers=(Answer("passage", 5),),
    )


def world(kept):
    """Monolingual examples from {language: [questions kept of each passage]}, and all questions."""
    monolingual = {
        language: [
            example(language, passage, number)
            for passage, numbers in enumerate(passages)
            for number in sorted(numbers)
        ]
        for language, passages in kept.items()
    }
    ids = {e.id for examples in monolingual.values() for e in examples}
    questions = {x: {id: f"[{x}] question {id}" for id in ids} for x in kept}
    return monolingual, questions


worlds = st.lists(
    st.tuples(*[st.sets(st.integers(0, 5), max_size=4) for _ in LANGUAGES]), min_size=1, max_size=6
).map(lambda rows: world({x: [row[i] for row in rows] for i, x in enumerate(LANGUAGES)}))


@settings(deadline=None)
@given(worlds)
def test_a_branch_pairs_every_passage_with_questions_in_all_languages(world):
    monolingual, questions = world
    for language, examples in monolingual.items():
        result = list(build_branch(examples, questions, LANGUAGES))
        assert len(result) == len(examples) * len(LANGUAGES)
        originals = {e.id: e for e in examples}
        for e in result:
            original = originals[e.id]
            assert e.passage_language == language
            assert e.question == f"[{e.question_language}] question {e.id}"
            assert (e.passage_id, e.passage) == (original.passage_id, original.passage)
            assert e.answers == original.answers
        assert Counter(e.id for e in result) == {id: len(LANGUAGES) for id in originals}
        assert [e for e in result if e.question_language == language] == examples


@settings(deadline=None)
@given(worlds)
def test_full_mixed_is_the_union_of_the_branches(world):
    monolingual, questions = world
    union = [
        e for examples in monolingual.values() for e in build_branch(examples, questions, LANGUAGES)
    ]
    assert list(build_mixed(monolingual, questions, "full", seed=42)) == union
    expected = {
        language: {other: len(examples) for other in LANGUAGES}
        for language, examples in monolingual.items()
        if examples
    }
    counts = {}
    assert list(count_languages(union, counts)) == union
    assert counts == expected


@settings(deadline=None)
@given(worlds, st.integers(0, 5), st.permutations(LANGUAGES))
def test_a_thinned_branch_asks_in_some_languages_the_passages_own_among_them(world, seed, order):
    monolingual, questions = world
    for language, examples in monolingual.items():
        whole = list(build_branch(examples, questions, LANGUAGES))
        thinner: list[Example] = []
        for count in range(1, len(LANGUAGES) + 1):
            thin = list(build_branch(examples, questions, LANGUAGES, Thinning(count, seed)))
            assert [e for e in whole if e in thin] == thin
            assert Counter(e.id for e in thin) == {e.id: count for e in examples}
            assert [e for e in thin if e.question_language == language] == examples
            assert all(e in thin for e in thinner)
            in_order = build_branch(examples[::-1], questions, order, Thinning(count, seed))
            assert sorted(in_order, key=repr) == sorted(thin, key=repr)
            thinner = thin
        assert thinner == whole


def test_a_thinned_branch_draws_every_other_language_about_equally_often():
    monolingual, questions = world({x: [range(2)] * 600 for x in LANGUAGES})
    drawn = {
        (e.passage_language, e.question_language, e.id)
        for examples in monolingual.values()
        for e in build_branch(examples, questions, LANGUAGES, Thinning(2, seed=1))
    }
    pairs = Counter((passage, question) for passage, question, _ in drawn)
    assert len(pairs) == 9
    assert all(n == 1200 if k == x else 500 < n < 700 for (k, x), n in pairs.items())
    # each branch draws for itself: D_en and D_de ask half of the questions alike in Spanish
    in_spanish = {k: {id for p, q, id in drawn if (p, q) == (k, "es")} for k in ("en", "de")}
    assert 500 < len(in_spanish["en"] ^ in_spanish["de"]) < 700
    other = build_branch(monolingual["en"], questions, LANGUAGES, Thinning(2, seed=2))
    assert {e.id for e in other if ("en", e.question_language, e.id) not in drawn}


def test_a_thinned_branch_draws_among_the_languages_that_have_the_question():
    monolingual, questions = world({x: [range(3)] * 30 for x in LANGUAGES})
    half = {id for id in questions["es"] if id.endswith("1")}
    partly = questions | {
        "es": {id: None if id in half else q for id, q in questions["es"].items()}
    }
    thin = list(build_branch(monolingual["en"], partly, LANGUAGES, Thinning(2, 42)))
    of_lost = Counter((e.id in half, e.question_language) for e in thin)
    assert of_lost[True, "de"] == of_lost[True, "en"] == 30
    assert of_lost[False, "en"] == 60 == of_lost[False, "de"] + of_lost[False, "es"]


def test_full_mixed_is_thinned_as_the_branches_are():
    monolingual, questions = world({x: [range(2)] * 9 for x in LANGUAGES})
    thinning = Thinning(2, 42)
    union = [
        e
        for examples in monolingual.values()
        for e in build_branch(examples, questions, LANGUAGES, thinning)
    ]
    assert list(build_mixed(monolingual, questions, "full", 7, thinning)) == union
    yuan = list(build_mixed(monolingual, questions, "yuan", 7))
    assert list(build_mixed(monolingual, questions, "yuan", 7, thinning)) == yuan


@settings(deadline=None)
@given(worlds, st.integers(0, 5))
def test_yuan_adds_one_question_in_another_language_a_passage(world, seed):
    monolingual, questions = world
    result = list(build_mixed(monolingual, questions, "yuan", seed))
    same = [e for e in result if e.passage_language == e.question_language]
    assert same == [e for examples in monolingual.values() for e in examples]
    crossed = [e for e in result if e.passage_language != e.question_language]
    passages = {(e.passage_language, e.passage_id) for e in same}
    assert Counter((e.passage_language, e.passage_id) for e in crossed) == Counter(passages)
    kept = {(e.passage_language, e.id): e for e in same}
    for e in crossed:
        assert e.question == f"[{e.question_language}] question {e.id}"
        assert e.answers == kept[e.passage_language, e.id].answers
    assert result == list(build_mixed(monolingual, questions, "yuan", seed))


def test_yuan_chooses_every_question_and_language_about_equally_often():
    monolingual, questions = world({x: [range(2)] * 600 for x in LANGUAGES})
    crossed = [
        e
        for e in build_mixed(monolingual, questions, "yuan", seed=1)
        if e.passage_language != e.question_language
    ]
    chosen = Counter((e.passage_language, e.question_language, e.id[-1]) for e in crossed)
    assert len(chosen) == 3 * 2 * 2
    assert all(100 < n < 200 for n in chosen.values())
    other_seed = list(build_mixed(monolingual, questions, "yuan", seed=2))
    assert [e for e in other_seed if e.passage_language != e.question_language] != crossed


def test_yuan_is_not_moved_by_what_other_passages_keep():
    more, questions = world({x: [range(3)] * 5 for x in LANGUAGES})
    fewer = {x: [e for e in examples if e.passage_id != "Title/1"] for x, examples in more.items()}
    expected = [e for e in build_mixed(more, questions, "yuan", 42) if e.passage_id != "Title/1"]
    assert list(build_mixed(fewer, questions, "yuan", 42)) == expected


def test_one_language_has_no_other_to_ask_in():
    monolingual, questions = world({"en": [range(2)]})
    assert list(build_mixed(monolingual, questions, "yuan", 42)) == monolingual["en"]


def test_a_missing_question_is_named():
    monolingual, questions = world({x: [range(2)] for x in LANGUAGES})
    del questions["de"]["0-1"]
    with pytest.raises(UserError, match=r'question "0-1" \(passage Title/0\) is missing in "de"'):
        list(build_branch(monolingual["es"], questions, LANGUAGES))
    del questions["es"]
    with pytest.raises(UserError, match='missing in "es"'):
        list(build_mixed(monolingual, questions, "full", 42))


@settings(deadline=None)
@given(worlds, st.data())
def test_a_question_that_was_not_translated_is_not_asked(world, data):
    monolingual, questions = world
    ids = sorted({id for texts in questions.values() for id in texts})
    gone = {x: data.draw(st.sets(st.sampled_from(ids))) if ids else set() for x in ("es", "de")}
    # A language has no examples whose own question it lacks.
    monolingual = {
        x: [e for e in examples if e.id not in gone.get(x, ())]
        for x, examples in monolingual.items()
    }
    partly = {
        x: {id: None if id in gone.get(x, ()) else text for id, text in texts.items()}
        for x, texts in questions.items()
    }
    for examples in monolingual.values():
        whole = build_branch(examples, questions, LANGUAGES)
        left = [e for e in whole if e.id not in gone.get(e.question_language, ())]
        assert list(build_branch(examples, partly, LANGUAGES)) == left
    result = list(build_mixed(monolingual, partly, "yuan", 42))
    crossed = [e for e in result if e.passage_language != e.question_language]
    assert not [e for e in crossed if e.id in gone.get(e.question_language, ())]
    possible = {
        (e.passage_language, e.passage_id)
        for examples in monolingual.values()
        for e in examples
        for x in LANGUAGES
        if x != e.passage_language and e.id not in gone.get(x, ())
    }
    assert Counter((e.passage_language, e.passage_id) for e in crossed) == Counter(possible)


def test_branches_are_streamed():
    def endless():
        number = 0
        while True:
            yield example("en", number, 0)
            number += 1

    class Asked(dict):
        def __missing__(self, id):
            return f"question {id}"

    stream = build_branch(endless(), {"es": Asked()}, ["en", "es"])
    assert [next(stream).question_language for _ in range(3)] == ["en", "es", "en"]


def test_questions_are_read_by_language(tmp_path):
    monolingual, questions = world({x: [range(2)] * 2 for x in LANGUAGES})
    write_examples(tmp_path / "en.parquet", monolingual["en"])
    files = [tmp_path / f"{language}.parquet" for language in LANGUAGES[1:]]
    for language, file in zip(LANGUAGES[1:], files, strict=True):
        texts = questions[language]
        pq.write_table(pa.table({"id": list(texts), "question": list(texts.values())}), file)
    assert questions_by_language(LANGUAGES, tmp_path / "en.parquet", files) == questions


@pytest.mark.parametrize("content", [b"", b"PAR1 and no more", None])
def test_a_broken_file_of_questions_is_named(tmp_path, content):
    write_examples(tmp_path / "en.parquet", [example("en", 0, 0)])
    if content is None:
        pq.write_table(pa.table({"id": ["0-0"]}), tmp_path / "es.parquet")
    else:
        (tmp_path / "es.parquet").write_bytes(content)
    with pytest.raises(UserError, match=r"es\.parquet: (not a readable|these are not q)"):
        questions_by_language(["en", "es"], tmp_path / "en.parquet", [tmp_path / "es.parquet"])

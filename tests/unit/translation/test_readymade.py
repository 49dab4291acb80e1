"""Others' translations: aligned by id, every answer in its place, whatever was wrong counted."""

import json

import pytest

from lbmrc.common.errors import UserError
from lbmrc.data.examples import Answer, Example
from lbmrc.translation.readymade import align, read_ready_made

PASSAGE = "Ann met Bob in Rome. Bob left."


def english(*ids):
    return [Example(id, "t/0", "en", "en", PASSAGE, "Who?", (Answer("Ann", 0),)) for id in ids]


def qa(id, answer, start, question="¿Quién?"):
    return {"id": id, "question": question, "answers": [{"text": answer, "answer_start": start}]}


def write(folder, *paragraphs, name="es_squad-translate-train-train-v1.1.json"):
    """A file of one article without a title: [(context, [question, …]), …]."""
    paragraphs = [{"context": context, "qas": list(qas)} for context, qas in paragraphs]
    path = folder / name
    path.write_text(json.dumps({"data": [{"paragraphs": paragraphs}]}), encoding="utf-8")
    return path


def test_questions_are_aligned_by_id_and_those_left_out_are_lost(tmp_path):
    path = write(tmp_path, ("Bob vio a Ana.", [qa("b", "Ana", 10), qa("z", "Bob", 0)]))
    result = align(english("a", "b"), path, "es")
    (kept,) = result.examples
    assert (kept.id, kept.passage_id, kept.passage_language) == ("b", "t/0", "es")
    assert (kept.passage, kept.question, kept.question_language) == (
        "Bob vio a Ana.",
        "¿Quién?",
        "es",
    )
    assert kept.answers == (Answer("Ana", 10),)
    assert result.questions == {"a": None, "b": "¿Quién?"}
    assert result.found == {"b": ("ready-made", 1.0)}
    assert result.funnel.as_json() == {
        "language": "es",
        "engine": "ready-made es_squad-translate-train-train-v1.1.json",
        "questions": 2,
        "kept": 1,
        "lost": {"not-translated": 1},
        "notes": {},
        "samples": result.funnel.samples,
    }


SPANISH = "Ana vio a Bob en Roma. Bob, sí, ¡Bob!, se fue en 1952."


@pytest.mark.parametrize(
    ("answer", "start", "found"),
    [
        ("Bob", 10, (Answer("Bob", 10), "ready-made")),
        ("Roma. Bob", 17, (Answer("Roma. Bob", 17), "ready-made")),
        ("Ana vio", 0, (Answer("Ana vio", 0), "ready-made")),
        ("Roma", 3, (Answer("Roma", 17), "ready-made, moved")),
        ("Roma", -4, (Answer("Roma", 17), "ready-made, moved")),
        ("Roma", 4000, (Answer("Roma", 17), "ready-made, moved")),
        ("Roma", None, (Answer("Roma", 17), "ready-made, moved")),
        ("Roma", "17", (Answer("Roma", 17), "ready-made")),
        ("Bob", "10", (Answer("Bob", 10), "ready-made")),
        ("Bob", "10.0", "ambiguous"),
        (" Roma ", 16, (Answer("Roma", 17), "ready-made, moved")),
        ("1952.", 0, (Answer("1952.", 49), "ready-made, moved")),
        ("Bob", 9, "ambiguous"),
        ("Eva", 10, "not-in-passage"),
        ("bob", 9, "not-in-passage"),
        ("95", 0, "not-in-passage"),
        ("", 0, "blank"),
        (" \u200b", 3, "blank"),
        (None, 3, "blank"),
        (7, 3, "blank"),
    ],
)
def test_an_answer_is_where_it_says_or_in_the_one_place_where_it_is(tmp_path, answer, start, found):
    path = write(tmp_path, (SPANISH, [qa("a", answer, start)]))
    result = align(english("a"), path, "es")
    assert result.questions == {"a": "¿Quién?"}
    if isinstance(found, str):
        assert result.funnel.lost == {found: 1}
        assert result.examples == []
    else:
        answer, step = found
        assert result.examples[0].answers == (answer,)
        assert result.found["a"].step == step
        assert result.funnel.notes == ({"answers_moved": 1} if "moved" in step else {})


@pytest.mark.parametrize(
    "record",
    [
        {"id": "a", "question": "¿Qué?"},
        {"id": "a", "question": "¿Qué?", "answers": None},
        {"id": "a", "question": "¿Qué?", "answers": []},
        {"id": "a", "question": "¿Qué?", "answers": [], "is_impossible": True},
    ],
)
def test_a_question_without_an_answer_is_still_asked(tmp_path, record):
    result = align(english("a"), write(tmp_path, (SPANISH, [record])), "es")
    assert result.funnel.lost == {"no-answer": 1}
    assert result.questions == {"a": "¿Qué?"}


def test_malformed_records_are_lost_alone(tmp_path):
    path = write(
        tmp_path,
        (SPANISH, [qa("a", "Ana", 0), qa("b", "Ana", 0, question=None), "c", {"question": "¿?"}]),
        (None, [qa("d", "Ana", 0)]),
        ("half \ud800 of a pair", [qa("e", "half", 0)]),
    )
    content = json.loads(path.read_text())
    content["data"] += [None, {"paragraphs": 3}, {"paragraphs": [[], {"context": "x"}]}]
    path.write_text(json.dumps(content))
    result = align(english(*"abcde"), path, "es")
    assert [e.id for e in result.examples] == ["a"]
    assert result.funnel.lost == {"malformed": 3, "not-translated": 1}
    assert [id for id, question in result.questions.items() if question is None] == list("bcde")


def test_of_an_id_that_comes_again_the_first_counts_that_has_its_answer(tmp_path):
    path = write(
        tmp_path,
        ("Ana vio a Bob.", [qa("a", "Eva", 0), qa("b", "Ana", 0)]),
        ("Bob y Ana.", [qa("a", "Bob", 0), qa("b", "Bob", 0), qa("a", "Ana", 6)]),
    )
    result = align(english("a", "b"), path, "es")
    assert [e.passage for e in result.examples] == ["Bob y Ana.", "Ana vio a Bob."]
    assert result.funnel.notes == {"repeated_ids": 3}


def test_what_is_no_translation_is_counted_once_for_each_text(tmp_path):
    passage = "There Ann met all of her old friends again."
    examples = [
        Example(id, "t/0", "en", "en", passage, question, (Answer("Ann", 6),))
        for id, question in (
            ("a", "Who?"),
            ("b", "Who was it that met all of them?"),
            ("c", "Why?"),
        )
    ]
    copied = qa("b", "Ann", 6, question=examples[1].question)
    records = [qa("a", "Ann", 6, "Quién " * 9), copied, qa("c", "Ann", 6, "")]
    result = align(examples, write(tmp_path, (passage, records)), "es")
    assert result.funnel.notes == {
        "degenerate_copy": 2,
        "degenerate_empty": 1,
        "degenerate_repetition": 1,
    }


@pytest.mark.parametrize("question", ["", " \n", "\u200b\u200f", "¿?", "wo wo wo wo wo wo wo?"])
def test_what_is_no_question_is_neither_asked_nor_trained_on(tmp_path, question):
    records = [qa("a", "Ana", 0, question), qa("b", "Ana", 0), qa("c", "Eva", 0, question)]
    result = align(english("a", "b", "c"), write(tmp_path, (SPANISH, records)), "es")
    assert [e.id for e in result.examples] == ["b"]
    assert result.questions == {"a": None, "b": "¿Quién?", "c": None}
    assert result.funnel.lost == {"degenerate-question": 2}
    (sample, *_) = [s for s in result.funnel.samples if s["outcome"] == "degenerate-question"]
    assert sample["question"] == question


def test_a_number_is_the_id_of_its_digits(tmp_path):
    path = write(tmp_path, (SPANISH, [qa(959, "Ana", 0), qa([1], "Ana", 0), qa(None, "Ana", 0)]))
    result = align(english("959", "1"), path, "es")
    assert [e.id for e in result.examples] == ["959"]
    assert result.funnel.lost == {"not-translated": 1}


def test_answers_as_datasets_exports_them_are_named(tmp_path):
    record = {"id": "a", "question": "¿Quién?", "answers": {"text": ["Ana"], "answer_start": [0]}}
    result = align(english("a"), write(tmp_path, (SPANISH, [record])), "es")
    assert result.funnel.lost == {"malformed-answers": 1}
    assert result.questions == {"a": "¿Quién?"}


def test_another_data_sets_file_is_refused(tmp_path):
    path = write(tmp_path, (SPANISH, [qa("z", "Ana", 0)]))
    with pytest.raises(UserError, match=r"train-v1\.1\.json: none of 2 questions .* same id"):
        align(english("a", "b"), path, "es")


@pytest.mark.parametrize("content", ["[]", '{"data": {}}', "a\tb\n", ""])
def test_a_file_of_another_form_is_refused(tmp_path, content):
    path = tmp_path / "squad.translate.train.en-es.json"
    path.write_text(content)
    with pytest.raises(UserError, match=r"en-es\.json: (no list \"data\"|not valid JSON)"):
        align(english("a"), path, "es")


@pytest.mark.parametrize("language", ["es", "de", "ar", "hi", "vi", "el", "ru", "tr"])
def test_xquads_human_translations_lose_nothing(xquad_folder, language):
    path = xquad_folder / "xquad.en.json"
    ids = read_ready_made(path)[0]
    examples = [
        Example(id, "t/0", "en", "en", ready.passage, ready.question, ready.answers)
        for id, ready in ids.items()
    ]
    result = align(examples, xquad_folder / f"xquad.{language}.json", language)
    # Three of XQuAD's Greek questions are the English ones.
    copies = 3 * (language == "el")
    assert len(result.examples) == 1190 - copies
    assert len(result.questions) == 1190
    assert result.funnel.lost == ({"degenerate-question": 3} if copies else {})
    assert result.funnel.notes == ({"degenerate_copy": 3} if copies else {})
    assert {finding.step for finding in result.found.values()} == {"ready-made"}


def test_real_answers_are_found_again_without_their_offsets(xquad_folder, tmp_path):
    """MLQA's or XTREME's way to be wrong, on XQuAD: offsets in bytes, a question in ten missing."""
    content = json.loads((xquad_folder / "xquad.es.json").read_text("utf-8"))
    true, repeated = {}, set()
    for article in content["data"]:
        del article["title"]
        for paragraph in article["paragraphs"]:
            paragraph["qas"] = paragraph["qas"][: -(len(paragraph["qas"]) // 4) or None]
            for question in paragraph["qas"]:
                (answer,) = question["answers"]
                context, start = paragraph["context"], answer["answer_start"]
                true[question["id"]] = start
                if context.count(answer["text"]) > 1:
                    repeated.add(question["id"])
                answer["answer_start"] = len(context[:start].encode()) + 1
    path = tmp_path / "bytes.json"
    path.write_text(json.dumps(content))
    source = read_ready_made(xquad_folder / "xquad.en.json")[0]
    examples = [
        Example(id, "t/0", "en", "en", ready.passage, ready.question, ready.answers)
        for id, ready in source.items()
    ]
    result = align(examples, path, "es")
    lost = result.funnel.lost
    assert lost["not-translated"] == 1190 - len(true) > 200
    kept = {e.id: e.answers[0].start for e in result.examples}
    assert {id for id in kept if kept[id] != true[id]} <= repeated
    assert len(kept) == len(true) - lost["ambiguous"] - lost["not-in-passage"]
    assert len(true) - len(repeated) - len(kept) < 20

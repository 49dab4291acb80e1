"""What a benchmark asks is what it scores, and a perfect system gets 100, whatever is wrong."""

import copy
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from lbmrc.common.errors import UserError
from lbmrc.data.benchmark import check_benchmark
from lbmrc.data.examples import Answer
from lbmrc.data.squad import read_benchmark, read_squad
from lbmrc.evaluation.metrics import score_benchmark, score_file, summarize
from lbmrc.evaluation.question_scores import question_rows
from lbmrc.translation.readymade import align

BEES = "Mira Toval keeps bees near Lodar. She sold 40 jars of honey in 2011."
BRIDGE = "The Lodar bridge is made of oak. It was built in 1874 by Jon Keld."
CELL = {"benchmark": "b", "split": "test", "passage_language": "en", "question_language": "en"}


def qa(id, question, *answers):
    answers = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": id, "question": question, "answers": answers}


INTACT = [
    [qa("q1", "Who keeps bees?", ("Mira Toval", 0)), qa("q2", "How many jars?", ("40", 43))],
    [qa("q3", "Made of what?", ("oak", 28)), qa("q4", "When was it built?", ("1874", 49))],
]
UNANSWERABLE = {**qa("q5", "Who painted the jars?"), "is_impossible": True}


@pytest.fixture
def write(tmp_path):
    def write(bees, bridge):
        path = tmp_path / "bench.en.json"
        paragraphs = [{"context": BEES, "qas": bees}, {"context": BRIDGE, "qas": bridge}]
        content = {"version": "1.1", "data": [{"title": "Lodar", "paragraphs": paragraphs}]}
        path.write_text(json.dumps(content))
        return path

    return write


def perfect(path):
    """The scores and rows of a system that answers everything that it is asked."""
    examples, left_out = read_benchmark(path, "en", "en", "skip")
    answers = {q.id: q.answers[0][0] for q in check_benchmark(path, "skip").questions}
    predictions = path.with_name("predictions.json")
    predictions.write_text(json.dumps({e.id: answers[e.id] for e in examples}))
    scores = score_benchmark(path, predictions, "squad")
    assert scores.left_out == len(left_out)
    rows = question_rows(path, predictions, scores.questions, CELL, "squad")
    assert [row["id"] for row in rows] == [e.id for e in examples]
    return summarize(scores.questions), rows, left_out


HUNDRED = {"exact_match": 100.0, "f1": 100.0}


def test_a_question_with_a_wrong_offset_is_asked_and_scored(write):
    questions = copy.deepcopy(INTACT)
    questions[1][0]["answers"][0]["answer_start"] = 29
    path = write(*questions)
    for policy in ("stop", "skip"):
        examples, left_out = read_benchmark(path, "en", "en", policy)
        assert [e.id for e in examples] == ["q1", "q2", "q3", "q4"]
        assert left_out == []
    assert examples[2].answers == () and examples[3].answers == (Answer("1874", 49),)
    scores, rows, _ = perfect(path)
    assert scores == HUNDRED
    assert (rows[2]["gold"], rows[2]["gold_start"]) == ("oak", None)
    with pytest.raises(UserError, match=r"answer_start \(id \"q3\"\): is 29"):
        read_squad(path, "en", "en")  # training needs the offset


@pytest.mark.parametrize("start", [-1, None, "x", 10**12, 4.5])
def test_a_second_answer_without_a_place_costs_nothing(write, start):
    questions = copy.deepcopy(INTACT)
    questions[0][0]["answers"].append({"text": "Toval the beekeeper", "answer_start": start})
    path = write(*questions)
    examples, left_out = read_benchmark(path, "en", "en")
    assert left_out == [] and examples[0].answers == (Answer("Mira Toval", 0),)
    assert perfect(path)[0] == HUNDRED


def test_a_question_without_an_answer_stops_or_is_left_out(write):
    path = write([*INTACT[0], UNANSWERABLE], INTACT[1])
    with pytest.raises(UserError, match=r"bench\.en\.json: .*qas\[2\]\.answers \(id \"q5\"\)"):
        check_benchmark(path)
    benchmark = check_benchmark(path, "skip")
    assert [question.id for question in benchmark.questions] == ["q1", "q2", "q3", "q4"]
    scores, rows, left_out = perfect(path)
    assert scores == HUNDRED and len(rows) == 4
    assert str(left_out[0]).startswith('data[0].paragraphs[0].qas[2].answers (id "q5"): has no')


BAD = {
    "no answers": {"id": "q5", "question": "Who?"},
    "answers as datasets exports them": {
        "id": "q5",
        "question": "Who?",
        "answers": {"text": ["Mira Toval"], "answer_start": [0]},
    },
    "an answer without a text": {"id": "q5", "question": "Who?", "answers": [{"answer_start": 0}]},
    "an empty answer": qa("q5", "Who?", ("", 0)),
    "white space for an answer": qa("q5", "Who?", (" ", 4)),
    "a number for an answer": qa("q5", "Who?", (40, 43)),
    "no question": qa("q5", None, ("40", 43)),
    "an id that is a list": qa(["q5"], "Who?", ("40", 43)),
    "an id that is a fraction": qa(5.0, "Who?", ("40", 43)),
    "an id that is null": qa(None, "Who?", ("40", 43)),
    "an id that was used": qa("q1", "Who?", ("40", 43)),
    "half a character": qa("q5", "\ud83d?", ("40", 43)),
    "no object": "q5",
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_scored_is_left_out_of_questions_and_scores(write, name):
    path = write([*INTACT[0], BAD[name]], INTACT[1])
    with pytest.raises(UserError, match=r"bench\.en\.json: data\[0\]\.paragraphs\[0\]\.qas\[2\]"):
        read_benchmark(path, "en", "en")
    scores, rows, left_out = perfect(path)
    assert scores == HUNDRED and len(rows) == 4 and len(left_out) == 1


def test_a_file_without_a_question_that_can_be_scored_is_always_an_error(write):
    path = write([UNANSWERABLE], [])
    for policy in ("stop", "skip"):
        with pytest.raises(UserError, match=r"bench\.en\.json"):
            check_benchmark(path, policy)


def test_on_a_file_as_it_should_be_scores_are_the_official_ones(write, capsys):
    path = write(*INTACT)
    predictions = path.with_name("predictions.json")
    predictions.write_text(json.dumps({"q1": "Toval", "q2": "40 jars", "q3": "Oak!"}))
    scores, left_out = score_benchmark(path, predictions, "squad")
    assert summarize(scores) == score_file(path, predictions, "squad") and left_out == 0
    assert capsys.readouterr().err == 2 * "Unanswered question q4 will receive score 0.\n"


@pytest.fixture(scope="module")
def tquad():
    """The real TQuAD's dev set: ids are numbers, and answer_start is text."""
    beside = Path(__file__).parents[4] / "shared/data/tquad"
    path = Path(os.environ.get("LBMRC_TQUAD", beside)) / "dev-v0.1.json"
    if not path.exists():
        pytest.skip(f"the real TQuAD is not at {path} (set LBMRC_TQUAD to its folder)")
    return path


def test_the_real_tquad_is_read_whole_and_scored(tquad, tmp_path):
    path = tmp_path / "dev.json"
    path.write_bytes(tquad.read_bytes())
    content = json.loads(path.read_text("utf-8"))["data"]
    records = [r for a in content for p in a["paragraphs"] for r in p["qas"]]
    assert len(records) == 892 and {type(record["id"]) for record in records} == {int}
    scores, rows, left_out = perfect(path)
    assert scores == HUNDRED and len(rows) == 892 and left_out == []
    examples, bad = read_squad(path, "tr", "tr")
    assert len(examples) == 892 and bad == []
    source = [replace(e, question=f"Or: {e.question}") for e in examples]  # no copy is a question
    translated = align(source, path, "tr")
    assert len(translated.examples) == 892
    assert {finding.step for finding in translated.found.values()} == {"ready-made"}

"""Scores of single questions: their places in the passage, and what the files' averages are."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.common.errors import UserError
from lbmrc.data.squad import read_squad
from lbmrc.evaluation.metrics import score_file, score_questions_of_file
from lbmrc.evaluation.question_scores import (
    SCHEMA,
    AnswerSpans,
    nearest_spans,
    question_rows,
    read_questions,
    write_questions,
)

CELL = {"benchmark": "xquad", "split": "test", "passage_language": "en", "question_language": "en"}
PASSAGE = "In 1920 Ada left Rome; in 1931 Ada came back to Rome."


def test_of_several_occurrences_the_nearest_to_gold_counts():
    assert nearest_spans(PASSAGE, "Ada", [("Ada came", 31)]) == AnswerSpans((31, 34), (31, 39))
    assert nearest_spans(PASSAGE, "Rome", [("1920", 3)]) == AnswerSpans((17, 21), (3, 7))


def test_of_several_gold_answers_the_nearest_counts():
    answers = [("1920", 3), ("in 1931", 23), ("1931", 26)]
    assert nearest_spans(PASSAGE, "1931", answers) == AnswerSpans((26, 30), (26, 30))


def test_a_prediction_that_is_not_in_the_passage_has_no_place():
    for prediction in ("Paris", "", None):
        assert nearest_spans(PASSAGE, prediction, [("Ada", 8)]) == AnswerSpans(None, (8, 11))
    assert nearest_spans(PASSAGE, "Ada", [("Ada", 9)]) == AnswerSpans(None, None)


@given(st.text("ab \u0301é", min_size=1, max_size=20), st.data())
def test_places_hold_the_texts(passage, data):
    def span():
        start = data.draw(st.integers(0, len(passage) - 1))
        return start, data.draw(st.integers(start + 1, len(passage)))

    (start, end), gold = span(), span()
    found = nearest_spans(passage, passage[start:end], [(passage[slice(*gold)], gold[0])])
    assert found.gold == gold
    assert passage[slice(*found.prediction)] == passage[start:end]
    distance = abs(start - gold[0]) + abs(end - gold[1])
    assert sum(abs(a - b) for a, b in zip(*found, strict=True)) <= distance


@pytest.fixture
def files(tmp_path):
    def qa(id, text, start):
        return {"id": id, "question": "?", "answers": [{"text": text, "answer_start": start}]}

    questions = [qa("a", "Ada", 8), qa("b", "Ada came", 31), qa("c", "Rome", 17), qa("d", "x", 99)]
    dataset = {"data": [{"title": "t", "paragraphs": [{"context": PASSAGE, "qas": questions}]}]}
    (tmp_path / "dataset.json").write_text(json.dumps(dataset))
    (tmp_path / "predictions.json").write_text(json.dumps({"a": "Ada", "b": "Ada", "d": "y"}))
    return tmp_path / "dataset.json", tmp_path / "predictions.json"


def test_rows_go_to_parquet_and_back(files, tmp_path):
    scores = score_questions_of_file(*files, "squad")
    folder = tmp_path / "ours/seed-1/scores"
    folder.mkdir(parents=True)
    write_questions(folder / "questions.parquet", question_rows(*files, scores, CELL, "squad"))
    frame = read_questions(tmp_path, [("ours", 1)])
    assert list(frame.columns) == ["system", "seed", *SCHEMA.names]
    assert list(read_questions(tmp_path, []).columns) == list(frame.columns)
    assert list(frame["id"]) == ["a", "b", "c", "d"]
    assert set(frame["passage_id"]) == {"t/0"}
    assert set(frame["system"]) == {"ours"} and set(frame["seed"]) == {1}
    assert list(frame["exact_match"]) == [1, 0, 0, 0]
    assert frame.loc[1, "f1"] == pytest.approx(2 / 3)
    assert tuple(frame.loc[1, ["prediction_start", "prediction_end"]]) == (31, 34)
    assert tuple(frame.loc[1, ["gold", "gold_start", "gold_end"]]) == ("Ada came", 31, 39)
    assert pd.isna(frame.loc[2, "prediction"]) and pd.isna(frame.loc[2, "prediction_start"])
    assert frame.loc[3, "gold"] == "x" and pd.isna(frame.loc[3, "gold_start"])
    whole = score_file(*files, "squad")
    assert 100 * frame["exact_match"].mean() == pytest.approx(whole["exact_match"])
    assert 100 * frame["f1"].mean() == pytest.approx(whole["f1"])


def test_a_question_names_its_passage_as_the_training_data_do(tmp_path):
    def article(title, *ids):
        return {
            "title": title,
            "paragraphs": [
                {
                    "context": PASSAGE,
                    "qas": [
                        {"id": id, "question": "?", "answers": [{"text": "Ada", "answer_start": 8}]}
                    ],
                }
                for id in ids
            ],
        }

    data, predictions = tmp_path / "data.json", tmp_path / "predictions.json"
    articles = [article("A/B", "1", "2"), article("C", "3"), article("A/B", "4")]
    data.write_text(json.dumps({"data": articles}))
    predictions.write_text("{}")
    scores = score_questions_of_file(data, predictions, "squad")
    rows = question_rows(data, predictions, scores, CELL, "squad")
    names = [example.passage_id for example in read_squad(data, "en", "en").examples]
    assert [row["passage_id"] for row in rows] == names == ["A/B/0", "A/B/1", "C/0", "A/B/2"]


@pytest.mark.parametrize(
    ("prediction", "exact_match", "f1"),
    [
        ("19", 1, 1.0),  # of 1931, the gold answer
        ("1931", 1, 1.0),
        ("in 193", 0, 2 / 3),
        ("da ca", 0, 0.0),
        ("Paris", 0, 0.0),
        (None, 0, 0.0),
    ],
)
def test_whole_words_score_as_the_official_metric_does(tmp_path, prediction, exact_match, f1):
    answers = [{"text": "1931", "answer_start": 26}, {"text": "9", "answer_start": 27}]
    paragraph = {"context": PASSAGE, "qas": [{"id": "a", "question": "?", "answers": answers}]}
    data, predictions = tmp_path / "data.json", tmp_path / "predictions.json"
    data.write_text(json.dumps({"data": [{"title": "t", "paragraphs": [paragraph]}]}))
    predictions.write_text(json.dumps({"a": prediction} if prediction else {}))
    scores = score_questions_of_file(data, predictions, "squad")
    (row,) = question_rows(data, predictions, scores, CELL, "squad")
    assert row["prediction"] == prediction
    assert row["exact_match"] == (prediction == "1931")
    assert (row["whole_word_exact_match"], row["whole_word_f1"]) == (exact_match, pytest.approx(f1))


def test_other_files_are_refused(tmp_path):
    folder = tmp_path / "ours/seed-1/scores"
    folder.mkdir(parents=True)
    (folder / "questions.parquet").write_text("no")
    with pytest.raises(UserError, match=r"seed-1/scores/questions\.parquet: cannot be read"):
        read_questions(tmp_path, [("ours", 1)])
    pq.write_table(pa.table({"id": ["a"]}), folder / "questions.parquet")
    with pytest.raises(UserError, match="not scores of questions"):
        read_questions(tmp_path, [("ours", 1)])

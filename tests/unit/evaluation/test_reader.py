"""The reader against the workflow's own predictions, on small models of two families."""

import subprocess
import sys

import pytest
from readers import WINDOWS, calibrate, write_bert, write_xlm

from lbmrc.common.errors import UserError
from lbmrc.config.stages import DecodingSettings, WindowSettings
from lbmrc.data.examples import Example
from lbmrc.evaluation.prediction import predict
from lbmrc.evaluation.reader import Question, Reader, calibration_file
from lbmrc.model.checkpoint_files import load_tokenizer
from lbmrc.model.span_model import load_model
from lbmrc.windows.build import write_windows
from lbmrc.windows.files import read_windows

PASSAGE = (
    "The Denver Broncos beat the Carolina Panthers 24–10 at Levi's® Stadium. Beyoncé sang “Halo”; "
    "Bruno Mars’s band played ‘Uptown Funk’. Die Straße in Köln heißt „Große Budengasse“. "
    "Москва — столица России. It was the end of a long evening, and everybody went home by train."
)
QUESTIONS = ["Who beat the Carolina Panthers?", "¿Dónde está el niño?", "What did Beyoncé sing?"]


@pytest.fixture(scope="module")
def xlm(tmp_path_factory):
    return write_xlm(tmp_path_factory.mktemp("xlm"))


@pytest.fixture(scope="module")
def reader(xlm):
    return Reader(xlm, batch_size=3)


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return Reader(calibrate(write_bert(tmp_path_factory.mktemp("bert"))), whole_words=False)


def predicted(folder, path, whole_words, languages):
    """The spans of the workflow's own way, by way of a file of windows."""
    tokenizer, model = load_tokenizer(folder), load_model(folder)
    examples = [
        Example(str(n), "", "en", language, PASSAGE, question, ())
        for n, (question, language) in enumerate(zip(QUESTIONS, languages, strict=True))
    ]
    windows = WindowSettings(**WINDOWS)
    write_windows(path, examples, tokenizer, windows, dataset="x", for_prediction=True)
    decoding = DecodingSettings(whole_words=whole_words)
    found = predict(model, read_windows([path]), decoding, "cpu", tokenizer.pad_token_id)
    return [one.spans for one in found]


@pytest.mark.parametrize("family", ["reader", "bert"])
def test_answers_are_the_workflows_predictions(family, tmp_path, request):
    one = request.getfixturevalue(family)
    languages = ["en", "es", "en"]
    expected = predicted(one.folder, tmp_path / "w.arrow", family == "reader", languages)
    asked = [Question(q, PASSAGE, of, "en") for q, of in zip(QUESTIONS, languages, strict=True)]
    found = list(one.answer_many(asked, alternatives=19))
    assert len(found) == 3
    for answer, spans in zip(found, expected, strict=True):
        own = [answer, *answer.alternatives]
        assert [(span.text, span.start) for span in own] == [span[:2] for span in spans]
        assert [span.score for span in own] == pytest.approx([s.score for s in spans], abs=1e-4)
        for span in own:
            assert PASSAGE[span.start : span.end] == span.text
        at = answer.sentence_start
        assert PASSAGE[at : at + len(answer.sentence)] == answer.sentence
        assert at <= answer.start and answer.end <= at + len(answer.sentence)


def test_a_question_alone_is_answered_as_among_others(reader):
    together = list(reader.answer_many([(q, PASSAGE) for q in QUESTIONS]))
    for question, answer in zip(QUESTIONS, together, strict=True):
        alone = reader.answer(question, PASSAGE)
        assert (alone.text, alone.start) == (answer.text, answer.start)
        assert alone.question == answer.question == question


def test_languages_are_detected_for_each_text(reader):
    english, spanish = reader.answer_many([(QUESTIONS[0], PASSAGE), (QUESTIONS[1], PASSAGE)])
    assert (english.question_language, english.passage_language) == ("en", "en")
    assert (spanish.question_language, spanish.passage_language) == ("es", "en")
    given = reader.answer(QUESTIONS[1], PASSAGE, question_language="es", passage_language="en")
    assert (given.text, given.score) == (spanish.text, pytest.approx(spanish.score, abs=1e-4))


def test_doubtful_languages_are_noted(reader):
    notes = reader.answer("東京はどこの首都ですか。", PASSAGE).notes
    assert any(note.startswith("the question: looks like ja") for note in notes)


def test_a_model_without_languages_asks_for_none(bert):
    answer = bert.answer(QUESTIONS[0], PASSAGE)
    assert (bert.languages, answer.question_language, answer.passage_language) == ((), "", "")


def test_without_a_calibration_there_is_no_confidence_and_a_note(reader):
    answer = reader.answer(QUESTIONS[0], PASSAGE)
    assert answer.confidence is None
    assert "no confidence: the model has no calibration.json" in answer.notes


def test_confidences_of_a_calibrated_model(bert):
    answer = bert.answer(QUESTIONS[0], PASSAGE, alternatives=19)
    spans = [answer, *answer.alternatives]
    assert sum(span.confidence for span in spans) == pytest.approx(1)
    sure = [span.confidence for span in spans]
    assert sure == sorted(sure, reverse=True)
    assert not answer.notes


def test_the_folder_above_a_model_has_its_calibration(tmp_path):
    model = write_bert(tmp_path / "seed-42/model")
    assert calibration_file(model) is None
    calibrate(model.parent)
    assert Reader(model.parent).calibration.temperature == 2.0
    assert calibration_file(model.rename(model.with_name("other"))) is None


def test_a_passage_without_words_has_no_answer(reader):
    answer = reader.answer("Who?", "\u200b\u200b")
    assert (answer.text, answer.score, answer.alternatives) == ("", None, ())
    assert "the passage has no words" in answer.notes


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (("", PASSAGE), "question 2: the question is empty"),
        (("Who?", " \n"), "question 2: the passage is empty"),
        (("Who\ud800?", PASSAGE), "question 2: the question holds half a surrogate pair at 3"),
        ((3, PASSAGE), "question 2: the question is int, not text"),
        (("Who?",), "question 2: not a question and a passage"),
        ({"question": "Who?", "context": PASSAGE}, "question 2: not a question and a passage"),
        (("Who?", PASSAGE, "xx"), "does not know xx"),
    ],
)
def test_what_is_no_question_is_refused_with_its_place(reader, asked, problem):
    with pytest.raises(UserError, match=problem):
        list(reader.answer_many([("Who?", PASSAGE), asked]))


def test_the_short_way_to_it_imports_nothing_until_it_is_asked_for(repository):
    code = (
        "import sys, lbmrc; before = set(sys.modules); lbmrc.Reader;"
        "print('lbmrc.evaluation.reader' in before, lbmrc.Reader.__name__);"
        "print(hasattr(lbmrc, 'reader'))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=repository
    )
    assert ran.stdout == "False Reader\nFalse\n"

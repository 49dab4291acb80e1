"""The reader against the workflow's own predictions, on small models of two families."""

import json
import subprocess
import sys

import pytest
from readers import WINDOWS, calibrate, write_bert, write_xlm

from lbmrc.common.errors import UserError
from lbmrc.config.stages import DecodingSettings, WindowSettings
from lbmrc.data.examples import Example
from lbmrc.evaluation.prediction import predict
from lbmrc.evaluation.reader import (
    Question,
    Reader,
    calibration_file,
    check_languages_read,
)
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
    assert any(note.startswith("the question: looks like the language ja") for note in notes)


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


@pytest.mark.parametrize(
    ("asked", "problem"),
    [
        (("", PASSAGE), "question 2: the question is empty"),
        (("Who?", " \n"), "question 2: the passage is empty"),
        (("Who\ud800?", PASSAGE), "question 2: the question holds half a surrogate pair at 3"),
        ((3, PASSAGE), "question 2: the question is int, not text"),
        (("Who?",), "question 2: not a question and a passage"),
        ({"question": "Who?", "context": PASSAGE}, "question 2: not a question and a passage"),
        (("Who?", PASSAGE, "xx"), "question 2: the question's language: .* does not know xx; "),
        (("Who?", PASSAGE, "en", 5), "question 2: the passage's language is int, not text"),
    ],
)
def test_what_is_no_question_is_refused_with_its_place(reader, asked, problem):
    with pytest.raises(UserError, match=problem):
        list(reader.answer_many([("Who?", PASSAGE), asked]))


def test_places_of_questions_are_named_in_place_of_their_numbers(reader):
    asked = [("Who?", PASSAGE), ("", PASSAGE)]
    with pytest.raises(UserError, match=r"^q.jsonl: line 7: the question is empty"):
        list(reader.answer_many(asked, places=["q.jsonl: line 2", "q.jsonl: line 7"]))


def test_the_languages_it_says_it_knows_are_those_it_reads(reader):
    """XLM has an id for Chinese, and no segmenter."""
    assert "zh" not in reader.languages
    with pytest.raises(UserError) as refused:
        reader.answer("Who?", PASSAGE, passage_language="zh")
    assert f"does not know zh; it knows {', '.join(reader.languages)}. " in str(refused.value)
    assert str(reader.folder) not in str(refused.value)
    check_languages_read(reader.folder, ["en", "es"])
    with pytest.raises(UserError, match="does not know zh"):
        check_languages_read(reader.folder, ["en", "zh"])


def test_a_language_is_text_for_a_model_without_languages_too(bert):
    with pytest.raises(UserError, match="the passage's language is int, not text"):
        bert.answer("Who?", PASSAGE, passage_language=5)


@pytest.mark.parametrize("alternatives", [-3, 20, 1.5, True, None])
def test_a_number_of_alternatives_that_there_cannot_be_is_refused(reader, alternatives):
    with pytest.raises(UserError, match=r"alternatives is .*; it must be a whole .* from 0 to 19"):
        reader.answer("Who?", PASSAGE, alternatives=alternatives)


@pytest.mark.parametrize(
    ("given", "problem"),
    [
        ({"batch_size": 0}, "batch_size is 0; it must be a whole number, 1 or more"),
        ({"batch_size": "8"}, "batch_size is '8'"),
        ({"device": "tpu"}, "device is 'tpu'; it must be one of cpu, cuda, auto"),
    ],
)
def test_what_no_reader_can_be_made_with_is_refused(xlm, given, problem):
    with pytest.raises(UserError, match=problem):
        Reader(xlm, **given)


def test_without_a_gpu_the_remedy_is_given_for_the_command_line_too(xlm, monkeypatch):
    monkeypatch.setattr("torch.cuda.is_available", lambda: False)
    with pytest.raises(UserError, match=r"sees no GPU.*`--device cpu` on the command line"):
        Reader(xlm, device="cuda")


def test_a_file_is_no_model(xlm):
    with pytest.raises(UserError, match=r"config.json: a file, and a checkpoint is a folder"):
        Reader(xlm / "config.json")


def without_windows(folder, **others):
    """A model that states no windows, as one that was trained elsewhere."""
    path = folder / "config.json"
    config = json.loads(path.read_text())
    del config["lbmrc_windows"]
    path.write_text(json.dumps(config | others))
    return folder


def test_windows_are_no_longer_than_the_models_positions(tmp_path):
    """BERT's has 128 of them."""
    reader = Reader(without_windows(write_bert(tmp_path)))
    assert reader.answer("Who beat the Panthers?", PASSAGE * 20).text


def test_a_model_with_too_few_positions_for_any_window_is_an_error(tmp_path):
    folder = without_windows(write_bert(tmp_path), max_position_embeddings=40)
    with pytest.raises(UserError, match=r"config.json: no windows of 40 tokens"):
        Reader(folder)


@pytest.mark.parametrize("passage", ["\u200b\u200b", "\u200c", "\ufeff \u2060", "\u00ad\ufe0f"])
@pytest.mark.parametrize("family", ["reader", "bert"])
def test_what_shows_nothing_has_no_words(family, passage, request):
    answer = request.getfixturevalue(family).answer("Who?", passage)
    assert (answer.text, answer.score, answer.alternatives) == ("", None, ())
    assert "the passage has no words" in answer.notes


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

"""`lbmrc ask` and `lbmrc predict` on a small model: their input and output."""

import io
import json
import sys

import pytest
from readers import calibrate, write_xlm

from lbmrc.cli import main
from lbmrc.commands.answers_shown import in_words
from lbmrc.evaluation.reader import Answer, Reader, Span

PASSAGE = "The Denver Broncos beat the Carolina Panthers at Levi's Stadium.\nBeyoncé sang “Halo”."
OTHER = "Bruno Mars’s band played ‘Uptown Funk’ in Santa Clara."
QUESTION = "Who beat the Carolina Panthers?"


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return calibrate(write_xlm(tmp_path_factory.mktemp("xlm")))


@pytest.fixture
def asked(model, capsys, monkeypatch):
    """Runs `lbmrc ask`; what it printed to stdout and to stderr. ``typed``: from a terminal."""

    def run(*arguments, stdin=b"", typed=False):
        text = io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
        text.isatty = lambda: typed
        monkeypatch.setattr(sys, "stdin", text)
        status = main(["ask", str(model), *map(str, arguments)])
        printed = capsys.readouterr()
        assert status == 0, printed.err
        return printed.out, printed.err

    return run


def table(printed):
    """The rows of spans: share, score, start, text."""
    rows = [line.split(maxsplit=3) for line in printed.splitlines() if line.startswith("   ")]
    return [(row[0], float(row[1]), int(row[2]), row[3]) for row in rows]


def test_the_best_spans_under_their_sentence(asked):
    printed, notes = asked("--passage", PASSAGE, "--question", QUESTION)
    rows = table(printed)
    assert len(rows) == 3
    for share, _, start, text in rows:
        assert share.endswith("%")
        assert " ".join(PASSAGE[start:].split()).startswith(text)
    first = printed.splitlines()[0]
    assert f"»{rows[0][3]}«" in first
    assert first.replace("»", "").replace("«", "") in PASSAGE.replace("\n", " ")
    assert not notes


def test_a_file_and_stdin_are_passages_too(asked, tmp_path):
    expected = asked("--passage", PASSAGE, "--question", QUESTION)
    file = tmp_path / "text.txt"
    file.write_text(PASSAGE)
    text = PASSAGE.encode()
    assert table(asked("--file", file, "--question", QUESTION)[0]) == table(expected[0])
    assert asked("--file", "-", "--question", QUESTION, stdin=text) == expected
    assert asked("--passage", "-", "--question", QUESTION, stdin=text) == expected


def test_several_questions_and_those_of_stdin(asked):
    questions = [QUESTION, "What did Beyoncé sing?"]
    both = asked("--passage", PASSAGE, "--question", questions[0], "--question", questions[1])[0]
    alone = [asked("--passage", PASSAGE, "--question", question)[0] for question in questions]
    assert both == "".join(alone)
    assert asked("--passage", PASSAGE, stdin="\n\n".join(questions).encode())[0] == both


def test_of_a_folder_the_best_answers_with_their_files(asked, tmp_path):
    (tmp_path / "deep").mkdir()
    for name, text in {"a.txt": PASSAGE, "deep/b.txt": OTHER, "c.md": "Not read."}.items():
        (tmp_path / name).write_text(text)
    lines = asked("--file", tmp_path, "--question", QUESTION, "--json")[0].splitlines()
    answers = [json.loads(line) for line in lines]
    assert {answer["file"] for answer in answers} == {
        str(tmp_path / "a.txt"),
        str(tmp_path / "deep/b.txt"),
    }
    scores = [answer["score"] for answer in answers]
    assert scores == sorted(scores, reverse=True)
    printed = asked("--file", tmp_path, "--question", QUESTION, "--top", 1)[0].splitlines()
    assert len(printed) == 2
    assert printed[0].startswith(f"{answers[0]['file']}: ")


def test_json_lines_go_through_with_what_they_hold(asked, model, tmp_path):
    rows = [
        {"id": 7, "question": QUESTION, "passage": PASSAGE, "passage_language": "en"},
        {"question": "Wer?", "passage": OTHER, "question_language": "de"},
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)) + "\n\n")
    lines = asked("--jsonl", file, "--top", 2)[0].splitlines()
    first, second = map(json.loads, lines)
    answer = Reader(model).answer(QUESTION, PASSAGE, passage_language="en", alternatives=1)
    assert (first["id"], first["text"], first["start"]) == (7, answer.text, answer.start)
    assert first["confidence"] == pytest.approx(answer.confidence, abs=1e-6)
    assert len(first["alternatives"]) == 1
    assert second["question_language"] == "de"
    assert asked("--jsonl", "-", "--top", 2, stdin=file.read_bytes())[0].splitlines() == lines


@pytest.mark.parametrize("line", ["{", "3", '{"question": "Who?"}'])
def test_a_line_that_is_no_question_is_named(model, tmp_path, capsys, line):
    file = tmp_path / "questions.jsonl"
    file.write_text(f'{{"question": "Who?", "passage": "Ann."}}\n{line}\n')
    assert main(["ask", str(model), "--jsonl", str(file)]) == 1
    assert f"{file}: line 2: not " in capsys.readouterr().err


def test_at_a_terminal_passage_and_questions_are_typed(asked):
    typed = f"{OTHER}\n\n{QUESTION}\nWhere?\n\n".encode()
    printed, prompts = asked(stdin=typed, typed=True)
    alone = asked("--passage", OTHER, "--question", QUESTION, "--question", "Where?")[0]
    assert printed.replace("> ", "") == alone
    assert prompts.startswith("Passage (an empty line ends it):\nAsk; an empty line ends.")


def test_a_language_is_refused_before_the_model_is_loaded(model, monkeypatch, capsys):
    monkeypatch.setattr("lbmrc.model.span_model.load_model", None)
    arguments = ["--passage", PASSAGE, "--question", QUESTION, "--language", "xx"]
    assert main(["ask", str(model), *arguments]) == 1
    assert "does not know xx" in capsys.readouterr().err


def test_a_terminal_gets_colours_and_no_control_characters():
    span = Span("Ann\x1b[2J", 4, 11, 2.0, None)
    sentence = "It: Ann\x1b[2J\nleft."
    answer = Answer("Who?", span.text, 4, 11, 2.0, None, sentence, 0, (), "en", "en", ())
    printed = in_words([(answer, "")], highlight=True)
    assert printed == "It: \x1b[1;7mAnn[2J\x1b[0m left.\n       -      2.00       4  Ann[2J"


def squad(**questions):
    qas = [{"id": id, "question": text, "answers": []} for id, text in questions.items()]
    return {"data": [{"title": "T", "paragraphs": [{"context": PASSAGE, "qas": qas}]}]}


def test_predict_writes_the_official_file(model, tmp_path, capsys):
    dataset, output = tmp_path / "dataset.json", tmp_path / "predictions.json"
    dataset.write_text(json.dumps(squad(a=QUESTION, b="What did Beyoncé sing?", c=" ")))
    arguments = ["predict", str(model), str(dataset), "--language", "en"]
    assert main([*arguments, "-o", str(output)]) == 0
    reader = Reader(model, whole_words=False)
    expected = {
        id: reader.answer(text, PASSAGE, question_language="en", passage_language="en").text
        for id, text in {"a": QUESTION, "b": "What did Beyoncé sing?"}.items()
    }
    assert json.loads(output.read_text()) == {**expected, "c": ""}
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out) == {**expected, "c": ""}


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ({"data": []}, "no question in this file"),
        ({"data": [{"title": "T"}]}, "data[0].paragraphs is missing"),
        (squad(a=3), "data[0].paragraphs[0].qas[0].question is int, not text"),
    ],
)
def test_predict_names_what_is_no_data_set(model, tmp_path, capsys, content, problem):
    dataset = tmp_path / "dataset.json"
    dataset.write_text(json.dumps(content))
    assert main(["predict", str(model), str(dataset)]) == 1
    assert f"{dataset}: {problem}" in capsys.readouterr().err


def test_two_questions_of_one_id_are_named(model, tmp_path, capsys):
    content = squad(a=QUESTION)
    content["data"] *= 2
    dataset = tmp_path / "dataset.json"
    dataset.write_text(json.dumps(content))
    assert main(["predict", str(model), str(dataset)]) == 1
    assert "data[1].paragraphs[0].qas[0].id was already used" in capsys.readouterr().err


def test_the_folder_holds_texts(model, tmp_path, capsys):
    arguments = ["--question", QUESTION, "--file", str(tmp_path)]
    assert main(["ask", str(model), *arguments]) == 1
    assert f"{tmp_path}: no *.txt in this folder" in capsys.readouterr().err
    (tmp_path / "a.txt").write_bytes("René".encode("latin-1"))
    assert main(["ask", str(model), *arguments]) == 1
    assert "a.txt: not UTF-8 at byte 3" in capsys.readouterr().err

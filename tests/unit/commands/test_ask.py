"""`lbmrc ask` and `lbmrc predict` on a small model: their input and output."""

import io
import json
import sys

import pytest
from readers import calibrate, write_xlm

from lbmrc.cli import main
from lbmrc.commands.answers_shown import in_words
from lbmrc.common.errors import UserError
from lbmrc.evaluation.reader import Answer, Reader, Span

PASSAGE = "The Denver Broncos beat the Carolina Panthers at Levi's Stadium.\nBeyoncé sang “Halo”."
OTHER = "Bruno Mars’s band played ‘Uptown Funk’ in Santa Clara."
QUESTION = "Who beat the Carolina Panthers?"
ANSWER = Answer("Where?", "Levi's", 49, 55, 2.0, None, PASSAGE, 0, (), "en", "en", ())


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
    shown = [f"> {question}\n{of_it}" for question, of_it in zip(questions, alone, strict=True)]
    assert both == "".join(shown)
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


def test_half_a_surrogate_pair_goes_through_escaped(asked):
    row = {"id": "\ud800", "question": QUESTION, "passage": PASSAGE}
    printed, _ = asked("--jsonl", "-", stdin=json.dumps(row).encode())
    assert json.loads(printed)["id"] == "\ud800"


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"question": " "}, "the question is empty"),
        ({"passage_language": 5}, "the passage's language is int, not text"),
        ({"question_language": "xx"}, "the question's language: the model does not know xx"),
        ({"score": 1, "text": "x"}, "score, text: the answer has a field of this name, too"),
    ],
)
def test_a_question_that_is_refused_is_named_by_its_line(model, tmp_path, capsys, fields, problem):
    rows = [
        {"question": "Who?", "passage": "Ann."},
        {"question": "Who?", "passage": "Ann."} | fields,
    ]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n\n".join(map(json.dumps, rows)))
    assert main(["ask", str(model), "--jsonl", str(file)]) == 1
    printed = capsys.readouterr()
    assert f"lbmrc: {file}: line 3: {problem}" in printed.err
    assert not printed.out


@pytest.mark.parametrize("line", ["{", "3", '{"question": "Who?"}', "[" * 100_000])
def test_a_line_that_is_no_question_is_named(model, tmp_path, capsys, line):
    file = tmp_path / "questions.jsonl"
    file.write_text(f'{{"question": "Who?", "passage": "Ann."}}\n{line}\n')
    assert main(["ask", str(model), "--jsonl", str(file)]) == 1
    assert f"{file}: line 2: not " in capsys.readouterr().err


def test_at_a_terminal_passage_and_questions_are_typed(asked):
    typed = f"{OTHER}\n\n{QUESTION}\nWhere?\n\n".encode()
    printed, prompts = asked(stdin=typed, typed=True)
    alone = asked("--passage", OTHER, "--question", QUESTION, "--question", "Where?")[0]
    assert printed == alone
    assert prompts.startswith("Passage (an empty line ends it):\nAsk; an empty line ends.\n> > ")


def test_a_typed_line_that_is_refused_does_not_end_the_session(asked):
    typed = b"Ren\xe9\n" + f"{OTHER}\n\n".encode() + b"Ren\xe9?\n" + f"{QUESTION}\n\n".encode()
    printed, notes = asked(stdin=typed, typed=True)
    assert printed == f"> {QUESTION}\n" + asked("--passage", OTHER, "--question", QUESTION)[0]
    assert notes.count("lbmrc: the line is not UTF-8 at byte 3; type it again") == 2


def test_a_question_that_is_refused_does_not_end_the_session(asked, monkeypatch):
    def answers(_, question, *__):
        if question == "Who?":
            raise UserError("no such question")
        return [(ANSWER, "")]

    monkeypatch.setattr("lbmrc.commands.ask._answers", answers)
    printed, notes = asked("--passage", PASSAGE, stdin=b"Who?\nWhere?\n", typed=True)
    assert "lbmrc: no such question\n" in notes
    assert printed.startswith("> Where?\n")


def test_ctrl_c_at_the_prompt_ends_quietly(asked, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lbmrc.commands.ask._typed_line", interrupted)
    printed, notes = asked("--passage", PASSAGE, typed=True)
    assert (printed, notes) == ("", "Ask; an empty line ends.\n\n")


def test_ctrl_c_elsewhere_is_no_traceback(model, monkeypatch, capsys):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr("lbmrc.commands.ask._reader", interrupted)
    assert main(["ask", str(model), "--passage", PASSAGE, "--question", QUESTION]) == 130
    assert capsys.readouterr().err == "\n"


def test_a_language_is_refused_before_the_model_is_loaded(model, monkeypatch, capsys):
    monkeypatch.setattr("lbmrc.model.span_model.load_model", None)
    arguments = ["--passage", PASSAGE, "--question", QUESTION, "--language"]
    for language in ("xx", "zh"):  # XLM has an id for zh, and no segmenter
        assert main(["ask", str(model), *arguments, language]) == 1
        assert f"does not know {language}; it knows ar, bg, de, " in capsys.readouterr().err
    assert main(["predict", str(model), "dataset.json", "--language", "xx"]) == 1
    assert "does not know xx" in capsys.readouterr().err


def test_a_file_is_no_model(model, capsys):
    file = model / "config.json"
    assert main(["ask", str(file), "--passage", PASSAGE, "--question", QUESTION]) == 1
    assert f"{file}: a file, and a checkpoint is a folder" in capsys.readouterr().err


def test_a_terminal_gets_colours_and_no_control_characters():
    span = Span("Ann\x1b[2J", 4, 11, 2.0, None)
    sentence = "It: Ann\x1b[2J\nleft."
    answer = Answer("Who?", span.text, 4, 11, 2.0, None, sentence, 0, (), "en", "en", ())
    printed = in_words([(answer, "")], highlight=True)
    named = in_words([(answer, "a\x1b[2J.txt")], highlight=True, question="Who\x1b[2J\nleft?")
    assert named.splitlines()[0] == "> Who[2J left?"
    assert named.splitlines()[1].startswith("a[2J.txt: It: ")
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


@pytest.mark.parametrize("output", [".", "dataset.json/predictions.json", "/dev/null"])
def test_predict_refuses_its_output_before_the_model_is_loaded(
    model, tmp_path, capsys, monkeypatch, output
):
    monkeypatch.setattr("lbmrc.model.span_model.load_model", None)
    dataset, output = tmp_path / "dataset.json", tmp_path / output
    dataset.write_text(json.dumps(squad(a=QUESTION)))
    assert main(["predict", str(model), str(dataset), "-o", str(output)]) == 1
    assert f"lbmrc: {output}: " in (printed := capsys.readouterr().err)
    assert "name a file" in printed or "name another file" in printed
    assert list(tmp_path.iterdir()) == [dataset]


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
    printed = capsys.readouterr().err
    assert "a.txt: not UTF-8 at byte 3; save it as UTF-8 (left out)" in printed
    assert f"{tmp_path}: no *.txt in this folder can be read" in printed


def test_of_a_folder_what_cannot_be_read_is_left_out_with_a_note(asked, tmp_path):
    for name, content in {"a.txt": b"", "b.txt": b"Ren\xe9", "c.txt": PASSAGE.encode()}.items():
        (tmp_path / name).write_bytes(content)
    printed, notes = asked("--file", tmp_path, "--question", QUESTION)
    assert printed == asked("--file", tmp_path / "c.txt", "--question", QUESTION)[0]
    assert f"{tmp_path / 'a.txt'}: empty; there is nothing to answer from (left out)" in notes
    assert f"{tmp_path / 'b.txt'}: not UTF-8 at byte 3; save it as UTF-8 (left out)" in notes


def test_notes_on_a_language_name_their_file(asked, tmp_path):
    for name, text in {
        "a.txt": PASSAGE,
        "b.txt": "東京は日本の首都であり、最大の都市です。",
    }.items():
        (tmp_path / name).write_text(text)
    _, notes = asked("--file", tmp_path, "--question", "東京はどこの首都ですか。")
    assert f"lbmrc: {tmp_path / 'b.txt'}: the passage: looks like the language ja" in notes
    assert notes.count("lbmrc: the question: looks like the language ja") == 1


def test_a_byte_order_mark_is_not_in_the_passage(asked, tmp_path):
    file = tmp_path / "text.txt"
    file.write_text(PASSAGE, encoding="utf-8-sig")
    expected = table(asked("--passage", PASSAGE, "--question", QUESTION)[0])
    assert table(asked("--file", file, "--question", QUESTION)[0]) == expected
    assert (
        table(asked("--file", "-", "--question", QUESTION, stdin=file.read_bytes())[0]) == expected
    )


def test_a_question_of_a_pipe_that_is_not_utf_8_is_named(model, monkeypatch, capsys):
    lines = io.TextIOWrapper(io.BytesIO(b"Who?\nRen\xe9?\n"), "utf-8")
    monkeypatch.setattr(sys, "stdin", lines)
    assert main(["ask", str(model), "--passage", PASSAGE]) == 1
    assert "the question in line 2 is not UTF-8 at byte 3" in capsys.readouterr().err

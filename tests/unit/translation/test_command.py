"""The engine `command`: texts through a program, and every way in which that goes wrong."""

import json
import sys

import pytest

from lbmrc.common.errors import UserError
from lbmrc.translation.engines.base import Output
from lbmrc.translation.engines.command import Command, command_identity

HONEST = """
for line in sys.stdin:
    item = json.loads(line)
    print(json.dumps({"id": item["id"], "text": item["text"].upper()}))
"""


@pytest.fixture
def program(tmp_path):
    """Writes a Python program, which may use the folder ``here``, and returns its command."""

    def write(code, *arguments):
        path = tmp_path / "program.py"
        path.write_text(f"import json, pathlib, sys, time\nhere = {str(tmp_path)!r}\n{code}")
        return [sys.executable, str(path), *arguments]

    return write


def starts_counted(code):
    """The program with a line in ``starts`` for each of its starts."""
    return f'with open(here + "/starts", "a") as starts: starts.write("x")\n{code}'


def test_each_text_has_its_translation_and_blank_ones_are_their_own(program):
    texts = ["one", "", "two\nlines\u2028", " ", "\ufeff", "ünï \U0001f600", "one"]
    engine = Command(program(HONEST), texts_per_chunk=2)
    translated = dict(engine.stream(texts))
    assert translated == {n: Output(text.upper()) for n, text in enumerate(texts)}
    engine.close()


def test_it_is_started_once_and_ends_with_its_input(program, tmp_path):
    code = starts_counted(HONEST) + '\nopen(here + "/ended", "w")'
    engine = Command(program(code), texts_per_chunk=3)
    assert engine.translate(list("abcdefgh")) == list("ABCDEFGH")
    assert engine.translate(["i"]) == ["I"]
    assert not (tmp_path / "ended").exists()
    engine.close()
    assert (tmp_path / "ended").exists()
    assert (tmp_path / "starts").read_text() == "x"


def test_answers_in_another_order_and_more_text_than_a_pipe_holds(program):
    code = """
items = [json.loads(sys.stdin.readline()) for _ in range(4)]
for item in reversed(items):
    print(json.dumps({"id": item["id"], "text": item["text"][::-1], "score": 0.5}))
sys.stdin.read()
"""
    texts = [f"{n}{'x' * 300_000}" for n in range(4)]
    assert Command(program(code)).translate(texts) == [text[::-1] for text in texts]


def test_a_program_that_dies_is_started_again_with_what_is_left(program, tmp_path):
    code = starts_counted("""
for n, line in enumerate(sys.stdin):
    item = json.loads(line)
    with open(here + "/asked", "a") as asked: asked.write(item["text"])
    if n == 2: sys.exit("tired")
    print(json.dumps({"id": item["id"], "text": item["text"].upper()}))
""")
    engine = Command(program(code), restarts=1)
    assert engine.translate(list("abcde")) == list("ABCDE")
    assert (tmp_path / "starts").read_text() == "xxx"
    assert (tmp_path / "asked").read_text() == "abc" + "cde" + "e"
    engine.close()


def test_a_program_that_always_dies_is_given_up(program, tmp_path):
    code = starts_counted('sys.exit("no mode pt-xx: apt install apertium-xx")')
    with pytest.raises(UserError) as error:
        Command(program(code, "pt-xx"), restarts=2).translate(["Who?", "Why?"])
    assert (tmp_path / "starts").read_text() == "xxx"
    words = str(error.value)
    assert "program.py pt-xx: ended with exit code 1 (no mode pt-xx: apt install" in words
    assert '2 texts unanswered, the first {"id": 0, "text": "Who?"}' in words


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ("print('Loading model ...')", "a line that is not JSON: Loading model ..."),
        (
            "print(json.dumps({'id': 7, 'text': 'x'}))",
            "an answer with an id that was not asked for: {",
        ),
        (
            "print(json.dumps({'id': True, 'text': 'x'}))",
            "an answer with an id that was not asked for: {",
        ),
        ("print(json.dumps({'text': 'x'}))", "an answer with an id that was not asked for: {"),
        ("print('[0, 1]')", "an answer with an id that was not asked for: [0, 1]"),
        ("print(json.dumps({'id': 0}))", "an answer whose `text` is not a string: {"),
        ("print(json.dumps({'id': 0, 'text': None}))", "an answer whose `text` is not a string: {"),
        (
            "print(json.dumps({'id': 0, 'text': '\\ud800'}))",
            "an answer whose `text` is not a string: {",
        ),
        ("print(json.dumps({'id': 0, 'text': 'x'}))\n" * 2, "two answers with the id 0"),
        # one of two texts is left out, or written and never flushed
        ("print(json.dumps({'id': 0, 'text': 'x'}))", "no answer for 0.5 seconds, 1 texts"),
    ],
)
def test_what_is_no_answer_is_an_error_that_shows_it(program, answers, words):
    engine = Command(program(f"{answers}\nsys.stdin.read()"), timeout=0.5)
    with pytest.raises(UserError, match=r"program\.py: ") as error:
        engine.translate(["Who?", "Why?"])
    assert words in str(error.value)


def test_a_program_that_hangs_with_unread_input_is_ended(program):
    engine = Command(program("time.sleep(60)"), timeout=0.3)
    with pytest.raises(UserError, match=r"no answer for 0\.3 seconds"):
        engine.translate(["x" * 1_000_000])


@pytest.mark.parametrize("use", [Command.translate, lambda e, _: command_identity(e.command, None)])
def test_a_program_that_is_not_there_or_cannot_run(tmp_path, use):
    with pytest.raises(UserError, match=r"no-such-translator --fast: no such program"):
        use(Command(["no-such-translator", "--fast"]), ["Who?"])
    (tmp_path / "text.txt").write_text("no program")
    with pytest.raises(UserError, match=r"text\.txt: cannot be started \(Permission denied\)"):
        use(Command([str(tmp_path / "text.txt")]), ["Who?"])


def test_it_is_known_by_what_it_prints_of_its_version_or_by_what_it_is_given(program):
    command = program("print(f'toy 1.2 {sys.argv[1:]}')", "--to", "es")
    assert command_identity(command, None) == {
        "engine": "command",
        "command": f"{sys.executable.rpartition('/')[2]} {command[1]} --to es",
        "printed": "toy 1.2 ['--to', 'es', '--version']",
    }
    assert command_identity(["no-such-translator"], "mine 3") == {
        "engine": "command",
        "identity": "mine 3",
    }


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("sys.exit('what?')", "exit code 1 (what?); give the engine an identity"),
        ("", "printed nothing; give the engine an identity"),
    ],
)
def test_a_program_without_a_version_needs_an_identity(program, code, words):
    with pytest.raises(UserError) as error:
        command_identity(program(code), None)
    assert words in str(error.value)


def test_questions_are_json_in_ascii_one_a_line(program):
    """So that a program in any language may read lines, whatever its locale."""
    code = """
for line in sys.stdin.buffer:
    print(json.dumps({"id": json.loads(line)["id"], "text": line.decode("ascii")}))
"""
    (line,) = Command(program(code)).translate(["A\u2028ü\n"])
    assert json.loads(line) == {"id": 0, "text": "A\u2028ü\n"}

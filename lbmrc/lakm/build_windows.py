"""Windows of monolingual passages whose tokens know their phrase: what LAKM masks.

In go passages of one language and its phrases; out comes one row for each window that holds a
phrase, in an Arrow stream file like those of `lbmrc.windows.files`. Windows follow one another
without overlap, ``</s> passage </s>``. ``phrases`` holds for each token the number of its phrase in
the window, from 1 on, 0 for a token of none, -1 for a special token.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from lbmrc.common.errors import UserError
from lbmrc.common.spans import overlap
from lbmrc.data.examples import read_examples
from lbmrc.lakm.phrases import Words, find
from lbmrc.tokenization.tokenize import tokenize
from lbmrc.windows.build import language_id, language_ids
from lbmrc.windows.streams import read_stream, write_stream

if TYPE_CHECKING:
    from datasets import Dataset

SCHEMA = pa.schema(
    [
        ("passage_id", pa.string()),
        ("language", pa.string()),
        ("language_id", pa.int16()),
        ("input_ids", pa.list_(pa.int32())),
        ("phrases", pa.list_(pa.int16())),
    ]
)
_ROWS_AT_ONCE = 2_000


class Passage(NamedTuple):
    """A text and what it is called."""

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
    """A text dump: a passage a line.

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


def write_phrase_windows(
    path: str | Path,
    passages: Iterable[Passage],
    phrases: set[Words],
    tokenizer,
    language: str,
    max_length: int,
) -> dict[str, int]:
    """Write the windows of one language; returns how many of what.

    Args:
        max_length: tokens in a window, special tokens included.

    Raises:
        UserError: if the tokenizer can't cut this language's text with offsets.
    """
    counts = Counter(
        dict.fromkeys(["passages", "windows", "phrases", "phrase_tokens", "tokens"], 0)
    )
    rows = _rows(passages, phrases, tokenizer, language, max_length, counts)
    write_stream(path, SCHEMA, _batches(rows))
    return dict(counts)


def read_phrase_windows(paths: Sequence[str | Path]) -> "Dataset":
    """The windows of several languages, one after the other, memory-mapped.

    Raises:
        UserError: if a file is unreadable, or there is no window in any.
    """
    from datasets import concatenate_datasets

    parts = [read_stream(path) for path in paths]
    if not sum(map(len, parts)):
        raise UserError(
            f"no passage holds a phrase in {', '.join(map(str, paths))}; see lakm.phrases"
        )
    return concatenate_datasets(parts)


def _rows(
    passages: Iterable[Passage],
    phrases: set[Words],
    tokenizer,
    language: str,
    max_length: int,
    counts: Counter,
) -> Iterator[Mapping]:
    own_id = language_id(language_ids(tokenizer), language)
    first, last = tokenizer.cls_token_id, tokenizer.sep_token_id
    room = max_length - 2
    for passage in passages:
        counts["passages"] += 1
        ids, offsets = tokenize(passage.text, language, tokenizer)
        owner = _owners(offsets, find(passage.text, phrases))
        for begin in range(0, len(ids), room):
            held = owner[begin : begin + room]
            if not held.any():
                continue
            counts["windows"] += 1
            counts["tokens"] += len(held)
            counts["phrases"] += len(np.unique(held[held > 0]))
            counts["phrase_tokens"] += int((held > 0).sum())
            yield {
                "passage_id": passage.id,
                "language": language,
                "language_id": own_id,
                "input_ids": [first, *ids[begin : begin + room].tolist(), last],
                "phrases": [-1, *held.tolist(), -1],
            }


def _batches(rows: Iterable[Mapping]) -> Iterator[pa.RecordBatch]:
    stream = iter(rows)
    while batch := list(islice(stream, _ROWS_AT_ONCE)):
        yield pa.RecordBatch.from_pylist(batch, SCHEMA)


def _owners(offsets: np.ndarray, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """The number of the phrase that each token touches, from 1 on; 0 for none: int16 (n,)."""
    owner = np.zeros(len(offsets), np.int16)
    for number, (start, end) in enumerate(spans, 1):
        owner[overlap(offsets.T, (start, end))] = number
    return owner

"""Build the windows that LAKM masks: passages cut into tokens, each token with its phrase.

Input: passages of one language, and phrases. Output: a file as in
`lbmrc.lakm.phrase_window_files`, one row for each window that holds a phrase. Windows follow one
another without overlap.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa

from lbmrc.common.columns import described
from lbmrc.common.spans import overlap
from lbmrc.lakm.passages import Passage
from lbmrc.lakm.phrase_window_files import SCHEMA
from lbmrc.lakm.phrases import Words, find
from lbmrc.tokenization.tokenize import tokenize
from lbmrc.tokenization.xlm import language_id, language_ids
from lbmrc.windows.arrow_files import write_arrow

_ROWS_PER_BATCH = 2_000


def write_phrase_windows(
    path: str | Path,
    passages: Iterable[Passage],
    phrases: set[Words],
    tokenizer,
    language: str,
    max_length: int,
) -> dict[str, int]:
    """Write the windows of one language; returns counts of passages, windows, phrases, tokens.

    Args:
        max_length: tokens per window, special tokens included.

    Raises:
        UserError: if the tokenizer gives no offsets, or this language needs a pre-tokenizer that
            is not installed.
    """
    counts = Counter(
        dict.fromkeys(["passages", "windows", "phrases", "phrase_tokens", "tokens"], 0)
    )
    rows = _rows(passages, phrases, tokenizer, language, max_length, counts)
    write_arrow(path, described(SCHEMA, "phrase windows"), _batches(rows))
    return dict(counts)


def _rows(
    passages: Iterable[Passage],
    phrases: set[Words],
    tokenizer,
    language: str,
    max_length: int,
    counts: Counter,
) -> Iterator[Mapping]:
    own_language_id = language_id(language_ids(tokenizer), language)
    first, last = tokenizer.cls_token_id, tokenizer.sep_token_id
    room = max_length - 2
    for passage in passages:
        counts["passages"] += 1
        ids, offsets = tokenize(passage.text, language, tokenizer)
        phrase_of = _phrase_numbers(offsets, find(passage.text, phrases))
        for begin in range(0, len(ids), room):
            window_phrases = phrase_of[begin : begin + room]
            if not window_phrases.any():
                continue
            counts["windows"] += 1
            counts["tokens"] += len(window_phrases)
            counts["phrases"] += len(np.unique(window_phrases[window_phrases > 0]))
            counts["phrase_tokens"] += int((window_phrases > 0).sum())
            yield {
                "passage_id": passage.id,
                "language": language,
                "language_id": own_language_id,
                "input_ids": [first, *ids[begin : begin + room].tolist(), last],
                "phrases": [-1, *window_phrases.tolist(), -1],
            }


def _batches(rows: Iterable[Mapping]) -> Iterator[pa.RecordBatch]:
    stream = iter(rows)
    while batch := list(islice(stream, _ROWS_PER_BATCH)):
        yield pa.RecordBatch.from_pylist(batch, SCHEMA)


def _phrase_numbers(offsets: np.ndarray, spans: Sequence[tuple[int, int]]) -> np.ndarray:
    """The number of the phrase that each token touches, from 1 on; 0 for none: int16 (n,)."""
    numbers = np.zeros(len(offsets), np.int16)
    for number, (start, end) in enumerate(spans, 1):
        numbers[overlap(offsets.T, (start, end))] = number
    return numbers

"""Sliding windows over question and passage: what the encoder reads (Section 3, Equation 1).

Input: examples, a tokenizer, lengths. Output: an Arrow file with one row per window. A passage
that does not fit is cut into windows that advance by ``stride`` tokens. The target of a window that
holds the whole answer is the answer's first and last token; that of any other, the window's first
token. Files for prediction also contain the passage and the code points of each of its tokens, so
that an answer is cut from the published text.
"""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pyarrow as pa

from lbmrc.common.columns import described
from lbmrc.common.spans import overlap
from lbmrc.data.examples import Example
from lbmrc.tokenization.tokenize import TokenCache, tokenizer_fingerprint
from lbmrc.tokenization.xlm import is_xlm, language_id, language_ids
from lbmrc.windows.arrow_files import write_arrow
from lbmrc.windows.files import IDENTITY, SCHEMA

if TYPE_CHECKING:
    from lbmrc.config.stages import WindowSettings

_ROWS_AT_ONCE = 2_000
_NO_OFFSETS = np.empty((0, 2), np.int32)


class Span(NamedTuple):
    """Tokens ``first`` to ``last`` (inclusive). ``exact`` if they cover the answer and no more."""

    first: int
    last: int
    exact: bool


class _Frame(NamedTuple):
    """The special tokens around question and passage."""

    before: np.ndarray
    between: np.ndarray
    after: np.ndarray

    @property
    def size(self) -> int:
        return len(self.before) + len(self.between) + len(self.after)


def answer_span(offsets: np.ndarray, start: int, end: int) -> Span | None:
    """The tokens that cover code points ``start`` to ``end`` of a passage; None if none does.

    Args:
        offsets: (n, 2), as `lbmrc.tokenization.tokenize.tokenize` gives them.
    """
    inside = np.flatnonzero(overlap(offsets.T, (start, end)))
    if not len(inside):
        return None
    first = int(inside[offsets[inside, 0].argmin()])
    last = int(inside[::-1][offsets[inside[::-1], 1].argmax()])
    if last < first:
        first, last = last, first
    return Span(first, last, characters(offsets, first, last) == (start, end))


def characters(offsets: np.ndarray, first: int, last: int) -> tuple[int, int]:
    """The code points, first and end, from token ``first`` to token ``last`` (inclusive)."""
    boundary = offsets[[first, last]]
    return int(boundary[:, 0].min()), int(boundary[:, 1].max())


def build_windows(
    examples: Iterable[Example],
    tokenizer,
    settings: "WindowSettings",
    for_prediction: bool = False,
    counts: Counter | None = None,
) -> Iterator[pa.RecordBatch]:
    """Cut examples into windows, in their order; batches of rows with `SCHEMA`.

    An example has at least one window: an empty passage gives one without passage tokens
    (``passage_last == passage_first - 1``). The target is the first of an example's answers; one
    that begins or ends inside a subword is widened to the subwords that cover it. An example whose
    answer is in no token has no target: it is left out of training, as its windows would teach
    that the passage has no answer.

    Args:
        settings: lengths in tokens.
        for_prediction: fill ``offsets`` and ``passage``.
        counts: counts examples, windows, windows_with_answer, answers_widened, answers_unreachable
            (no character of them is in a token; their examples have windows for prediction only),
            questions_cut and empty_passages.

    Raises:
        UserError: if a language has no id.
    """
    counts = Counter() if counts is None else counts
    ids_of = language_ids(tokenizer)
    frame = _frame(tokenizer, _form(tokenizer, settings))
    tokens = TokenCache(tokenizer)
    rows: list[tuple] = []
    for example in examples:
        rows += _windows_of(example, tokens, settings, ids_of, frame, for_prediction, counts)
        if len(rows) >= _ROWS_AT_ONCE:
            yield _batch(rows)
            rows = []
    if rows:
        yield _batch(rows)


def write_windows(
    path: str | Path,
    examples: Iterable[Example],
    tokenizer,
    settings: "WindowSettings",
    *,
    dataset: str,
    for_prediction: bool,
) -> dict[str, int]:
    """Write the windows of examples as an Arrow file; returns the counts of `build_windows`.

    The file's identity is in its schema's metadata, see `lbmrc.windows.files.identity`.
    Memory does not grow with the number of examples.
    """
    counts: Counter = Counter(
        dict.fromkeys(
            [
                *("examples", "windows", "windows_with_answer", "answers_widened"),
                *("answers_unreachable", "questions_cut", "empty_passages"),
            ],
            0,
        )
    )
    identity = {
        "dataset": dataset,
        "windows": settings.model_dump() | {"special_tokens": _form(tokenizer, settings)},
        "tokenizer": tokenizer_fingerprint(tokenizer),
        "languages": dict(sorted((language_ids(tokenizer) or {}).items())),
    }
    schema = described(SCHEMA.with_metadata({IDENTITY: json.dumps(identity)}), "windows")
    batches = build_windows(examples, tokenizer, settings, for_prediction, counts)
    write_arrow(path, schema, batches)
    return dict(counts)


def _windows_of(
    example: Example,
    tokens: TokenCache,
    settings: "WindowSettings",
    ids_of: Mapping[str, int] | None,
    frame: _Frame,
    for_prediction: bool,
    counts: Counter,
) -> Iterator[tuple]:
    question, _ = tokens(example.question, example.question_language)
    passage, offsets = tokens(example.passage, example.passage_language)
    counts["examples"] += 1
    counts["questions_cut"] += len(question) > settings.max_question_length
    counts["empty_passages"] += not len(passage)
    head = np.concatenate([frame.before, question[: settings.max_question_length], frame.between])
    room = settings.max_length - len(head) - len(frame.after)
    span = _target(example, offsets, counts)
    if example.answers and span is None and not for_prediction:
        return
    languages = (
        language_id(ids_of, example.question_language),
        language_id(ids_of, example.passage_language),
    )
    for number, (begin, end) in enumerate(_slides(len(passage), room, settings.stride)):
        held = span if span is not None and begin <= span.first and span.last < end else None
        counts["windows"] += 1
        counts["windows_with_answer"] += held is not None
        shift = len(head) - begin
        yield (
            example.id,
            example.passage_id,
            example.passage_language,
            example.question_language,
            number,
            np.concatenate([head, passage[begin:end], frame.after]),
            len(head),
            len(head) + end - begin - 1,
            *languages,
            held.first + shift if held else 0,
            held.last + shift if held else 0,
            offsets[begin:end] if for_prediction else _NO_OFFSETS,
            example.passage if for_prediction else "",
        )


def _slides(length: int, room: int, stride: int) -> Iterator[tuple[int, int]]:
    """First and end of each window on a passage of ``length`` tokens; every token is in one."""
    begin = 0
    while True:
        end = min(begin + room, length)
        yield begin, end
        if end == length:
            return
        begin += min(stride, room)


def _target(example: Example, offsets: np.ndarray, counts: Counter) -> Span | None:
    if not example.answers:
        return None
    span = answer_span(offsets, example.answers[0].start, example.answers[0].end)
    counts["answers_unreachable"] += span is None
    counts["answers_widened"] += span is not None and not span.exact
    return span


def _form(tokenizer, settings: "WindowSettings") -> str:
    """The form of special tokens: that of the family if the settings do not set it."""
    if settings.special_tokens != "auto":
        return settings.special_tokens
    return "double" if is_xlm(tokenizer) else "transformers"


def _frame(tokenizer, form: str) -> _Frame:
    if form != "transformers":
        first, last = tokenizer.cls_token_id, tokenizer.sep_token_id
        between = [last] if form == "single" else [last, last]
        return _Frame(*(np.array(part, np.int32) for part in ([first], between, [last])))
    letter = tokenizer("a", add_special_tokens=False)["input_ids"]
    framed = tokenizer("a", "a")["input_ids"]
    places = [
        place for place in range(len(framed)) if framed[place : place + len(letter)] == letter
    ]
    question, passage = places[0], places[-1]
    parts = framed[:question], framed[question + len(letter) : passage]
    return _Frame(*(np.array(part, np.int32) for part in (*parts, framed[passage + len(letter) :])))


def _batch(rows: Sequence[tuple]) -> pa.RecordBatch:
    columns = []
    for field, column in zip(SCHEMA, zip(*rows, strict=True), strict=True):
        if pa.types.is_list(field.type):
            ends = np.cumsum([0, *(part.size for part in column)], dtype=np.int32)
            values = np.concatenate([part.reshape(-1) for part in column])
            columns.append(pa.ListArray.from_arrays(pa.array(ends), pa.array(values, pa.int32())))
        else:
            columns.append(pa.array(column, field.type))
    return pa.RecordBatch.from_arrays(columns, schema=SCHEMA)

"""The central record of lbmrc: one question on one passage, each in its language, in Parquet.

Section 3 of the paper writes a labelled example as (p, q, a). Here p and q may be in different
languages (a language branch D_k pairs passages of language k with questions of all languages), and
a is one or more spans of the passage. Offsets count Unicode code points of the passage exactly as
it was published: no text is ever normalised, stripped or re-encoded before they are taken.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from lbmrc.common.atomic import replacing
from lbmrc.common.columns import described
from lbmrc.common.errors import UserError


@dataclass(frozen=True, slots=True)
class Answer:
    """A span of the passage: ``passage[start:end] == text``."""

    text: str
    start: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class Example:
    """One question on one passage.

    ``id`` is the published question id. It is the same in every language, so an example is
    identified by (id, passage_language, question_language). ``passage_id`` is
    ``"{title}/{number of the paragraph in its article}"``, also the same in every language.
    """

    id: str
    passage_id: str
    passage_language: str
    question_language: str
    passage: str
    question: str
    answers: tuple[Answer, ...]


def majority_first(example: Example) -> Example:
    """The example with its most frequent answer moved to the front; the first one if several tie.

    Training and translation take an example's first answer.
    """
    counts = Counter(example.answers)
    chosen = max(example.answers, key=lambda answer: counts[answer], default=None)
    if chosen is None or chosen == example.answers[0]:
        return example
    others = list(example.answers)
    others.remove(chosen)
    return replace(example, answers=(chosen, *others))


SCHEMA = pa.schema(
    [
        ("id", pa.string()),
        ("passage_id", pa.string()),
        ("passage_language", pa.string()),
        ("question_language", pa.string()),
        ("passage", pa.string()),
        ("question", pa.string()),
        ("answer_texts", pa.list_(pa.string())),
        ("answer_starts", pa.list_(pa.int32())),
    ]
)

_BATCH_ROWS = 10_000


def write_examples(path: str | Path, examples: Iterable[Example]) -> int:
    """Stream examples to a Parquet file; returns their number."""
    count = 0
    with (
        replacing(path) as partial,
        pq.ParquetWriter(partial, described(SCHEMA, "examples"), compression="zstd") as writer,
    ):
        stream = iter(examples)
        while rows := list(islice(stream, _BATCH_ROWS)):
            columns = [
                [e.id for e in rows],
                [e.passage_id for e in rows],
                [e.passage_language for e in rows],
                [e.question_language for e in rows],
                [e.passage for e in rows],
                [e.question for e in rows],
                [[a.text for a in e.answers] for e in rows],
                [[a.start for a in e.answers] for e in rows],
            ]
            writer.write_table(pa.table(columns, schema=writer.schema))
            count += len(rows)
    return count


def read_examples(path: str | Path) -> Iterator[Example]:
    """Yield the examples of a Parquet file in order, without loading all of them into memory.

    Raises:
        UserError: if the file is not a Parquet file of examples.
    """
    try:
        with pq.ParquetFile(path) as file:
            if not file.schema_arrow.equals(SCHEMA):
                raise UserError(
                    f"{path}: these are not examples (columns {file.schema_arrow.names})"
                )
            for batch in file.iter_batches(_BATCH_ROWS):
                for row in batch.to_pylist():
                    texts, starts = row.pop("answer_texts"), row.pop("answer_starts")
                    yield Example(**row, answers=tuple(map(Answer, texts, starts)))
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(
            f"{path}: not a readable Parquet file ({error}); delete it and run again"
        ) from None

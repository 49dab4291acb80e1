"""The windows that an encoder reads, as files: the columns, a file's identity, and the reader.

A row is one window of a question and a passage (Section 3, Equation 1), as `lbmrc.windows.build`
makes it. Files are memory-mapped for training and prediction.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from lbmrc.common.errors import UserError
from lbmrc.windows.arrow_files import open_arrow, read_arrow, row_count

if TYPE_CHECKING:
    from datasets import Dataset

SCHEMA = pa.schema(
    [
        ("example", pa.string()),
        ("passage_id", pa.string()),
        ("passage_language", pa.string()),
        ("question_language", pa.string()),
        ("window", pa.int16()),
        ("input_ids", pa.list_(pa.int32())),
        ("passage_first", pa.int16()),
        ("passage_last", pa.int16()),
        ("question_language_id", pa.int16()),
        ("passage_language_id", pa.int16()),
        ("start", pa.int16()),
        ("end", pa.int16()),
        ("offsets", pa.list_(pa.int32())),
        ("passage", pa.string()),
    ]
)

IDENTITY = b"lbmrc"
"""Key of the schema's metadata that holds the file's identity."""


def identity(path: str | Path) -> dict:
    """A window file's dataset, windows (settings), tokenizer (SHA-256), languages and rows.

    Raises:
        UserError: if it is not a file of windows.
    """
    with open_arrow(path) as reader:
        schema, rows = reader.schema, row_count(reader)
    if IDENTITY not in (schema.metadata or {}):
        raise UserError(f"{path}: these are not windows (columns {', '.join(schema.names)})")
    return json.loads(schema.metadata[IDENTITY]) | {"rows": rows}


def read_windows(paths: Sequence[str | Path]) -> "Dataset":
    """The windows of several files, concatenated in order, memory-mapped.

    Raises:
        UserError: if a file is unreadable or incomplete, if files were made with different
            tokenizers, lengths or language ids, or if none holds a window.
    """
    from datasets import concatenate_datasets

    parts = []
    for path in paths:
        own, first = identity(path), identity(paths[0])
        for key in ("tokenizer", "windows", "languages"):
            if own[key] != first[key]:
                raise UserError(
                    f"{path}: made with {key} {own[key]}, but {paths[0]} with {first[key]};"
                    " delete the stale one and run again"
                )
        parts.append(read_arrow(path))
    if not sum(map(len, parts)):
        raise UserError(f"no window in {', '.join(map(str, paths))}")
    return concatenate_datasets(parts)

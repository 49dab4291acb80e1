"""Files of the teachers' logits z^k for every window of D (Section 4.1.3): format and identity.

One Parquet file per teacher: unpadded, one row per window in the order of the window files. Values
have half precision but are stored as float32, which every Parquet reader supports (DuckDB, for
example, cannot read lists of float16); the zero bytes compress to nothing. Metadata hold the
file's identity: the windows' content, lengths and tokenizer, and the teacher's weights.
`lbmrc.distillation.write_logits` writes such files, and `lbmrc.distillation.read_logits` reads them
for a student.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from lbmrc.common.hashing import file_digest
from lbmrc.windows.files import identity

SCHEMA = pa.schema(
    [
        ("dataset", pa.string()),
        ("row", pa.int32()),
        ("example", pa.string()),
        ("passage_language", pa.string()),
        ("question_language", pa.string()),
        ("window", pa.int16()),
        ("start", pa.list_(pa.float32())),
        ("end", pa.list_(pa.float32())),
    ]
)
SIDES = ("start", "end")
WINDOW_KEY = ("example", "passage_language", "question_language", "window")
"""Columns that a row of logits has from the row of its window."""

IDENTITY = b"lbmrc"
"""Key of the schema's metadata that holds the file's identity, a JSON object: ``teacher``, the
fingerprint of its folder, and ``windows``, a list as `window_identities` returns it."""


def window_identities(windows: Sequence[str | Path]) -> list[dict[str, Any]]:
    """`lbmrc.windows.files.identity` of each window file, and the SHA-256 of its ``content``."""
    return [identity(path) | {"content": file_digest(path)} for path in windows]

"""The files of the teachers' logits z^k of every window of D (Section 4.1.3): format and identity.

One Parquet file per teacher: float16, unpadded, one row per window in the order of the window
files. Its metadata hold its identity: the windows' content, lengths and tokenizer, and the
teacher's weights. `lbmrc.distillation.write_logits` writes such files, and
`lbmrc.distillation.read_logits` reads them for a student.
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
        ("window", pa.int32()),
        ("start", pa.list_(pa.float16())),
        ("end", pa.list_(pa.float16())),
    ]
)
SIDES = ("start", "end")

IDENTITY = b"lbmrc"
"""Key of the schema's metadata that holds the file's identity, a JSON object: ``teacher``, the
fingerprint of its folder, and ``windows``, a list as `window_identities` returns it."""


def window_identities(windows: Sequence[str | Path]) -> list[dict[str, Any]]:
    """`lbmrc.windows.files.identity` of each window file, and the SHA-256 of its ``content``."""
    return [identity(path) | {"content": file_digest(path)} for path in windows]

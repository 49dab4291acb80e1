"""The windows that LAKM masks, as files: one row per window, with the phrase of each token.

A window is ``</s> tokens </s>``. ``phrases`` holds for each token the number of its phrase in the
passage, from 1 on; 0 for a token outside phrases, -1 for a special token.
`lbmrc.lakm.build_windows` writes such files.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from lbmrc.common.errors import UserError
from lbmrc.windows.arrow_files import read_arrow

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


def read_phrase_windows(paths: Sequence[str | Path]) -> "Dataset":
    """The windows of several languages, one after the other, memory-mapped.

    Raises:
        UserError: if a file is unreadable, or no file has a window.
    """
    from datasets import concatenate_datasets

    parts = [read_arrow(path) for path in paths]
    if not sum(map(len, parts)):
        raise UserError(
            f"no passage holds a phrase in {', '.join(map(str, paths))}; see lakm.phrases"
        )
    return concatenate_datasets(parts)

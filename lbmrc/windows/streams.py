"""Arrow stream files, the format of all windows: written batch by batch, read as a memory map.

When a file is written, memory grows with the rows of a batch, not with those of the file; when it
is read, only the pages in use are loaded.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from lbmrc.common.atomic import replacing
from lbmrc.common.errors import UserError

if TYPE_CHECKING:
    from datasets import Dataset


def write_stream(path: str | Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Write batches to a file atomically.

    Args:
        schema: that of the batches; its metadata is the file's.
    """
    with (
        replacing(path) as partial,
        pa.OSFile(str(partial), "wb") as sink,
        pa.ipc.new_stream(sink, schema) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))


def stream_schema(path: str | Path) -> pa.Schema:
    """The columns and metadata of a file of windows.

    Raises:
        UserError: if it can't be read.
    """
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_stream(source) as stream:
            return stream.schema
    except (OSError, pa.ArrowInvalid) as error:
        raise _not_readable(path, error) from None


def read_stream(path: str | Path) -> "Dataset":
    """The rows of a file of windows, memory-mapped.

    Raises:
        UserError: if it can't be read.
    """
    from datasets import Dataset

    try:
        return Dataset.from_file(str(path))
    except (OSError, pa.ArrowInvalid) as error:
        raise _not_readable(path, error) from None


def _not_readable(path: str | Path, error: Exception) -> UserError:
    return UserError(f"{path}: not readable windows ({error}); delete it and run again")

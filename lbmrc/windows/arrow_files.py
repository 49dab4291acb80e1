"""Arrow IPC files, the format of all windows: written batch by batch, read as a memory map.

When a file is written, memory grows with the rows of a batch, not of the file; when it is read,
only the pages in use are loaded. ``pyarrow.ipc.open_file``, ``pandas.read_feather`` and
``polars.read_ipc`` open them too.
"""

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa

from lbmrc.common.atomic import replacing
from lbmrc.common.errors import UserError

if TYPE_CHECKING:
    from datasets import Dataset


def write_arrow(path: str | Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> None:
    """Write batches to a file atomically.

    Args:
        schema: that of the batches; its metadata is the file's.
    """
    with (
        replacing(path) as partial,
        pa.OSFile(str(partial), "wb") as sink,
        pa.ipc.new_file(sink, schema) as writer,
    ):
        for batch in batches:
            writer.write_batch(batch.replace_schema_metadata(schema.metadata))


@contextmanager
def open_arrow(path: str | Path) -> Iterator[pa.RecordBatchFileReader]:
    """A reader of a file of windows, memory-mapped while the block lasts.

    Raises:
        UserError: if it can't be read, or is damaged where the block reads it.
    """
    try:
        with pa.memory_map(str(path)) as source, pa.ipc.open_file(source) as reader:
            yield reader
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(
            f"{path}: not readable windows ({error}); delete it and run again"
        ) from None


def row_count(reader: pa.RecordBatchFileReader) -> int:
    """Rows of all batches; their values are not read."""
    return sum(reader.get_batch(number).num_rows for number in range(reader.num_record_batches))


def read_arrow(path: str | Path) -> "Dataset":
    """The rows of a file of windows, memory-mapped.

    Raises:
        UserError: if it can't be read.
    """
    from datasets import Dataset

    with open_arrow(path) as reader:
        table = reader.read_all()
    # Otherwise datasets would read the whole file to compute a fingerprint.
    return Dataset(table, fingerprint=hashlib.sha256(str(path).encode()).hexdigest()[:16])

"""Read K teachers' logits of a student's windows, in any order.

A student expands its K files once into one flat file of (tokens, side, teacher) and reads each
batch from that; memory does not grow with D, and torch is not needed. If the student's windows
differ from those of the logits, it stops with an error.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lbmrc.common.errors import UserError
from lbmrc.common.progress import progress
from lbmrc.distillation.logit_files import IDENTITY, SCHEMA, SIDES, window_identities
from lbmrc.windows.batches import lengths
from lbmrc.windows.files import read_windows


class TeacherLogits:
    """K teachers' logits of a student's windows, read by row in any order.

    Use it as a context manager or ``close`` it: the expanded file takes 4·K bytes of disk per
    token. It is an unnamed temporary file, so nothing remains of it, even after a kill.

    Args:
        paths: the teachers' files (`lbmrc.distillation.logit_files`), in the order of K.
        windows: the student's window files, in order.
        scratch: folder to expand into.

    ``identity`` lists the fingerprint of each teacher's folder.

    Raises:
        UserError: if a file cannot be read, is damaged, or was made from other windows (the message
            names the windows and what differs), or if ``scratch`` has too little space.
    """

    def __init__(
        self, paths: Sequence[str | Path], windows: Sequence[str | Path], scratch: str | Path
    ):
        expected = window_identities(windows)
        files = [_open(path) for path in paths]
        for path, file in zip(paths, files, strict=True):
            _check_identity(path, file, expected, windows)
        self.identity = [_file_identity(file)["teacher"] for file in files]
        self.teachers = len(files)
        self.sizes = lengths(read_windows(windows))
        self.offsets = np.cumsum(self.sizes) - self.sizes
        Path(scratch).mkdir(parents=True, exist_ok=True)
        self._token_bytes = 2 * len(SIDES) * self.teachers
        needed, free = self.sizes.sum() * self._token_bytes, shutil.disk_usage(scratch).free
        if needed > free:
            raise UserError(
                f"{scratch}: {needed >> 20} MiB are needed to expand the teachers' logits, and "
                f"{free >> 20} MiB are free; free some space there"
            )
        self._file = tempfile.TemporaryFile(dir=scratch)  # noqa: SIM115 - closed by close()
        self._expand(paths, files)

    def _expand(self, paths: Sequence[str | Path], files: Sequence[pq.ParquetFile]) -> None:
        done = 0
        with progress(len(self.sizes), "expanding the teachers' logits", "window") as bar:
            for group in range(files[0].num_row_groups):
                rows = files[0].metadata.row_group(group).num_rows
                sizes = self.sizes[done : done + rows]
                block = np.empty((sizes.sum(), len(SIDES), self.teachers), np.float16)
                for k, (path, file) in enumerate(zip(paths, files, strict=True)):
                    table = _read_group(path, file, group)
                    for s, side in enumerate(SIDES):
                        column = table.column(side).combine_chunks()
                        if not np.array_equal(column.value_lengths().to_numpy(), sizes):
                            raise _damaged(path, f"row group {group} has other lengths")
                        block[:, s, k] = column.flatten().to_numpy()  # exact: half-precision values
                self._file.write(block.data.cast("B"))
                done += rows
                bar.update(rows)
        self._file.flush()

    def __len__(self) -> int:
        return len(self.sizes)

    def batch(self, rows: Sequence[int] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Start and end logits of B windows: each float16 (K, B, L), zero in padding."""
        sizes = self.sizes[rows]
        shape = (len(rows), sizes.max(), len(SIDES), self.teachers)
        padded = np.zeros(shape, np.float16)
        descriptor = self._file.fileno()
        for i, (size, offset) in enumerate(
            zip(sizes.tolist(), self.offsets[rows].tolist(), strict=True)
        ):
            os.preadv(descriptor, [padded[i, :size].data], offset * self._token_bytes)
        start, end = np.moveaxis(padded, (2, 3), (0, 1))
        return start, end

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "TeacherLogits":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _open(path: str | Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; run the teacher's logits first") from None
    except (OSError, pa.ArrowInvalid) as error:
        raise _damaged(path, error) from None
    if not file.schema_arrow.equals(SCHEMA) or IDENTITY not in (file.schema_arrow.metadata or {}):
        raise UserError(f"{path}: these are not a teacher's logits")
    return file


def _file_identity(file: pq.ParquetFile) -> dict[str, Any]:
    return json.loads(file.schema_arrow.metadata[IDENTITY])


def _read_group(path: str | Path, file: pq.ParquetFile, group: int) -> pa.Table:
    try:
        return file.read_row_group(group, columns=list(SIDES), use_threads=False)
    except (OSError, pa.ArrowInvalid) as error:
        raise _damaged(path, error) from None


def _damaged(path: str | Path, problem: object) -> UserError:
    return UserError(f"{path}: damaged ({problem}); delete it and run again")


def _check_identity(
    path: str | Path,
    file: pq.ParquetFile,
    expected: Sequence[dict[str, Any]],
    windows: Sequence[str | Path],
) -> None:
    found = _file_identity(file)["windows"]
    remedy = "delete these logits and run again"
    names = [[part["dataset"] for part in parts] for parts in (found, expected)]
    if names[0] != names[1]:
        raise UserError(
            f"{path}: logits of {', '.join(names[0])}, but this student learns on "
            f"{', '.join(names[1])}; {remedy}"
        )
    for ours, theirs, windows_path in zip(expected, found, windows, strict=True):
        for key in ours:
            if ours[key] != theirs.get(key):
                raise UserError(
                    f"{path}: made on other windows of {ours['dataset']} than {windows_path}: "
                    f"{key} was {theirs.get(key)} and is {ours[key]}; {remedy}"
                )

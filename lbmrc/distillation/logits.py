"""The teachers' logits z^k of every window of D (Section 4.1.3), written once and read by students.

One Parquet file a teacher: float16, unpadded, a row a window in the order of the window files, in
row groups of 10,000; zstd over byte-stream-split values and no dictionaries, which numbers that
never repeat do not need. The file carries its identity (the windows' content, lengths and
tokenizer, the teacher's weights), and a student whose windows are others stops there. A student
expands its K files once to one flat file of (tokens, side, teacher), from which it reads the
windows of a batch in any order, in memory that does not grow with D; that needs no torch.
"""

import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lbmrc.common.errors import UserError
from lbmrc.common.hashing import file_digest, folder_fingerprint
from lbmrc.common.progress import progress
from lbmrc.runtime.resume import claim
from lbmrc.windows.batches import batches_by_length, collate, lengths
from lbmrc.windows.files import identity, read_windows

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedModel

SCHEMA = pa.schema(
    [
        ("dataset", pa.string()),
        ("window", pa.int32()),
        ("start", pa.list_(pa.float16())),
        ("end", pa.list_(pa.float16())),
    ]
)
SIDES = ("start", "end")
_ROWS_IN_A_SHARD = 10_000
_IDENTITY = b"lbmrc"
_VALUES = [f"{side}.list.element" for side in SIDES]
_PARQUET = {
    "compression": "zstd",
    "use_dictionary": ["dataset"],
    "use_byte_stream_split": _VALUES,
    "write_statistics": False,
    "write_page_checksum": True,
}


# ------------------------------------------------------------------------------------------ writing


def dump_logits(
    model: str | Path,
    windows: Sequence[str | Path],
    target: str | Path,
    *,
    batch_size: int,
    device: str = "cpu",
    state: str | Path,
) -> dict[str, float | int]:
    """Write a teacher's start and end logits on the windows of several files.

    Args:
        model: folder of the trained teacher.
        windows: window files, in the student's order.
        target: the Parquet file to make.
        batch_size: windows in a forward pass; those of like length go together.
        device: "cpu" or "cuda".
        state: folder that keeps finished shards of a killed run, see `lbmrc.runtime.resume.claim`;
            removed at the end.

    Returns:
        windows, tokens, bytes, and windows a second.

    Raises:
        UserError: if the model or the windows cannot be read, or a logit is no finite number in
            float16.
    """
    from lbmrc.model.span_model import load_model, pad_id

    target = Path(target)
    described = {"teacher": folder_fingerprint(model), "windows": _identities(windows)}
    state = claim(state, described | {"batch_size": batch_size, "device": device})
    data = read_windows(windows)
    network = load_model(model).to(device)
    started = time.monotonic()
    shards = []
    # A finished shard is compressed and written while the next is computed.
    with progress(len(data), "logits", "window") as bar, ThreadPoolExecutor(1) as writer:
        writing: Future[None] | None = None
        for shard, (dataset, rows, numbers) in enumerate(_shards(described["windows"])):
            path = state / f"shard-{shard:05d}.parquet"
            shards.append(path)
            if not _is_whole(path):
                some = data.select(rows)
                start, end = shard_logits(network, some, batch_size, pad_id(network))
                if not np.isfinite(start).all() or not np.isfinite(end).all():
                    raise UserError(
                        f"{model}: a logit on {dataset} is infinite or not a number in float16, so "
                        "it teaches nothing; train this teacher again (a lower learning rate?)"
                    )
                table = _table(dataset, numbers, lengths(some), start, end)
                if writing:
                    writing.result()
                writing = writer.submit(_write, path, table)
            bar.update(len(rows))
        if writing:
            writing.result()
    seconds = time.monotonic() - started
    _assemble(shards, target, described)
    shutil.rmtree(state)
    return {
        "windows": len(data),
        "tokens": int(lengths(data).sum()),
        "bytes": target.stat().st_size,
        "windows_per_second": round(len(data) / seconds, 1),
    }


def shard_logits(
    model: "PreTrainedModel", windows: "Dataset", batch_size: int, pad_id: int
) -> tuple[np.ndarray, np.ndarray]:
    """Start and end logits of all tokens of some windows in a row: each float16 (tokens,)."""
    import torch

    from lbmrc.model.precision import inference
    from lbmrc.model.span_model import span_logits

    sizes = lengths(windows)
    ends = np.cumsum(sizes)
    logits = np.empty((len(SIDES), ends[-1]), np.float16)
    arrow = windows.with_format("arrow")
    for rows in batches_by_length(sizes, batch_size):
        batch = {k: v.to(model.device) for k, v in collate(arrow[rows], pad_id).items()}
        with inference(model.device):
            both = torch.stack(span_logits(model, batch)).half().cpu().numpy()
        for i, row in enumerate(rows):
            logits[:, ends[row] - sizes[row] : ends[row]] = both[:, i, : sizes[row]]
    return logits[0], logits[1]


def _shards(windows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, range, range]]:
    """Dataset, rows of all the windows, and numbers in the dataset's own file, of each shard."""
    before = 0
    for part in windows:
        for first in range(0, part["rows"], _ROWS_IN_A_SHARD):
            numbers = range(first, min(first + _ROWS_IN_A_SHARD, part["rows"]))
            yield part["dataset"], range(before + first, before + numbers.stop), numbers
        before += part["rows"]


def _table(
    dataset: str, numbers: range, sizes: np.ndarray, start: np.ndarray, end: np.ndarray
) -> pa.Table:
    offsets = pa.array(np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32))
    columns = [
        pa.array([dataset] * len(numbers)),
        pa.array(np.arange(numbers.start, numbers.stop, dtype=np.int32)),
        *(pa.ListArray.from_arrays(offsets, pa.array(values)) for values in (start, end)),
    ]
    return pa.table(columns, schema=SCHEMA)


def _write(path: Path, table: pa.Table) -> None:
    unfinished = path.with_name(path.name + ".new")
    pq.write_table(table, unfinished, **_PARQUET)
    unfinished.replace(path)


def _is_whole(path: Path) -> bool:
    """Whether a shard of a killed run is there and undamaged."""
    if not path.exists():
        return False
    try:
        pq.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowInvalid):
        return False
    return True


def _assemble(shards: Sequence[Path], target: Path, described: dict[str, Any]) -> None:
    """Put the shards into one file, each as a row group."""
    unfinished = target.with_name(target.name + ".new")
    schema = SCHEMA.with_metadata({_IDENTITY: json.dumps(described)})
    with pq.ParquetWriter(unfinished, schema, **_PARQUET) as writer:
        for shard in shards:
            table = pq.read_table(shard, page_checksum_verification=True)
            writer.write_table(table.replace_schema_metadata(schema.metadata))
    unfinished.replace(target)


# ------------------------------------------------------------------------------------------ reading


class TeacherLogits:
    """K teachers' logits of a student's windows, by row in any order.

    Use it by ``with``, or ``close`` it: the expanded file takes 4·K bytes a token of disk. It has
    no name, so that nothing of it stays, even after a kill.

    Args:
        paths: the teachers' files, as `dump_logits` writes them; their order is that of K.
        windows: the student's window files, in order.
        scratch: folder to expand into.

    ``identity`` tells the teachers apart: the fingerprint of each one's folder.

    Raises:
        UserError: if a file cannot be read, is damaged, or was made on other windows (the message
            says which windows differ and in what), or if ``scratch`` has no room.
    """

    def __init__(
        self, paths: Sequence[str | Path], windows: Sequence[str | Path], scratch: str | Path
    ):
        expected = _identities(windows)
        files = [_open(path) for path in paths]
        for path, file in zip(paths, files, strict=True):
            _check_identity(path, file, expected, windows)
        self.identity = [_described(file)["teacher"] for file in files]
        self.teachers = len(files)
        self.sizes = lengths(read_windows(windows))
        self.offsets = np.cumsum(self.sizes) - self.sizes
        Path(scratch).mkdir(parents=True, exist_ok=True)
        self._token_bytes = 2 * len(SIDES) * self.teachers
        needed, free = self.sizes.sum() * self._token_bytes, shutil.disk_usage(scratch).free
        if needed > free:
            raise UserError(
                f"{scratch}: {needed >> 20} MiB are needed to expand the teachers' logits, and "
                f"{free >> 20} MiB are free; make room there"
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
                        block[:, s, k] = column.flatten().to_numpy()
                self._file.write(memoryview(block).cast("B"))
                done += rows
                bar.update(rows)
        self._file.flush()

    def __len__(self) -> int:
        return len(self.sizes)

    def batch(self, rows: Sequence[int] | np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Start and end logits of B windows: each float16 (K, B, L), zero where a window ends."""
        sizes = self.sizes[rows]
        shape = (len(rows), sizes.max(), len(SIDES), self.teachers)
        padded = np.zeros(shape, np.float16)
        descriptor = self._file.fileno()
        for i, (size, offset) in enumerate(
            zip(sizes.tolist(), self.offsets[rows].tolist(), strict=True)
        ):
            os.preadv(descriptor, [padded[i, :size]], offset * self._token_bytes)
        start, end = np.moveaxis(padded, (2, 3), (0, 1))
        return start, end

    def close(self) -> None:
        self._file.close()

    def __enter__(self) -> "TeacherLogits":
        return self

    def __exit__(self, *_) -> None:
        self.close()


def _identities(windows: Sequence[str | Path]) -> list[dict[str, Any]]:
    return [identity(path) | {"content": file_digest(path)} for path in windows]


def _open(path: str | Path) -> pq.ParquetFile:
    try:
        file = pq.ParquetFile(path, page_checksum_verification=True)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file; run the teacher's logits first") from None
    except (OSError, pa.ArrowInvalid) as error:
        raise _damaged(path, error) from None
    if not file.schema_arrow.equals(SCHEMA) or _IDENTITY not in (file.schema_arrow.metadata or {}):
        raise UserError(f"{path}: these are not a teacher's logits")
    return file


def _described(file: pq.ParquetFile) -> dict[str, Any]:
    return json.loads(file.schema_arrow.metadata[_IDENTITY])


def _read_group(path: str | Path, file: pq.ParquetFile, group: int) -> pa.Table:
    try:
        return file.read_row_group(group, columns=list(SIDES), use_threads=False)
    except (OSError, pa.ArrowInvalid) as error:
        raise _damaged(path, error) from None


def _damaged(path: str | Path, what: object) -> UserError:
    return UserError(f"{path}: damaged ({what}); delete it and run again")


def _check_identity(
    path: str | Path,
    file: pq.ParquetFile,
    expected: Sequence[dict[str, Any]],
    windows: Sequence[str | Path],
) -> None:
    found = _described(file)["windows"]
    remedy = "delete these logits and run again"
    names = [[part["dataset"] for part in parts] for parts in (found, expected)]
    if names[0] != names[1]:
        raise UserError(
            f"{path}: logits of {', '.join(names[0])}, but this student learns on "
            f"{', '.join(names[1])}; {remedy}"
        )
    for ours, theirs, windows_path in zip(expected, found, windows, strict=True):
        for what in ours:
            if ours[what] != theirs.get(what):
                raise UserError(
                    f"{path}: made on other windows of {ours['dataset']} than {windows_path}: "
                    f"{what} was {theirs.get(what)} and is {ours[what]}; {remedy}"
                )

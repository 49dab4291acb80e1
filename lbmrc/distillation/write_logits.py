"""Write a teacher's logits z^k of every window of D (Section 4.1.3), in resumable blocks.

A block is a row group of 10,000 windows. One job writes all blocks, or several jobs write
one shard each, which are then joined to the same bytes. Values are byte-stream-split and compressed
by zstd, without dictionaries, since they never repeat.
"""

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from lbmrc.common.atomic import replacing
from lbmrc.common.columns import described
from lbmrc.common.errors import UserError
from lbmrc.common.hashing import folder_fingerprint
from lbmrc.common.progress import progress
from lbmrc.common.shards import WHOLE, Shard
from lbmrc.distillation.logit_files import (
    IDENTITY,
    SCHEMA,
    SIDES,
    WINDOW_KEY,
    window_identities,
)
from lbmrc.runtime.resume import claim
from lbmrc.windows.batches import batches_by_length, collate, lengths
from lbmrc.windows.files import read_windows

if TYPE_CHECKING:
    from datasets import Dataset
    from transformers import PreTrainedModel

_ROWS_PER_BLOCK = 10_000
_SHARD = b"shard"
"""Key of the schema's metadata that names the part which a shard is."""
_PARQUET = {
    "compression": "zstd",
    "use_dictionary": ["dataset", "example", "passage_language", "question_language"],
    "use_byte_stream_split": [f"{side}.list.element" for side in SIDES],
    "write_statistics": False,
    "write_page_checksum": True,
}


def dump_logits(
    model: str | Path,
    windows: Sequence[str | Path],
    target: str | Path,
    *,
    batch_size: int,
    device: str = "cpu",
    state: str | Path,
    shard: Shard = WHOLE,
) -> dict[str, float | int]:
    """Write a teacher's start and end logits on the windows of several files.

    Args:
        model: folder of the trained teacher.
        windows: window files, in the student's order.
        target: the Parquet file to write (`lbmrc.distillation.logit_files`), or its shard.
        batch_size: windows in a forward pass, grouped by length.
        device: "cpu" or "cuda".
        state: folder that keeps finished blocks of a killed run; see `lbmrc.runtime.resume.claim`;
            removed at the end.
        shard: write only the blocks of this shard, for `gather_logits`.

    Returns:
        windows, tokens, bytes, and windows per second.

    Raises:
        UserError: if the model or the windows cannot be read, or a logit is not finite in float16.
    """
    from lbmrc.model.span_model import load_model, pad_id

    target = Path(target)
    file_identity: dict[str, Any] = {
        "teacher": folder_fingerprint(model),
        "windows": window_identities(windows),
    }
    state = claim(
        state, file_identity | {"batch_size": batch_size, "device": device, "shard": shard}
    )
    data = read_windows(windows)
    selected = shard.of([*enumerate(_blocks(file_identity["windows"]))])
    count = sum(len(rows) for _, (_, rows, _) in selected)
    # transformers' decorator of `to` hides its arguments
    network = load_model(model).to(device)  # type: ignore[arg-type]
    started = time.monotonic()
    blocks = []
    # A finished block is compressed and written while the next is computed.
    with progress(count, "logits", "window") as bar, ThreadPoolExecutor(1) as writer:
        writing: Future[None] | None = None
        for block, (dataset, rows, numbers) in selected:
            path = state / f"block-{block:05d}.parquet"
            blocks.append(path)
            if not _is_intact(path):
                part = data.select(rows)
                start, end = block_logits(network, part, batch_size, pad_id(network))
                if not np.isfinite(start).all() or not np.isfinite(end).all():
                    raise UserError(
                        f"{model}: a logit on {dataset} is infinite or not a number in float16, so "
                        "it teaches nothing; train this teacher again (a lower learning rate?)"
                    )
                table = _table(dataset, numbers, part, start, end)
                if writing:
                    writing.result()
                writing = writer.submit(_write_block, path, table)
            bar.update(len(rows))
        if writing:
            writing.result()
    seconds = time.monotonic() - started
    metadata = {IDENTITY: json.dumps(file_identity)}
    if shard != WHOLE:
        metadata[_SHARD] = json.dumps(shard)
    _assemble(blocks, target, metadata)
    shutil.rmtree(state)
    sizes = lengths(data)
    return {
        "windows": count,
        "tokens": int(sum(sizes[rows.start : rows.stop].sum() for _, (_, rows, _) in selected)),
        "bytes": target.stat().st_size,
        "windows_per_second": round(count / seconds, 1),
    }


def gather_logits(shards: Sequence[str | Path], target: str | Path) -> dict[str, int]:
    """Join all shards into one file, identical to one written without shards.

    Args:
        shards: the files `dump_logits` wrote, in order.
        target: the Parquet file to write.

    Returns:
        windows, bytes, and shards.

    Raises:
        UserError: if a shard cannot be read, or is not the expected shard of the same teacher's
            logits on the same windows.
    """
    identities = []
    for number, path in enumerate(shards, 1):
        try:
            metadata = pq.read_schema(path).metadata or {}
        except (OSError, pa.ArrowInvalid) as error:
            raise _damaged(path, error) from None
        if metadata.get(_SHARD) != json.dumps(Shard(number, len(shards))).encode():
            raise UserError(f"{path}: not part {number} of {len(shards)} of a teacher's logits")
        identities.append(metadata[IDENTITY])
        if identities[-1] != identities[0]:
            raise UserError(
                f"{path}: of another teacher or other windows than {shards[0]}; delete the stale "
                "one and run again"
            )
    _assemble(shards, target, {IDENTITY: identities[0]})
    return {
        "windows": pq.read_metadata(target).num_rows,
        "bytes": Path(target).stat().st_size,
        "shards": len(shards),
    }


def block_logits(
    model: "PreTrainedModel", windows: "Dataset", batch_size: int, pad_id: int
) -> tuple[np.ndarray, np.ndarray]:
    """Start and end logits of all tokens of the windows, concatenated: each float16 (tokens,)."""
    import torch

    from lbmrc.model.precision import inference
    from lbmrc.model.span_model import span_logits

    sizes = lengths(windows)
    ends = np.cumsum(sizes)
    logits = np.empty((len(SIDES), ends[-1]), np.float16)
    arrow = windows.with_format("arrow")
    for rows in batches_by_length(sizes, batch_size):
        batch = {k: v.to(model.device) for k, v in collate(arrow[rows], pad_id).items()}
        with inference(model, model.device):
            both = torch.stack(span_logits(model, batch)).half().cpu().numpy()
        for i, row in enumerate(rows):
            logits[:, ends[row] - sizes[row] : ends[row]] = both[:, i, : sizes[row]]
    return logits[0], logits[1]


def _blocks(windows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, range, range]]:
    """For each block: its dataset, its rows among all windows, and those in the dataset's file."""
    before = 0
    for part in windows:
        for first in range(0, part["rows"], _ROWS_PER_BLOCK):
            numbers = range(first, min(first + _ROWS_PER_BLOCK, part["rows"]))
            yield part["dataset"], range(before + first, before + numbers.stop), numbers
        before += part["rows"]


def _table(
    dataset: str, numbers: range, windows: "Dataset", start: np.ndarray, end: np.ndarray
) -> pa.Table:
    offsets = pa.array(np.concatenate([[0], np.cumsum(lengths(windows))]).astype(np.int32))
    keys = windows.select_columns(WINDOW_KEY).with_format("arrow")[:]
    columns = [
        pa.array([dataset] * len(numbers)),
        pa.array(np.arange(numbers.start, numbers.stop, dtype=np.int32)),
        *(keys[name] for name in WINDOW_KEY),
        *(
            pa.ListArray.from_arrays(offsets, pa.array(values.astype(np.float32)))
            for values in (start, end)
        ),
    ]
    return pa.table(columns, schema=SCHEMA)


def _write_block(path: Path, table: pa.Table) -> None:
    with replacing(path) as partial:
        pq.write_table(table, partial, **_PARQUET)


def _is_intact(path: Path) -> bool:
    """Whether a block of a killed run exists and is undamaged."""
    if not path.exists():
        return False
    try:
        pq.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowInvalid):
        return False
    return True


def _assemble(parts: Sequence[str | Path], target: str | Path, metadata: dict) -> None:
    """Write the row groups of several files into one."""
    schema = described(SCHEMA.with_metadata(metadata), "logits")
    with replacing(target) as partial, pq.ParquetWriter(partial, schema, **_PARQUET) as writer:
        for path in parts:
            part = pq.ParquetFile(path, page_checksum_verification=True)
            for group in range(part.num_row_groups):
                try:
                    table = part.read_row_group(group)
                except (OSError, pa.ArrowInvalid) as error:
                    raise _damaged(path, error) from None
                writer.write_table(table.replace_schema_metadata(schema.metadata))


def _damaged(path: str | Path, problem: object) -> UserError:
    return UserError(f"{path}: damaged ({problem}); delete it and run again")

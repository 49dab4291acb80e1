"""Write a teacher's logits z^k of every window of D (Section 4.1.3), in resumable shards.

Row groups of 10,000 windows; zstd over byte-stream-split values and no dictionaries, which values
that never repeat do not need.
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

_ROWS_PER_SHARD = 10_000
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
) -> dict[str, float | int]:
    """Write a teacher's start and end logits on the windows of several files.

    Args:
        model: folder of the trained teacher.
        windows: window files, in the student's order.
        target: the Parquet file to write (`lbmrc.distillation.logit_files`).
        batch_size: windows in a forward pass, grouped by length.
        device: "cpu" or "cuda".
        state: folder that keeps finished shards of a killed run; see `lbmrc.runtime.resume.claim`;
            removed at the end.

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
    state = claim(state, file_identity | {"batch_size": batch_size, "device": device})
    data = read_windows(windows)
    # transformers' decorator of `to` hides its arguments
    network = load_model(model).to(device)  # type: ignore[arg-type]
    started = time.monotonic()
    shards = []
    # A finished shard is compressed and written while the next is computed.
    with progress(len(data), "logits", "window") as bar, ThreadPoolExecutor(1) as writer:
        writing: Future[None] | None = None
        for shard, (dataset, rows, numbers) in enumerate(_shards(file_identity["windows"])):
            path = state / f"shard-{shard:05d}.parquet"
            shards.append(path)
            if not _is_intact(path):
                part = data.select(rows)
                start, end = shard_logits(network, part, batch_size, pad_id(network))
                if not np.isfinite(start).all() or not np.isfinite(end).all():
                    raise UserError(
                        f"{model}: a logit on {dataset} is infinite or not a number in float16, so "
                        "it teaches nothing; train this teacher again (a lower learning rate?)"
                    )
                table = _table(dataset, numbers, part, start, end)
                if writing:
                    writing.result()
                writing = writer.submit(_write_shard, path, table)
            bar.update(len(rows))
        if writing:
            writing.result()
    seconds = time.monotonic() - started
    _assemble(shards, target, file_identity)
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


def _shards(windows: Sequence[dict[str, Any]]) -> Iterator[tuple[str, range, range]]:
    """Of each shard: its dataset, its rows in all the windows, and in the dataset's own file."""
    before = 0
    for part in windows:
        for first in range(0, part["rows"], _ROWS_PER_SHARD):
            numbers = range(first, min(first + _ROWS_PER_SHARD, part["rows"]))
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


def _write_shard(path: Path, table: pa.Table) -> None:
    with replacing(path) as partial:
        pq.write_table(table, partial, **_PARQUET)


def _is_intact(path: Path) -> bool:
    """Whether a shard of a killed run exists and is undamaged."""
    if not path.exists():
        return False
    try:
        pq.read_table(path, page_checksum_verification=True)
    except (OSError, pa.ArrowInvalid):
        return False
    return True


def _assemble(shards: Sequence[Path], target: Path, file_identity: dict[str, Any]) -> None:
    """Write the shards into one file, one row group each."""
    schema = described(SCHEMA.with_metadata({IDENTITY: json.dumps(file_identity)}), "logits")
    with replacing(target) as partial, pq.ParquetWriter(partial, schema, **_PARQUET) as writer:
        for shard in shards:
            table = pq.read_table(shard, page_checksum_verification=True)
            writer.write_table(table.replace_schema_metadata(schema.metadata))

"""Do time and memory stay linear and flat on a D of 10 or 100 times SQuAD's? Nine teachers.

    python benchmarks/scale.py [--windows 100000 1000000 10000000] [--tokens 24] [--folder DIR]

Windows of random token ids, half to one and a half times ``--tokens`` long, in the file format of
`lbmrc.windows.build`. Each stage runs in its own process:

- index: `read_windows`, the lengths of all windows, and the batches of an epoch of 32;
- reading: the first 2,000 of these batches, in their shuffled order, as padded tensors;
- logits: `TeacherLogits` of nine teachers (the same file of noise nine times) expanded, and 2,000
  shuffled batches of them, on a D of at most ``--logits`` windows.

The growth of time and memory per window, from the second-largest D to the largest, is extrapolated
to 10 and 100 times SQuAD's D in three languages, with windows of 211 tokens. Reading depends only
on the batches read, not on the size of D, so it is not extrapolated. Seconds are CPU time, which
other work on the machine affects least.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from itertools import islice
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from memory import MIB, in_a_process, watched
from paired import publish

from lbmrc.distillation import logit_files
from lbmrc.distillation.read_logits import TeacherLogits
from lbmrc.windows import files as window_files
from lbmrc.windows.arrow_files import write_arrow
from lbmrc.windows.batches import COLUMNS, LengthGroupedBatches, collate, lengths
from lbmrc.windows.files import read_windows

TEACHERS, BATCH, BATCHES, ROWS = 9, 32, 2_000, 10_000
SQUADS_D = {"windows": 844_000, "tokens": 211}  # `lbmrc plan --languages 3`
STAGES = ("index", "reading", "logits")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--windows", type=int, nargs="+", default=[100_000, 1_000_000, 10_000_000])
    parser.add_argument("--tokens", type=int, default=24, help="of a window, in the mean")
    parser.add_argument("--logits", type=int, default=1_000_000, help="largest D with teachers")
    parser.add_argument("--folder", type=Path, help="to work in (a temporary one)")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="scale-"))
    found: dict[str, dict[int, dict]] = {stage: {} for stage in STAGES}
    disk: dict[str, float] = {}
    print(f"{'':10}{'windows of D':>14}{'own MiB':>9}{'files MiB':>10}{'CPU s':>9}{'a second':>12}")
    for count in sorted(options.windows):
        work = folder / str(count)
        work.mkdir(parents=True)
        windows, logits = work / "windows.arrow", work / "logits.parquet"
        in_a_process(write_windows, windows, count, options.tokens)
        stages: dict[str, Callable] = {
            "index": partial(index, windows),
            "reading": partial(reading, windows),
        }
        disk["windows"] = windows.stat().st_size / count
        if count <= options.logits:
            in_a_process(write_logits, logits, windows)
            stages["logits"] = partial(nine_teachers, logits, windows, work / "scratch")
            disk["logits of a teacher"] = logits.stat().st_size / count
        for stage, do in stages.items():
            one = found[stage][count] = in_a_process(measured, do)
            print(
                f"{stage:10}{count:14,}{one['own'] / MIB:9.0f}{one['files'] / MIB:10.0f}"
                f"{one['seconds']:9.2f}{one['windows'] / one['seconds']:12,.0f}",
                flush=True,
            )
        shutil.rmtree(work)
    growth = {stage: grown(of_stage) for stage, of_stage in found.items() if len(of_stage) > 1}
    print(f"\n{'a window':10}{'own bytes':>12}{'microseconds':>14}")
    for stage, a_window in growth.items():
        print(f"{stage:10}{a_window['own']:12.1f}{a_window['microseconds']:14.2f}")
    print("disk, bytes a window:", json.dumps(disk))
    larger = extrapolated(found, growth, options.tokens)
    for times, stages_of in larger.items():
        for stage, taken in stages_of.items():
            print(
                f"{times} SQuAD's D, {stage}: {taken['own'] / MIB:,.0f} MiB, "
                f"{taken['seconds']:,.0f} s (extrapolated)"
            )
    publish(
        "scale",
        {
            "teachers": TEACHERS,
            "tokens": options.tokens,
            "stages": found,
            "growth_a_window": growth,
            "disk_bytes_a_window": disk,
            "extrapolated": larger,
        },
    )


def grown(stage: dict[int, dict]) -> dict[str, float]:
    """Own bytes and microseconds per window, from the second-largest D to the largest."""
    before, after = sorted(stage)[-2:]
    more = {key: stage[after][key] - stage[before][key] for key in ("own", "seconds")}
    return {
        "own": more["own"] / (after - before),
        "microseconds": 1e6 * more["seconds"] / (after - before),
    }


def extrapolated(found: dict, growth: dict, tokens: int) -> dict[str, dict]:
    """Cost of index and logits on 10 and 100 times SQuAD's D; logits time scales with tokens."""
    larger: dict[str, dict] = {}
    for times in (10, 100):
        windows = times * SQUADS_D["windows"]
        for stage in {"index", "logits"} & growth.keys():
            largest = max(found[stage])
            longer = SQUADS_D["tokens"] / tokens if stage == "logits" else 1
            seconds = found[stage][largest]["seconds"]
            seconds += 1e-6 * growth[stage]["microseconds"] * (windows - largest)
            own = found[stage][largest]["own"] + growth[stage]["own"] * (windows - largest)
            larger.setdefault(f"{times} x", {})[stage] = {"own": own, "seconds": longer * seconds}
    return larger


def measured(stage: Callable[[], dict[str, float]]) -> dict[str, float]:
    """Peaks of memory while a stage runs, and the windows and CPU seconds that it returns."""
    import datasets  # noqa: F401 - a stage imports it when it reads

    returned: list[dict[str, float]] = []
    return watched(lambda: returned.append(stage())) | returned[0]


# ------------------------------------------------------------------------------------------- files


def write_windows(path: Path, count: int, tokens: int) -> None:
    identity = {"dataset": "union", "windows": {}, "tokenizer": "invented", "languages": {}}
    schema = window_files.SCHEMA.with_metadata({window_files.IDENTITY: json.dumps(identity)})
    write_arrow(path, schema, invented(count, tokens))


def invented(count: int, tokens: int) -> Iterator[pa.RecordBatch]:
    draw = np.random.default_rng(0)
    for first in range(0, count, ROWS):
        rows = np.arange(first, min(first + ROWS, count))
        sizes = draw.integers(tokens // 2, tokens + tokens // 2 + 1, len(rows))
        offsets = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int32)
        ids = draw.integers(0, 95_000, offsets[-1]).astype(np.int32)
        small = np.zeros(len(rows), np.int16)
        columns = {
            "example": pa.array([f"question-{row}" for row in rows]),
            "passage_id": pa.array([f"passage-{row // 15}" for row in rows]),
            "passage_language": pa.array(["en"] * len(rows)),
            "question_language": pa.array(["es"] * len(rows)),
            "input_ids": pa.ListArray.from_arrays(offsets, ids),
            "passage_first": pa.array(small + tokens // 4),
            "passage_last": pa.array((sizes - 2).astype(np.int16)),
            "offsets": pa.array([[]] * len(rows), pa.list_(pa.int32())),
            "passage": pa.array([""] * len(rows)),
        }
        filled = [columns.get(field.name, pa.array(small)) for field in window_files.SCHEMA]
        yield pa.RecordBatch.from_arrays(filled, schema=window_files.SCHEMA)


def write_logits(path: Path, windows: Path) -> None:
    """Noise in the format of a teacher's logits, one row per window."""
    identity = {"teacher": "noise", "windows": logit_files.window_identities([windows])}
    schema = logit_files.SCHEMA.with_metadata({logit_files.IDENTITY: json.dumps(identity)})
    sizes, draw = lengths(read_windows([windows])), np.random.default_rng(0)
    with pq.ParquetWriter(path, schema, compression="zstd", use_dictionary=False) as writer:
        for first in range(0, len(sizes), ROWS):
            offsets = np.concatenate([[0], np.cumsum(sizes[first : first + ROWS])])
            rows = len(offsets) - 1
            of_side = {
                side: pa.ListArray.from_arrays(
                    offsets.astype(np.int32),
                    draw.normal(size=offsets[-1]).astype(np.float16).astype(np.float32),
                )
                for side in logit_files.SIDES
            }
            nothing = {field.name: pa.nulls(rows, field.type) for field in logit_files.SCHEMA}
            columns = [(nothing | of_side)[name] for name in logit_files.SCHEMA.names]
            writer.write_table(pa.table(columns, schema=schema))


# ------------------------------------------------------------------------------------------ stages


def index(path: Path) -> dict[str, float]:
    started = time.process_time()
    sizes = lengths(read_windows([path]))
    batches = sum(1 for _ in LengthGroupedBatches(sizes, BATCH, seed=0))
    assert batches == -(-len(sizes) // BATCH)
    return {"windows": len(sizes), "seconds": time.process_time() - started}


def reading(path: Path) -> dict[str, float]:
    data = read_windows([path])
    batches = [*islice(LengthGroupedBatches(lengths(data), BATCH, seed=0), BATCHES)]
    arrow = data.select_columns(COLUMNS).with_format("arrow")
    started = time.process_time()
    for rows in batches:
        collate(arrow[rows], pad_id=2)
    return {"windows": sum(map(len, batches)), "seconds": time.process_time() - started}


def nine_teachers(logits: Path, windows: Path, scratch: Path) -> dict[str, float]:
    """Windows and seconds of the expansion, and windows per second of reading afterwards."""
    started = time.process_time()
    with TeacherLogits([logits] * TEACHERS, [windows], scratch) as teachers:
        expanded = time.process_time()
        batches = [*islice(LengthGroupedBatches(teachers.sizes, BATCH, seed=0), BATCHES)]
        for rows in batches:
            teachers.batch(rows)
        read = time.process_time() - expanded
    return {
        "windows": len(teachers.sizes),
        "seconds": expanded - started,
        "read_a_second": sum(map(len, batches)) / read,
    }


if __name__ == "__main__":
    main()

"""The teachers' logits: bytes on disk, writing, and the student's reading.

    python benchmarks/logits.py --xquad FOLDER [--shape small] [--windows 2000] [--rounds 3]

Windows of D (XQuAD: en, es, de; 384/128). The usual way writes a dense float32 array (windows, 2,
384) with transformers' XLM on padded windows, 32 at a time in file order; its reader memory-maps
each teacher's array. Ours is `lbmrc.distillation`: `dump_logits` and `TeacherLogits`. The reported
time of both writers includes loading the teacher and reading the windows.

The teacher starts with random weights and is first trained on these windows (`--epochs 3`), since
zstd compresses a teacher's logits better than noise. The student reads three teachers (the same
file three times) in batches of 32, in a new random order for each of 20 epochs, from files in the
page cache.
"""

import argparse
import shutil
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
import torch
from models import SHAPES
from paired import compare, in_turns, matrix_rate, publish, table
from real_text import backbone, windows_of_d
from transformers import XLMForQuestionAnsweringSimple

from lbmrc.config.stages import DecodingSettings, TrainingSettings
from lbmrc.distillation.read_logits import TeacherLogits
from lbmrc.distillation.write_logits import dump_logits
from lbmrc.model.span_model import span_logits
from lbmrc.training.trainer import train
from lbmrc.windows.batches import COLUMNS, collate, lengths
from lbmrc.windows.files import read_windows

TEACHERS, BATCH, LONGEST, PAD, EPOCHS = 3, 32, 384, 2, 20
PAPERS_D = {"windows": 790_000, "tokens": 211}
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--xquad", type=Path, required=True, help="folder of xquad.*.json")
    parser.add_argument("--shape", choices=SHAPES, default="small")
    parser.add_argument("--epochs", type=int, default=3, help="that the teacher is trained")
    parser.add_argument("--windows", type=int, default=2000, help="examples of D")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    shape = SHAPES[options.shape]
    path = windows_of_d(options.xquad, options.windows)
    sizes = lengths(read_windows([path]))
    print(f"{len(sizes)} windows of {sizes.mean():.0f} tokens\n")
    peak = matrix_rate()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        train_teacher(backbone(options.xquad, shape), path, options.epochs, folder)
        writes = compare(
            in_turns(writers(path, folder), options.rounds), "dense float32", len(sizes)
        )
        writes["mfu"] = shape.flops(sizes) / writes["seconds"] / peak
        print(table(writes, "windows", f"writing, {options.shape}: {shape}"))
        disk = on_disk(folder, sizes)
        print(
            f"bytes: {disk['ours']:,} against {disk['dense']:,}, 1/{disk['ratio']:.2f};"
            f" {disk['bytes_a_token']:.2f} a token; {TEACHERS} teachers on the paper's D"
            f" {disk['papers_d_gb']:.2f} GB\n"
        )
        reads = reading(path, folder, options.rounds)
        print(table(reads, "windows", f"a student's reads, {TEACHERS} teachers"))
    results = {
        "windows": len(sizes),
        "tokens": int(sizes.sum()),
        "shape": options.shape,
        "epochs": options.epochs,
        "matrix_rate": peak,
        "disk": disk,
        "write": writes.to_dict("index"),
        "read": reads.to_dict("index"),
    }
    if DEVICE == "cuda":
        results["peak_gib"] = torch.cuda.max_memory_allocated() / 2**30
    publish("logits", results)


def on_disk(folder: Path, sizes: np.ndarray) -> dict[str, float]:
    dense, ours = ((folder / name).stat().st_size for name in ("dense-0.npy", "logits.parquet"))
    a_token = ours / sizes.sum()
    return {
        "dense": dense,
        "ours": ours,
        "ratio": dense / ours,
        "bytes_a_token": a_token,
        "papers_d_gb": TEACHERS * PAPERS_D["windows"] * PAPERS_D["tokens"] * a_token / 1e9,
    }


# ---------------------------------------------------------------------------------------- writing


def train_teacher(checkpoint: Path, path: Path, epochs: int, folder: Path) -> None:
    train(
        checkpoint,
        read_windows([path]),
        TrainingSettings(learning_rate=5e-4, epochs=epochs, batch_size=BATCH, warmup_steps=50),
        seed=1,
        device=DEVICE,
        model=folder / "teacher",
        metrics=folder / "metrics.jsonl",
        state=folder / "training",
    )


def writers(path: Path, folder: Path) -> dict[str, Callable[[], None]]:
    teacher = folder / "teacher"

    def dense() -> None:
        model = XLMForQuestionAnsweringSimple.from_pretrained(teacher).eval().to(DEVICE)
        arrow = read_windows([path]).select_columns(COLUMNS).with_format("arrow")
        shape_of_all = (len(arrow), 2, LONGEST)
        stored = np.lib.format.open_memmap(folder / "dense-0.npy", "w+", np.float32, shape_of_all)
        for first in range(0, len(arrow), BATCH):
            batch = collate(arrow[first : first + BATCH], PAD)
            batch = {k: _widened(k, x).to(DEVICE) for k, x in batch.items()}
            with torch.no_grad():
                both = torch.stack(span_logits(model, batch), dim=1)
            stored[first : first + BATCH] = both.cpu().numpy()
        stored.flush()

    def ours() -> None:
        dump_logits(
            teacher,
            [path],
            folder / "logits.parquet",
            batch_size=DecodingSettings().batch_size,
            device=DEVICE,
            state=folder / "state",
        )

    return {"dense float32": dense, "ours": ours}


def _widened(name: str, x: torch.Tensor) -> torch.Tensor:
    if x.dim() == 1:
        return x
    fill = PAD * (name == "input_ids")
    return torch.nn.functional.pad(x, (0, LONGEST - x.shape[1]), value=fill)


# ---------------------------------------------------------------------------------------- reading


def reading(path: Path, folder: Path, rounds: int):
    for teacher in range(1, TEACHERS):
        shutil.copy(folder / "dense-0.npy", folder / f"dense-{teacher}.npy")
    dense = [np.load(folder / f"dense-{k}.npy", mmap_mode="r") for k in range(TEACHERS)]
    logits = [folder / "logits.parquet"] * TEACHERS
    with TeacherLogits(logits, [path], folder / "scratch") as store:
        ways = {
            "dense float32": partial(
                _epochs, len(store), lambda rows: np.stack([of_one[rows] for of_one in dense])
            ),
            "ours": partial(_epochs, len(store), store.batch),
        }
        return compare(in_turns(ways, rounds), "dense float32", EPOCHS * len(store))


def _epochs(windows: int, read: Callable[[np.ndarray], object]) -> None:
    draw = np.random.default_rng(0)
    for _ in range(EPOCHS):
        order = draw.permutation(windows)
        for first in range(0, windows, BATCH):
            read(order[first : first + BATCH])


if __name__ == "__main__":
    main()

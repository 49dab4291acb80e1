"""Does the memory of a stage stay flat as D grows? Synthetic D of 10,000 to 1,000,000 windows.

    python benchmarks/memory.py [--windows 10000 100000 1000000] [--folder DIR]

Each stage runs in its own process:

- windows: `write_windows` of synthetic examples, one short window (at most 64 tokens) each; each
  passage has five questions in three languages, as in D;
- logits: `dump_logits` of a random teacher of one layer;
- student: `TeacherLogits` of three teachers (the same file three times) expanded, then an epoch of
  shuffled batches of 32 as a student's training draws them.

Reports the peak of a process's own memory (anonymous pages, sampled every 10 ms) and, separately,
of its resident pages of mapped files (libraries and windows), which the system reclaims when
needed. Growth is from the second-largest D to the largest, in bytes per window.
"""

import argparse
import json
import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from paired import publish

from lbmrc import miniworld
from lbmrc.config.stages import DistillationSettings, WindowSettings
from lbmrc.data.examples import Answer, Example

XLM = Path(miniworld.__file__).parent / "checkpoints" / "xlm"
LANGUAGES = ("en", "es", "de")
SETTINGS = WindowSettings(max_length=64, stride=32, max_question_length=16)
QUESTIONS = 5
LEXICON = 20_000
MIB = 2**20


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--windows", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--folder", type=Path, help="to work in (a temporary one)")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="memory-"))

    teacher = folder / "teacher"
    in_a_process(build_teacher, teacher)
    peaks: dict[str, dict[int, dict]] = {"windows": {}, "logits": {}, "student": {}}
    print(f"{'MiB':10}{'windows of D':>14}{'own':>8}{'files':>8}{'seconds':>10}")
    for count in sorted(options.windows):
        work = folder / str(count)
        work.mkdir(parents=True)
        file, logits = work / "windows.arrow", work / "logits.parquet"
        stages = {
            "windows": partial(build_windows, file, count),
            "logits": partial(write_logits, teacher, file, logits, work / "state"),
            "student": partial(read_as_student, file, logits, work / "scratch"),
        }
        for stage, do in stages.items():
            found = peaks[stage][count] = in_a_process(watched, do)
            own, files, seconds = found["own"] / MIB, found["files"] / MIB, found["seconds"]
            print(f"{stage:10}{count:14,}{own:8.0f}{files:8.0f}{seconds:10.1f}", flush=True)
        shutil.rmtree(work)
    growth = {stage: grown(of_stage) for stage, of_stage in peaks.items()}
    print("\ngrowth, bytes a window:", json.dumps(growth))
    publish("memory", {"peaks": peaks, "growth_bytes_a_window": growth})


def grown(peaks: dict[int, dict]) -> dict[str, float]:
    before, after = sorted(peaks)[-2:]
    return {
        what: round((peaks[after][what] - peaks[before][what]) / (after - before), 1)
        for what in ("own", "files")
    }


def in_a_process(function: Callable, *arguments):
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(function, *arguments).result()


def watched(do: Callable[[], object]) -> dict[str, float]:
    """Run ``do``; peak bytes of this process's own memory and of mapped files, and seconds."""
    peaks = {"RssAnon": 0, "RssFile": 0}
    done = threading.Event()

    def look() -> None:
        while True:
            for line in Path("/proc/self/status").read_text().splitlines():
                name, _, value = line.partition(":")
                if name in peaks:
                    peaks[name] = max(peaks[name], int(value.split()[0]) * 1024)
            if done.wait(0.01):
                return

    watcher = threading.Thread(target=look)
    watcher.start()
    started = time.perf_counter()
    try:
        do()
    finally:
        done.set()
        watcher.join()
    return {
        "own": peaks["RssAnon"],
        "files": peaks["RssFile"],
        "seconds": time.perf_counter() - started,
    }


# ----------------------------------------------------------------------------------------- stages


def build_teacher(folder: Path) -> None:
    from models import Shape
    from transformers import XLMTokenizer

    tokenizer = XLMTokenizer.from_pretrained(XLM)
    Shape(layers=1, width=8, heads=1, vocabulary=len(tokenizer)).build().save_pretrained(folder)


def build_windows(path: Path, count: int) -> None:
    from transformers import XLMTokenizer

    from lbmrc.windows.build import write_windows

    tokenizer = XLMTokenizer.from_pretrained(XLM)
    write_windows(path, invented(count), tokenizer, SETTINGS, dataset="union", for_prediction=False)


def invented(count: int) -> Iterator[Example]:
    """Examples of made-up words, most of them rare, on passages of 12 words."""
    draw = np.random.default_rng(0)
    lexicon = ["".join(draw.choice([*"aeiounrstlkm"], draw.integers(2, 6))) for _ in range(LEXICON)]

    def text(words: int) -> str:
        return " ".join([lexicon[int(LEXICON * x**3)] for x in draw.random(words)])

    number = 0
    while True:
        for language in LANGUAGES:
            passage = text(12)
            for _ in range(QUESTIONS):
                for question_language in LANGUAGES:
                    if number == count:
                        return
                    yield Example(
                        id=f"question-{number}",
                        passage_id=f"passage-{number // (QUESTIONS * len(LANGUAGES))}",
                        passage_language=language,
                        question_language=question_language,
                        passage=passage,
                        question=text(5),
                        answers=(Answer(passage.split()[0], 0),),
                    )
                    number += 1


def write_logits(teacher: Path, windows: Path, target: Path, state: Path) -> None:
    from lbmrc.distillation.write_logits import dump_logits

    dump_logits(teacher, [windows], target, batch_size=256, state=state)


def read_as_student(windows: Path, logits: Path, scratch: Path) -> None:
    from lbmrc.distillation.read_logits import TeacherLogits
    from lbmrc.distillation.task import Distillation, DistilledSpans
    from lbmrc.windows.files import read_windows

    settings = DistillationSettings()
    with TeacherLogits([logits] * 3, [windows], scratch) as teachers:
        distillation = Distillation(teachers, "confident", settings)
        task = DistilledSpans(read_windows([windows]), 2, distillation)
        batches: Sequence[list[int]] = task.batches(32, seed=0)
        for rows in batches:
            task.__getitems__(rows)


if __name__ == "__main__":
    main()

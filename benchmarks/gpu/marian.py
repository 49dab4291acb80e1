"""Step 5: translation by Marian at opus-mt's size, float16 on a GPU: the obvious way and ours."""

import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from real_text import examples
from translation import (
    BEAMS,
    OBVIOUS,
    Forced,
    make_model,
    make_tokenizer,
    obviously,
    once,
    tokens,
    tokens_of_squad,
)

from gpu.clock import forget_peak, peak_memory, wait_for
from gpu.scale import Setting
from gpu.steps import Findings, Measurement
from lbmrc.data.examples import Example
from lbmrc.translation.engines.transformers import Marian

LANGUAGES = ("en", "es", "de")


def tokenizer_folder(setting: Setting) -> Path:
    """The tokenizer, learnt on XQuAD; created if missing."""
    folder = setting.texts / f"marian-{setting.scale.marian.pieces}"
    if not folder.exists():
        texts = dict.fromkeys(
            text
            for language in LANGUAGES
            for example in examples(setting.xquad, language)
            for text in (example.passage, example.question)
        )
        with tempfile.TemporaryDirectory(dir=setting.texts) as made:
            make_tokenizer(list(texts), Path(made), setting.scale.marian)
            shutil.copytree(made, folder)
    return folder


def translation(setting: Setting, findings: Findings) -> Iterator[Measurement]:
    """Questions and source tokens per second; lengths are forced, since weights are random."""
    of_xquad = examples(setting.xquad, "en")
    few, many = (_of_passages(of_xquad, count) for count in setting.scale.passages)
    with tempfile.TemporaryDirectory() as name:
        checkpoint = Path(name) / "opus-mt-size"
        shutil.copytree(tokenizer_folder(setting), checkpoint)
        make_model(checkpoint, setting.scale.marian)
        engine = Marian(checkpoint, half=setting.on_gpu, device=setting.device, beams=BEAMS)
    engine.model = Forced(engine.model)

    def count(text: str) -> int:
        return len(engine.tokenizer(text).input_ids)

    whole = tokens(of_xquad, count)
    passages = len({example.passage for example in of_xquad})
    obviously(engine, few[:1])  # warm-up: a first call initialises lazily

    def measured(way: str, row: str, some: list[Example], seconds: float) -> Measurement:
        rate = tokens(some, count).loc[row, "all"] / seconds
        of_squad = tokens_of_squad(whole, row, passages, len(of_xquad))
        return {
            "name": f"translation, {way}",
            "questions_per_second": len(some) / seconds,
            "tokens_per_second": rate,
            "hours_of_squad_a_language": of_squad / rate / 3600,
            **peak_memory(setting.device),
        }

    forget_peak(setting.device)
    seconds = _seconds(partial(obviously, engine, few), setting.device)
    yield measured("the obvious way", OBVIOUS, few, seconds)
    for engine.tokens_per_batch in setting.scale.tokens_per_batch:
        forget_peak(setting.device)
        seconds = _seconds(partial(once, engine, many), setting.device)
        way = f"ours, {engine.tokens_per_batch} tokens a batch"
        yield measured(way, "markers", many, seconds)


def _seconds(work: Callable[[], None], device: str) -> float:
    started = time.perf_counter()
    work()
    wait_for(device)
    return time.perf_counter() - started


def _of_passages(some: Sequence[Example], count: int) -> list[Example]:
    """The questions of ``count`` passages, spread evenly over all."""
    passages = list(dict.fromkeys(example.passage for example in some))
    step = len(passages) // count
    chosen = set(passages[step // 2 :: step][:count])
    return [example for example in some if example.passage in chosen]

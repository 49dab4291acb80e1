"""Real text for the benchmarks: XQuAD's passages, and an XLM-style vocabulary learnt on them.

XLM-15's own vocabulary (95,000 tokens learnt on Wikipedia) is downloaded with the paper's run and
not needed here: with the same tokenizer class, merges learnt on XQuAD itself give windows of D
(en, es, de, 384/128) of 212 tokens on average, so padded to 384 they are 45% padding.
"""

import random
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from lbmrc.common.atomic import replacing
from lbmrc.config.stages import WindowSettings
from lbmrc.data.examples import Example
from lbmrc.data.squad import read_squad
from lbmrc.miniworld.models.vocabulary import learn_tokenizer
from lbmrc.windows.batches import lengths
from lbmrc.windows.build import write_windows
from lbmrc.windows.files import read_windows

if TYPE_CHECKING:
    from models import Shape
    from transformers import XLMTokenizer

LANGUAGES = ("en", "es", "de", "ar", "hi", "vi", "el", "ru", "tr")
BRANCHES = LANGUAGES[:3]
MERGES = 30_000
FOLDER = Path(tempfile.gettempdir()) / "lbmrc-benchmarks"


def examples(folder: Path, language: str) -> list[Example]:
    """XQuAD's 1,190 questions on 240 passages, in one language."""
    return read_squad(folder / f"xquad.{language}.json", language, language).examples


def union(folder: Path, languages: Sequence[str] = BRANCHES) -> Iterator[Example]:
    """D: each passage of each language with its questions in all of them."""
    from lbmrc.branches import build_mixed

    monolingual = {language: examples(folder, language) for language in languages}
    questions = {
        language: {example.id: example.question for example in some}
        for language, some in monolingual.items()
    }
    return build_mixed(monolingual, questions, "full", seed=0)


def windows_of_d(xquad: Path, count: int | None = None, folder: Path = FOLDER) -> Path:
    """A file of windows of D at 384/128, of all its examples or ``count`` drawn at random."""
    path = folder / f"windows-{count or 'all'}.arrow"
    if not path.exists():
        chosen = list(union(xquad))
        if count is not None:
            chosen = random.Random(0).sample(chosen, count)
        write_windows(
            path,
            chosen,
            tokenizer(xquad, folder / "tokenizer"),
            WindowSettings(),
            dataset="union",
            for_prediction=False,
        )
    return path


def lengths_of_d(xquad: Path) -> np.ndarray:
    """Tokens of each window of D, in a random order."""
    found = lengths(read_windows([windows_of_d(xquad)]))
    return np.random.default_rng(0).permutation(found)


def tokenizer(xquad: Path, folder: Path) -> "XLMTokenizer":
    """An XLMTokenizer with `MERGES` merges learnt on XQuAD in nine languages, kept in a folder."""
    from transformers import XLMTokenizer

    if not (folder / "vocab.json").exists():
        texts = {
            text
            for language in LANGUAGES
            for example in examples(xquad, language)
            for text in (example.passage, example.question)
        }
        learn_tokenizer(sorted(texts), folder, MERGES)
    return XLMTokenizer.from_pretrained(folder)


def backbone(xquad: Path, shape: "Shape", folder: Path = FOLDER) -> Path:
    """A checkpoint of random weights with that tokenizer, kept in a folder."""
    checkpoint = folder / f"{shape.family}-{shape.layers}x{shape.width}"
    if not checkpoint.exists():
        with replacing(checkpoint) as partial:
            tokenizer(xquad, folder / "tokenizer").save_pretrained(partial)
            shape.build().save_pretrained(partial)
    return checkpoint

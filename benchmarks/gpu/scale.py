"""Sizes of everything that the steps measure: full on a GPU, tiny to try the script."""

from dataclasses import dataclass
from pathlib import Path

from models import SHAPES, Shape
from translation import MarianSize


@dataclass(frozen=True)
class Scale:
    """Sizes of a run.

    Attributes:
        shapes: encoders; all variants are measured for the first.
        matrix, copied: side of the square matrices, bytes of memory copied.
        windows, questions: examples of D in an epoch of ours, questions answered.
        usual_windows: windows of these in an epoch of the usual recipe.
        windows_a_pass: windows of the training steps that are timed together.
        batch_sizes: windows in a training step; the first is the paper's.
        inference_batches: windows in a forward pass without gradients.
        seconds: how long a pass is repeated.
        patience: factor by which a step may take longer than planned.
        marian: sizes of the translation model.
        passages: number timed for the obvious way of translation, and for ours.
        tokens_per_batch: batch sizes of our translation.
    """

    shapes: dict[str, Shape]
    matrix: int
    copied: int
    windows: int
    questions: int
    usual_windows: int
    windows_a_pass: int
    batch_sizes: tuple[int, ...]
    inference_batches: tuple[int, ...]
    seconds: float
    patience: float
    marian: MarianSize
    passages: tuple[int, int]
    tokens_per_batch: tuple[int, ...]


FULL = Scale(
    shapes={name: SHAPES[name] for name in ("xlm-15", "e5-small", "xlm-r-base")},
    matrix=8192,
    copied=2**31,
    windows=8000,
    questions=1190,
    usual_windows=3000,
    windows_a_pass=640,
    batch_sizes=(32, 64, 128),
    inference_batches=(64, 256),
    seconds=1.2,
    patience=1,
    marian=MarianSize(),
    passages=(8, 120),
    tokens_per_batch=(16_384, 4096),
)
TINY = Scale(
    shapes={
        "xlm-15": Shape(layers=2, width=32, heads=2),
        "e5-small": Shape(2, 32, heads=2, family="bert", freeze_embeddings=True),
    },
    matrix=128,
    copied=2**16,
    windows=12,
    questions=6,
    usual_windows=8,
    windows_a_pass=8,
    batch_sizes=(4, 6),
    inference_batches=(4, 8),
    seconds=0.0,
    patience=50,
    marian=MarianSize(layers=1, width=32, pieces=300, vocabulary=1000),
    passages=(1, 2),
    tokens_per_batch=(256, 512),
)
SCALES = {"full": FULL, "tiny": TINY}


@dataclass(frozen=True)
class Setting:
    """Input of every step: sizes, the device, and the prepared folder."""

    scale: Scale
    device: str
    folder: Path

    @property
    def xquad(self) -> Path:
        """The folder of XQuAD's files."""
        return self.folder / "xquad"

    @property
    def texts(self) -> Path:
        """The folder of tokenizers, windows and checkpoints."""
        return self.folder / "texts"

    @property
    def on_gpu(self) -> bool:
        return self.device == "cuda"

"""A span model as an ONNX file, and a comparison of its logits and speed with torch's.

The graph is transformers' own module (without `lbmrc.model.unpadded`), exported for any batch
size and length. Its inputs are those of the model family: ``input_ids``, ``attention_mask``,
and ``langs`` (XLM) or ``token_type_ids``, each int64 (B, L); its outputs ``start_logits`` and
``end_logits``, float32 (B, L). Needs lbmrc[onnx].
"""

import logging
import time
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
import torch
from transformers import AutoModelForQuestionAnswering
from transformers.utils import logging as logging_of_transformers

from lbmrc.common.atomic import replacing
from lbmrc.common.errors import UserError
from lbmrc.config.stages import WindowSettings
from lbmrc.model.checkpoint_files import read_config, window_settings

MOST_DIFFERENCE = 1e-4
"""Of a logit, between torch and ONNX in float32."""

_OUTPUTS = ("start_logits", "end_logits")
_EXAMPLE = 2, 24  # windows, tokens: any, since both may vary
_REPEATS = 5


class Check(NamedTuple):
    """ONNX compared with torch on the same windows: the largest difference of a logit, and the
    median time per batch in seconds."""

    difference: float
    torch_seconds: float
    onnx_seconds: float


def require_onnx() -> None:
    """Check that the packages are installed.

    Raises:
        UserError: if one is missing.
    """
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise UserError(f"ONNX needs more packages ({error}); pip install 'lbmrc[onnx]'") from None


def input_names(folder: str | Path) -> tuple[str, ...]:
    """Input names of a folder's model, from its config.json."""
    config = read_config(folder)
    if config.get("lang2id"):
        return ("input_ids", "attention_mask", "langs")
    if config.get("type_vocab_size", 0) > 1:
        return ("input_ids", "attention_mask", "token_type_ids")
    return ("input_ids", "attention_mask")


def export_onnx(folder: str | Path, target: str | Path) -> None:
    """Write a model's ONNX file atomically.

    Raises:
        UserError: if packages are missing, or torch cannot export the family.
    """
    require_onnx()
    names = input_names(folder)
    example = tuple(torch.ones(_EXAMPLE, dtype=torch.long) for _ in names)
    batch, length = torch.export.Dim("batch"), torch.export.Dim("length")
    with replacing(target) as partial, _errors_alone("torch.onnx"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's exporter warns about its own code
        try:
            torch.onnx.export(
                _Logits(folder, names).eval(),
                (example,),
                str(partial),
                dynamo=True,
                verbose=False,
                input_names=list(names),
                output_names=list(_OUTPUTS),
                dynamic_shapes=(tuple({0: batch, 1: length} for _ in names),),
                external_data=False,
            )
        except Exception as error:
            raise UserError(
                f"{folder}: torch cannot export this model to ONNX "
                f"({str(error).strip().splitlines()[0]})"
            ) from error


def quantize(source: str | Path, target: str | Path) -> None:
    """Write an ONNX file's int8 version: 8-bit weights, activations quantized at run time."""
    require_onnx()
    from onnxruntime.quantization import QuantType, quantize_dynamic

    # it logs advice to the root logger that does not apply to this model
    with replacing(target) as partial, _errors_alone(None):
        quantize_dynamic(str(source), str(partial), weight_type=QuantType.QInt8)


@contextmanager
def _errors_alone(name: str | None) -> Iterator[None]:
    """Let a logger (None: the root) pass only errors within this context."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


class OnnxModel:
    """A loaded ONNX file that computes on a given number of CPU threads."""

    def __init__(self, path: str | Path, threads: int = 1):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self._session = onnxruntime.InferenceSession(
            str(path), options, providers=["CPUExecutionProvider"]
        )

    def logits(self, inputs: dict[str, np.ndarray]) -> list[np.ndarray]:
        """Start and end logits, each (B, L), of inputs by name."""
        return self._session.run(list(_OUTPUTS), inputs)


def random_batches(folder: str | Path, batches: int = 3, windows: int = 4) -> list[np.ndarray]:
    """Random windows up to the model's maximum length: input_ids, int64 (B, L), 0 for padding.

    Their lengths are distributed like those of XQuAD's windows, from 60 tokens to the maximum.
    """
    config = read_config(folder)
    longest = WindowSettings(**window_settings(folder)).max_length
    draw = np.random.default_rng(0)
    made = []
    for _ in range(batches):
        lengths = draw.integers(min(60, longest), longest + 1, windows)
        lengths[0] = longest
        ids = draw.integers(10, config["vocab_size"], (windows, longest))
        ids[np.arange(longest) >= lengths[:, None]] = 0
        made.append(ids)
    return made


def check_onnx(folder: str | Path, path: str | Path, batches: Sequence[np.ndarray]) -> Check:
    """Compare an ONNX file with its model, alternating, both on one CPU thread.

    Args:
        batches: input_ids of windows, 0 for padding, as `random_batches` makes them; the first
            third of each counts as the question.
    """
    names = input_names(folder)
    plain, exported = _Logits(folder, names).eval(), OnnxModel(path)
    ids_of = sorted((read_config(folder).get("lang2id") or {"": 0}).values())
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    difference = 0.0
    times: tuple[list[float], list[float]] = ([], [])
    try:
        for ids in batches:
            in_passage = np.broadcast_to(np.arange(ids.shape[1]) >= ids.shape[1] // 3, ids.shape)
            whole = {
                "input_ids": ids,
                "attention_mask": (ids > 0).astype(np.int64),
                "langs": np.where(in_passage, ids_of[-1], ids_of[0]),
                "token_type_ids": in_passage.astype(np.int64),
            }
            inputs = {name: whole[name] for name in names}
            tensors = tuple(map(torch.from_numpy, inputs.values()))
            for _ in range(_REPEATS):  # alternating, so that a busy machine slows both
                started = time.perf_counter()
                with torch.inference_mode():
                    expected = plain(tensors)
                between = time.perf_counter()
                found = exported.logits(inputs)
                times[0].append(between - started)
                times[1].append(time.perf_counter() - between)
            gaps = [np.abs(a.numpy() - b)[ids > 0] for a, b in zip(expected, found, strict=True)]
            difference = max(difference, *(float(gap.max()) for gap in gaps))
    finally:
        torch.set_num_threads(threads)
    return Check(difference, median(times[0]), median(times[1]))


class _Logits(torch.nn.Module):
    """A model's two logits from a tuple of its inputs, as the exporter requires."""

    def __init__(self, folder: str | Path, names: tuple[str, ...]):
        super().__init__()
        logging_of_transformers.set_verbosity_error()
        logging_of_transformers.disable_progress_bar()
        self.names = names
        self.model = AutoModelForQuestionAnswering.from_pretrained(
            folder,
            dtype=torch.float32,
            attn_implementation="eager",
            local_files_only=True,
            trust_remote_code=False,
        ).eval()

    def forward(self, inputs: tuple[torch.Tensor, ...]) -> tuple[torch.Tensor, torch.Tensor]:
        out = self.model(**dict(zip(self.names, inputs, strict=True)))
        return out.start_logits, out.end_logits

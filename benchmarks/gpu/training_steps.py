"""Steps 2 and 3: the machine's ceilings, the usual recipe, lbmrc's training, and its variants."""

from collections.abc import Iterator

import numpy as np
import torch
from models import Shape
from paired import machine
from real_text import backbone, windows_of_d
from training import our_epoch, usual_epoch, usual_features, widened

from gpu.attention import attending, drops
from gpu.clock import forget_peak, peak_memory, seconds_of
from gpu.exactness import Reference
from gpu.report import TRAINING, USUAL
from gpu.scale import Setting
from gpu.steps import Findings, LeftOut, Measurement
from gpu.variants import FLASH, MASKED, Batch, Variant
from lbmrc.model.flops import TRAINING_PASSES
from lbmrc.model.precision import keep_head_in_float32
from lbmrc.windows.batches import COLUMNS, LengthGroupedBatches, collate, lengths
from lbmrc.windows.files import read_windows

PAD, RATE, CLIP = 2, 1e-5, 5.0


def ceilings(setting: Setting, findings: Findings) -> Iterator[Measurement]:
    """The machine, and the rates of its bf16 matrix products and of its memory."""
    yield {"name": "machine", **machine()}
    side, kind = setting.scale.matrix, {"device": setting.device, "dtype": torch.bfloat16}
    a, b = torch.randn(side, side, **kind), torch.randn(side, side, **kind)
    out, times = torch.empty_like(a), 20

    def products() -> None:
        for _ in range(times):
            torch.matmul(a, b, out=out)

    seconds = seconds_of(products, setting.device, setting.scale.seconds / 2)
    yield {"name": "matrix product", "flops_per_second": times * 2 * side**3 / seconds}
    source = torch.randn(setting.scale.copied // 2, **kind)
    target = torch.empty_like(source)

    def copies() -> None:
        for _ in range(times):
            target.copy_(source)

    seconds = seconds_of(copies, setting.device, setting.scale.seconds / 2)
    moved = times * 2 * source.numel() * source.element_size()
    yield {"name": "memory, read and written", "bytes_per_second": moved / seconds}


def measured(
    name: str, shape_name: str, shape: Shape, batch: int, sizes: np.ndarray, seconds: float
) -> Measurement:
    """A training's rates, given the lengths of its windows and the seconds it took."""
    return {
        "name": name,
        "shape": shape_name,
        "batch": batch,
        "windows_per_second": len(sizes) / seconds,
        "tokens_per_second": float(sizes.sum() / seconds),
        "flops_per_second": TRAINING_PASSES * shape.flops(sizes) / seconds,
    }


# ----------------------------------------------------------------------------------- whole epochs


def usual_recipe(setting: Setting, shape_name: str, findings: Findings) -> Iterator[Measurement]:
    """Trainer on windows padded to 384 tokens, with transformers' model and loss."""
    shape, first = setting.scale.shapes[shape_name], setting.scale.batch_sizes[0]
    windows = _windows(setting).select(range(setting.scale.usual_windows))
    sizes, features = lengths(windows), usual_features(shape, windows)
    usual_epoch(shape, features.select(range(2 * first)), first)
    for attention in ("eager", "sdpa"):
        if shape.family == "xlm" and attention == "sdpa":
            raise LeftOut("SDPA: transformers computes XLM's attention eagerly alone")
        for batch in setting.scale.batch_sizes[:2]:
            forget_peak(setting.device)
            seconds = usual_epoch(shape, features, batch, attention)
            yield {
                **measured(f"{USUAL}, {attention}", shape_name, shape, batch, sizes, seconds),
                **peak_memory(setting.device),
            }


def lbmrcs_training(setting: Setting, shape_name: str, findings: Findings) -> Iterator[Measurement]:
    """`lbmrc.training.trainer.train`: unchanged, then with flash attention over rows of tokens."""
    shape, windows = setting.scale.shapes[shape_name], _windows(setting)
    checkpoint = backbone(setting.xquad, shape, setting.texts)
    first, second, *_ = setting.scale.batch_sizes
    our_epoch(checkpoint, windows.select(range(2 * first)), shape, first)
    ways = [(MASKED, first), *([(FLASH, first), (FLASH, second)] if setting.on_gpu else [])]
    for variant, batch in ways:
        forget_peak(setting.device)
        with attending(variant.layout, variant.within):
            seconds = our_epoch(checkpoint, windows, shape, batch)
        name = f"{TRAINING}, {variant.name}"
        yield {
            **measured(name, shape_name, shape, batch, lengths(windows), seconds),
            **peak_memory(setting.device),
        }


def _windows(setting: Setting):
    return read_windows([windows_of_d(setting.xquad, setting.scale.windows, setting.texts)])


# ------------------------------------------------------------------------------------------ steps


def training_step(
    setting: Setting, shape_name: str, variant: Variant, findings: Findings
) -> Iterator[Measurement]:
    """A variant: exactness on one batch, then steps, optimiser included, at each batch size."""
    shape = setting.scale.shapes[shape_name]
    with torch.device(setting.device):
        model = shape.build()
    keep_head_in_float32(model)
    batches, _ = batches_of(setting, setting.scale.batch_sizes[0])
    few = {name: x[:8].contiguous() for name, x in batches[0].items()}
    dtype = torch.bfloat16 if setting.on_gpu else torch.float32
    wide = padded(few, variant.multiple)
    if shape.family != "xlm":
        model.set_attn_implementation("eager")
    reference = Reference.of(model, few)
    with variant.installed(model) as step:
        exactness = reference.compare(model, wide, step)
        exactness["attention_dropout"] = drops(variant.layout, variant.within, wide["mask"], dtype)
        del reference
        optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, fused=variant.fused)
        for batch_size in setting.scale.batch_sizes:
            batches, sizes = batches_of(setting, batch_size)
            batches = [padded(batch, variant.multiple) for batch in batches]

            def steps(batches: list[Batch] = batches) -> None:
                for batch in batches:
                    step(batch)
                    torch.nn.utils.clip_grad_norm_(model.parameters(), CLIP)
                    optimiser.step()

            forget_peak(setting.device)
            seconds = seconds_of(steps, setting.device, setting.scale.seconds)
            yield {
                **measured(variant.name, shape_name, shape, batch_size, sizes, seconds),
                **peak_memory(setting.device),
                **exactness,
            }


def batches_of(setting: Setting, batch_size: int) -> tuple[list[Batch], np.ndarray]:
    """Full batches of D by length, on the device, and the lengths of all their windows."""
    windows = _windows(setting)
    sizes = lengths(windows)
    groups = [g for g in LengthGroupedBatches(sizes, batch_size, seed=1) if len(g) == batch_size]
    groups = groups[: max(1, setting.scale.windows_a_pass // batch_size)]
    arrow = windows.select_columns(COLUMNS).with_format("arrow")
    batches = [collate(arrow[group], PAD) for group in groups]
    on_device = [{name: x.to(setting.device) for name, x in batch.items()} for batch in batches]
    return on_device, sizes[np.concatenate(groups)]


def padded(batch: Batch, multiple: int) -> Batch:
    """The batch padded to a multiple of ``multiple`` tokens."""
    width = -(-batch["mask"].shape[1] // multiple) * multiple
    return {name: widened(name, x, width) for name, x in batch.items()}

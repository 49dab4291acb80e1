"""Step 4: teacher logits and prediction, as the workflow computes them."""

from collections.abc import Callable, Iterator

import numpy as np
import torch
from models import Shape
from prediction import windows_of_xquad
from real_text import windows_of_d
from transformers import PreTrainedModel

from gpu.attention import attending
from gpu.clock import TimeInModel, forget_peak, peak_memory, seconds_of
from gpu.scale import Setting
from gpu.steps import Findings, Measurement
from gpu.training_steps import PAD
from gpu.variants import FLASH, MASKED
from lbmrc.config.stages import DecodingSettings
from lbmrc.distillation.write_logits import block_logits
from lbmrc.evaluation.prediction import predict
from lbmrc.model.precision import keep_head_in_float32
from lbmrc.model.unpadded import remove_padding
from lbmrc.windows.batches import lengths
from lbmrc.windows.files import read_windows


def teacher_logits(setting: Setting, shape_name: str, findings: Findings) -> Iterator[Measurement]:
    """`block_logits` on D."""
    windows = read_windows([windows_of_d(setting.xquad, setting.scale.windows, setting.texts)])
    yield from _in_batches(
        "teacher logits",
        setting,
        shape_name,
        lengths(windows),
        lambda model, batch: block_logits(model, windows, batch, PAD),
    )


def prediction(setting: Setting, shape_name: str, findings: Findings) -> Iterator[Measurement]:
    """`predict` on XQuAD in English."""
    path = windows_of_xquad(setting.xquad, setting.scale.questions, setting.texts)
    windows = read_windows([path])

    def answers(model: PreTrainedModel, batch: int) -> None:
        list(predict(model, windows, DecodingSettings(batch_size=batch), setting.device, PAD))

    yield from _in_batches("prediction", setting, shape_name, lengths(windows), answers)


def _in_batches(
    name: str,
    setting: Setting,
    shape_name: str,
    sizes: np.ndarray,
    work: Callable[[PreTrainedModel, int], object],
) -> Iterator[Measurement]:
    shape, device = setting.scale.shapes[shape_name], setting.device
    model = _model(shape, device)
    in_model = TimeInModel(model, device)
    for variant in (MASKED, FLASH)[: 1 + setting.on_gpu]:
        for batch in setting.scale.inference_batches:
            forget_peak(device)
            shares = []

            def one_pass(batch: int = batch, shares: list[float] = shares) -> None:
                work(model, batch)
                shares.append(in_model.take())

            with attending(variant.layout, variant.within):
                seconds = seconds_of(one_pass, device, setting.scale.seconds)
            yield {
                "name": f"{name}, {variant.name}",
                "shape": shape_name,
                "batch": batch,
                "windows_per_second": len(sizes) / seconds,
                "tokens_per_second": float(sizes.sum() / seconds),
                "flops_per_second": shape.flops(sizes) / seconds,
                "share_outside_the_model": 1 - float(np.median(shares[1:])) / seconds,
                **peak_memory(device),
            }


def _model(shape: Shape, device: str) -> PreTrainedModel:
    with torch.device(device):
        model = shape.build().eval()
    remove_padding(model)
    keep_head_in_float32(model)
    return model

"""One layer's attention over batches of real windows: transformers' XLM, and ours without padding.

    python benchmarks/attention.py --xquad FOLDER [--shapes small wide] [--rounds 7]

Forward and backward of multi-head attention with dropout 0.1, as in training, over eight batches of
32 windows of D, grouped by length. Variants: transformers, each batch padded to 384 tokens; the
same, padded to the batch's longest window; `lbmrc.model.packed` in one masked call (its GPU path)
and window by window (its CPU path). GPU runs use bf16 autocast.

On a CPU a second table compares torch's fused attention with the steps of `lbmrc.model.packed`
without dropout, in float32 and in bf16, on the same windows one by one.
"""

import argparse
from functools import partial
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from models import SHAPES, Shape
from paired import compare, in_turns, publish, table
from real_text import lengths_of_d

from lbmrc.model import packed
from lbmrc.model.unpadded_xlm import self_attention
from lbmrc.windows.batches import LengthGroupedBatches

BATCH, BATCHES, LONGEST = 32, 8, 384
XLMS = [name for name, shape in SHAPES.items() if shape.family == "xlm"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--xquad", type=Path, required=True, help="folder of xquad.*.json")
    parser.add_argument("--shapes", nargs="+", choices=XLMS, default=["small", "wide"])
    parser.add_argument("--rounds", type=int, default=7)
    options = parser.parse_args()

    lengths = lengths_of_d(options.xquad)
    groups = list(LengthGroupedBatches(lengths, BATCH, seed=1))[:BATCHES]
    sizes = [lengths[group] for group in groups]
    results = {}
    for name in options.shapes:
        found = compare(
            in_turns(ways(SHAPES[name], sizes), options.rounds),
            "eager, padded to 384",
            work=BATCH * BATCHES,
        )
        print(table(found, "windows", f"attention, width {SHAPES[name].width}"))
        results[name] = found.to_dict("index")
        for kind in () if torch.cuda.is_available() else (torch.float32, torch.bfloat16):
            found = compare(in_turns(kernels(SHAPES[name], sizes, kind), options.rounds), "fused")
            title = f"without dropout, {kind}, width {SHAPES[name].width}"
            print(table(found, "rounds", title))
            results[f"{name}, {kind}"] = found.to_dict("index")
    publish("attention", {"batch": BATCH, "shapes": results})


def ways(shape: Shape, sizes: list[np.ndarray]) -> dict:
    device = "cuda" if torch.cuda.is_available() else "cpu"
    layer = shape.build().base_model.attentions[0].to(device)
    masks = [torch.arange(LONGEST) < torch.from_numpy(some)[:, None] for some in sizes]
    masks = [mask.to(device) for mask in masks]
    short = [mask[:, mask.any(0)] for mask in masks]
    inputs = [torch.randn(*mask.shape, shape.width, device=device) for mask in masks]

    def run(attend, masks: list[torch.Tensor]) -> None:
        for mask, x in zip(masks, inputs, strict=True):
            x = x[:, : mask.shape[1]].clone().requires_grad_()
            with torch.autocast(device, torch.bfloat16, enabled=device == "cuda"):
                attend(x, mask).float().sum().backward()
            layer.zero_grad()

    def eager(x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return layer(x, mask)[0]

    def ours(how, x: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        windows = packed.BatchLayout(mask)
        return self_attention(layer, windows.gather(x), windows, how)

    return {
        "eager, padded to 384": partial(run, eager, masks),
        "eager, padded to the longest": partial(run, eager, short),
        "unpadded, attention in one call": partial(run, partial(ours, packed.attend_padded), short),
        "unpadded, window by window": partial(run, partial(ours, packed.attend_by_length), short),
    }


def kernels(shape: Shape, sizes: list[np.ndarray], kind: torch.dtype) -> dict:
    """Forward and backward of one layer's attention over windows one by one, on a CPU."""
    heads = (shape.heads, shape.width // shape.heads)
    tokens = [torch.randn(1, size, 3, *heads).to(kind) for some in sizes for size in some]

    def run(attend) -> None:
        for one in tokens:
            q, k, v = one.detach().requires_grad_().transpose(1, 3).unbind(2)
            attend(q, k, v).float().sum().backward()

    return {
        "fused": partial(run, F.scaled_dot_product_attention),
        "in steps": partial(run, partial(packed.attention_in_steps, p=0.0)),
    }


if __name__ == "__main__":
    main()

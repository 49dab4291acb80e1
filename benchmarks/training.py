"""Training on real windows: steps and whole epochs, the usual recipe and ours.

    python benchmarks/training.py --xquad FOLDER [--shapes small wide] [--windows 512] [--rounds 3]
        [--precisions auto]

The usual recipe is that of transformers' run_qa: Trainer, windows padded to 384 tokens in random
order, transformers' model with its own loss, bf16 on a GPU. Ours is `lbmrc.training.trainer.train`
as the workflow calls it. Both see windows of D (XQuAD: en, es, de; 384/128), batch 32, dropout 0.1.

Steps: from the usual step to ours, one change at a time, optimiser included. Epochs: both commands,
one epoch over a random sample of D, without loading and saving weights. MFU is the share of the
machine's matrix rate in float32, measured here; operations are counted on real tokens only
(`lbmrc.model.flops`). ``--precisions`` are those of our epochs.
"""

import argparse
import shutil
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from models import PRECISIONS, SHAPES, Shape, ours_in
from paired import compare, in_turns, matrix_rate, publish, table
from real_text import backbone, windows_of_d
from transformers import (
    PreTrainedModel,
    PrinterCallback,
    Trainer,
    TrainingArguments,
    default_data_collator,
)

from lbmrc.config.stages import TrainingSettings
from lbmrc.model.flops import TRAINING_PASSES
from lbmrc.model.span_model import span_logits
from lbmrc.model.unpadded import remove_padding
from lbmrc.training.losses import nll_loss
from lbmrc.training.trainer import train
from lbmrc.windows.batches import COLUMNS, LengthGroupedBatches, collate, lengths
from lbmrc.windows.files import read_windows

BATCH, LONGEST, PAD = 32, 384, 2
RATE = 1e-5
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--xquad", type=Path, required=True, help="folder of xquad.*.json")
    parser.add_argument(
        "--shapes", nargs="+", choices=SHAPES, default=["small", "wide"], help="the largest last"
    )
    parser.add_argument("--windows", type=int, default=512, help="examples of D in an epoch")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--precisions", nargs="+", choices=PRECISIONS, default=["auto"])
    options = parser.parse_args()

    windows = read_windows([windows_of_d(options.xquad, options.windows)])
    sizes = lengths(windows)
    peak = matrix_rate()
    print(f"{len(windows)} windows of {sizes.mean():.0f} tokens; matrix rate {peak:.3g} FLOP/s\n")
    shapes = {}
    for name in options.shapes:
        shape = SHAPES[name]
        steps = compare(
            in_turns(step_by_step(shape, windows), options.rounds), "usual step", work=4 * BATCH
        )
        print(table(steps, "windows", f"training steps, {name}: {shape}"))
        epochs = compare(
            in_turns(epoch_ways(shape, windows, options.xquad, options.precisions), options.rounds),
            "usual epoch",
            work=len(windows),
        )
        epochs["tokens_per_second"] = epochs["rate"] * sizes.mean()
        epochs["mfu"] = TRAINING_PASSES * shape.flops(sizes) / epochs["seconds"] / peak
        print(table(epochs, "windows", f"training epochs, {name}"))
        print("MFU: " + ", ".join(f"{way} {mfu:.0%}" for way, mfu in epochs["mfu"].items()) + "\n")
        shapes[name] = {"steps": steps.to_dict("index"), "epochs": epochs.to_dict("index")}
        if DEVICE == "cuda":
            shapes[name]["peak_gib"] = torch.cuda.max_memory_allocated() / 2**30
    counts = {"windows": len(windows), "tokens": int(sizes.sum())}
    publish("training", {"matrix_rate": peak, **counts, "shapes": shapes})


# ------------------------------------------------------------------------------------------ steps


def step_by_step(shape: Shape, windows) -> dict:
    """Four steps of each way: padded, grouped by length, unpadded; all with a fused optimiser."""
    arrow = windows.select_columns(COLUMNS).with_format("arrow")
    groups = LengthGroupedBatches(lengths(windows), BATCH, seed=1)
    some = [group for group in groups if len(group) == BATCH][:4]
    mixed = np.random.default_rng(1).permutation(np.concatenate(some)).reshape(4, BATCH)

    def batches(groups, width: int | None = None) -> list[dict[str, torch.Tensor]]:
        made = [collate(arrow[list(group)], PAD) for group in groups]
        return [{k: widened(k, x, width).to(DEVICE) for k, x in batch.items()} for batch in made]

    def way(groups, width: int | None, unpadded: bool, fused: bool):
        model = shape.build().to(DEVICE)
        if unpadded:
            remove_padding(model)
        optimiser = torch.optim.AdamW(model.parameters(), lr=RATE, fused=fused)
        return partial(_steps, model, optimiser, batches(groups, width))

    return {
        "usual step": way(mixed, LONGEST, unpadded=False, fused=True),
        "by length, padded to the longest": way(some, None, unpadded=False, fused=True),
        "without padding (ours)": way(some, None, unpadded=True, fused=True),
    }


def widened(name: str, x: torch.Tensor, width: int | None) -> torch.Tensor:
    """A batch's column (B, L) padded to a width; a column (B,) is unchanged."""
    if width is None or x.dim() == 1:
        return x
    return torch.nn.functional.pad(x, (0, width - x.shape[1]), value=PAD * (name == "input_ids"))


def _steps(model: PreTrainedModel, optimiser: torch.optim.Optimizer, batches: list[dict]) -> None:
    for batch in batches:
        with torch.autocast(DEVICE, torch.bfloat16, enabled=DEVICE == "cuda"):
            start, end = span_logits(model, batch)
        loss = nll_loss(start, end, batch["start"], batch["end"], batch["mask"])
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        optimiser.zero_grad()


# ----------------------------------------------------------------------------------------- epochs


def epoch_ways(shape: Shape, windows, xquad: Path, precisions: Sequence[str]) -> dict:
    ways = {"usual epoch": partial(usual_epoch, shape, usual_features(shape, windows))}
    for precision in precisions:
        ours = partial(our_epoch, backbone(xquad, shape), windows, shape, precision=precision)
        ways[ours_in(precision)] = ours
    return ways


def usual_features(shape: Shape, windows):
    """The windows as run_qa prepares them for a model of this family."""
    features = windows.map(_features, remove_columns=windows.column_names)
    unread = {"xlm": ["token_type_ids"], "bert": ["langs"], "xlm-r": ["token_type_ids", "langs"]}
    return features.remove_columns(unread[shape.family])


def _features(window: dict) -> dict:
    """run_qa's inputs: lists padded to the longest length."""
    size = len(window["input_ids"])
    before = window["passage_first"]
    fill = LONGEST - size
    langs = [window["question_language_id"]] * before
    langs += [window["passage_language_id"]] * (LONGEST - before)
    return {
        "input_ids": window["input_ids"] + [PAD] * fill,
        "attention_mask": [1] * size + [0] * fill,
        "langs": langs,
        "token_type_ids": [0] * before + [1] * (size - before) + [0] * fill,
        "start_positions": window["start"],
        "end_positions": window["end"],
    }


def usual_epoch(
    shape: Shape, features, batch_size: int = BATCH, attention: str | None = None
) -> float:
    """Seconds of an epoch of the usual recipe; ``attention`` by its transformers name."""
    with torch.device(DEVICE):
        model = shape.build()
    if attention is not None:
        model.set_attn_implementation(attention)
    with tempfile.TemporaryDirectory() as folder:
        arguments = TrainingArguments(
            output_dir=folder,
            per_device_train_batch_size=batch_size,
            num_train_epochs=1,
            learning_rate=RATE,
            bf16=DEVICE == "cuda",
            use_cpu=DEVICE == "cpu",
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
            logging_strategy="no",
        )
        trainer = Trainer(
            model=model,
            args=arguments,
            train_dataset=features,
            data_collator=default_data_collator,
        )
        trainer.remove_callback(PrinterCallback)
        return trainer.train().metrics["train_runtime"]


def our_epoch(
    checkpoint: Path, windows, shape: Shape, batch_size: int = BATCH, precision: str = "auto"
) -> float:
    """Seconds of an epoch of the workflow's training."""
    folder = Path(tempfile.mkdtemp())
    summary = train(
        checkpoint,
        windows,
        TrainingSettings(
            learning_rate=RATE,
            epochs=1,
            batch_size=batch_size,
            warmup_steps=0,
            precision=precision,
            freeze_embeddings=shape.freeze_embeddings,
        ),
        seed=1,
        device=DEVICE,
        model=folder / "model",
        metrics=folder / "metrics.jsonl",
        state=folder / "state",
    )
    shutil.rmtree(folder)
    return summary["seconds"]


if __name__ == "__main__":
    main()

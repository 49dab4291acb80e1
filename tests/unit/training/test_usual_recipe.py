"""Our training against the loop a user would write: the same losses, step by step."""

import json

import pytest
import tiny
import torch
from torch.nn.functional import cross_entropy
from transformers import AutoModelForQuestionAnswering, get_linear_schedule_with_warmup

from lbmrc.config.stages import TrainingSettings
from lbmrc.model.span_model import load_model, pad_id
from lbmrc.training.trainer import train
from lbmrc.windows.batches import COLUMNS, LengthGroupedBatches, collate, lengths
from lbmrc.windows.files import read_windows

SETTINGS = TrainingSettings(
    learning_rate=2e-3, epochs=3, batch_size=8, warmup_steps=4, weight_decay=0.1
)
LONGEST = 40  # tokens; no window of `tiny` has so many


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    """Without dropout: random draws are nobody's to agree on."""
    folder = tiny.write_backbone(tmp_path_factory.mktemp("backbone"))
    config = json.loads((folder / "config.json").read_text())
    config |= {"dropout": 0.0, "attention_dropout": 0.0}
    (folder / "config.json").write_text(json.dumps(config))
    return folder


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    return read_windows([tiny.write_windows(tmp_path_factory.mktemp("windows") / "w.arrow", 61)])


def plain_losses(backbone, windows, seed: int) -> list[float]:
    """transformers' own XLM, every window padded to one length, AdamW, padding out of the loss."""
    load_model(backbone, head_seed=seed).save_pretrained(start := backbone / "with-head")
    model = AutoModelForQuestionAnswering.from_pretrained(start, dtype=torch.float32).train()
    matrices = [p for n, p in model.named_parameters() if "bias" not in n and "norm" not in n]
    others = [p for n, p in model.named_parameters() if "bias" in n or "norm" in n]
    optimiser = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": SETTINGS.weight_decay}, {"params": others}],
        lr=SETTINGS.learning_rate,
        weight_decay=0.0,
        eps=SETTINGS.adam_epsilon,
    )
    batches = LengthGroupedBatches(lengths(windows), SETTINGS.batch_size, seed)
    schedule = get_linear_schedule_with_warmup(
        optimiser, SETTINGS.warmup_steps, SETTINGS.epochs * len(batches)
    )
    arrow = windows.select_columns(COLUMNS).with_format("arrow")
    losses = []
    for epoch in range(SETTINGS.epochs):
        batches.set_epoch(epoch)
        for rows in batches:
            batch = collate(arrow[rows], pad_id(model))
            fill = LONGEST - batch["mask"].shape[1]
            assert fill > 0
            mask, ids, langs = (
                torch.nn.functional.pad(batch[name], (0, fill), value=value)
                for name, value in (("mask", 0), ("input_ids", pad_id(model)), ("langs", 0))
            )
            out = model(ids, attention_mask=mask.long(), langs=langs)
            loss = sum(
                cross_entropy(logits.masked_fill(~mask, -torch.inf), batch[side])
                for side, logits in (("start", out.start_logits), ("end", out.end_logits))
            )
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), SETTINGS.max_gradient_norm)
            optimiser.step()
            schedule.step()
            optimiser.zero_grad()
            losses.append(loss.item())
    return losses


def test_the_losses_are_those_of_the_plain_loop(backbone, windows, tmp_path):
    train(
        backbone,
        windows,
        SETTINGS,
        seed=11,
        device="cpu",
        model=tmp_path / "model",
        metrics=tmp_path / "metrics.jsonl",
        state=tmp_path / "state",
    )
    lines = (tmp_path / "metrics.jsonl").read_text().splitlines()
    ours = [json.loads(line)["loss"] for line in lines]
    theirs = plain_losses(backbone, windows, seed=11)
    assert len(ours) == 24 and sum(theirs[-8:]) < sum(theirs[:8]) - 1
    assert ours == pytest.approx(theirs, rel=2e-5)

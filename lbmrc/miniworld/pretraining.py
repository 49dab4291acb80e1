"""The tiny XLM of the embedded world: MLM, TLM and, unlike the real one, an alignment term.

In: the generator's passages of the split `pretrain` in nine languages. Out: a folder with an
XLMConfig, a float16 model.safetensors that loads as XLMWithLMHeadModel, XLMModel or
XLMForQuestionAnsweringSimple, the XLMTokenizer's files, and `pretraining.json` (settings, losses).

Three things are asked of the encoder, in the input form of fine-tuning, `</s> a </s></s> b </s>`
with each segment's own language id (Lample and Conneau 2019 for the first two):

- MLM: a fifth of the tokens, 80/10/10. Text a is one to three questions and b their passage (or a
  short run of its sentences). In most examples each question is followed by its answer, and the
  answers are masked whole, in a or in b, so that they can only be found by reading the other text.
  a and b are in one language or, as in TLM, in two.
- TLM: a and b are the same sentences in two languages.
- Alignment (InfoNCE): all questions and passages are read in two languages, and the hidden states
  of the aligned tokens (first and last of each fact's value, each name and each word that says the
  relation, all known to the generator) are pulled together against all others of the batch.

Scale gives the real XLM its alignment across languages; a model of this size doesn't find it from
MLM and TLM alone, so it is helped to it. It is helped to the look-up as well: the questions' own
text is among what is read, and attention starts by matching and copying (`start_to_copy`). No span
head is trained here, and no text of the splits train, dev and test is read.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lbmrc.miniworld.matching import Matching, Pairs, learn_to_match
from lbmrc.miniworld.parallel import ParallelPassage, parallel_passage
from lbmrc.miniworld.readings import IGNORED, MASK, Sampler, collate
from lbmrc.miniworld.vocabulary import LANG2ID, learn_tokenizer

if TYPE_CHECKING:
    import torch
    from transformers import XLMConfig, XLMTokenizer, XLMWithLMHeadModel

    from lbmrc.miniworld.passages import Passage


@dataclass(frozen=True)
class Pretraining:
    """What the shipped checkpoint was made with; the command line changes the first few."""

    passages: int = 6000
    steps: int = 13000
    seed: int = 42
    merges: int = 4000
    layers: int = 3
    width: int = 128
    heads: int = 4
    dropout: float = 0.0
    batch_size: int = 16
    learning_rate: float = 1.5e-3
    warmup_steps: int = 300
    weight_decay: float = 0.01
    masked: float = 0.2
    tlm: float = 0.1
    crossed: float = 0.2
    short: float = 0.7
    alignment: float = 0.5
    temperature: float = 0.1
    bfloat16: bool = True
    matching: Matching = field(default_factory=Matching)


def masked_language_losses(
    model: "XLMWithLMHeadModel", states: "torch.Tensor", labels: "torch.Tensor"
) -> "torch.Tensor":
    """Cross-entropy at each masked token; states (B, L, d), labels (B, L), -100 elsewhere."""
    import torch

    chosen = labels != IGNORED
    scores = model.pred_layer.proj(states[chosen])
    return torch.nn.functional.cross_entropy(scores.float(), labels[chosen], reduction="none")


def alignment_loss(
    states: "torch.Tensor", aligned: "torch.Tensor", temperature: float
) -> "torch.Tensor":
    """InfoNCE (van den Oord et al. 2018), both ways, over the cosines of aligned tokens' states.

    States (B, L, d); aligned (P, 2, 3) of (sequence, first, last). First tokens are told apart from
    first tokens and last from last: the span head reads exactly these states.
    """
    import torch

    losses = []
    target = torch.arange(len(aligned))
    for place in (1, 2):
        here, there = (
            torch.nn.functional.normalize(
                states[aligned[:, side, 0], aligned[:, side, place]].float(), dim=-1
            )
            for side in (0, 1)
        )
        cosines = here @ there.T / temperature
        losses += [torch.nn.functional.cross_entropy(c, target) for c in (cosines, cosines.T)]
    return torch.stack(losses).mean()


def xlm_config(tokenizer: "XLMTokenizer", settings: Pretraining) -> "XLMConfig":
    """A small XLMConfig with the language ids and the special tokens of XLM-15."""
    from transformers import XLMConfig

    return XLMConfig(
        vocab_size=len(tokenizer),
        emb_dim=settings.width,
        n_layers=settings.layers,
        n_heads=settings.heads,
        dropout=settings.dropout,
        attention_dropout=settings.dropout,
        embed_init_std=settings.width**-0.5,
        max_position_embeddings=512,
        n_langs=len(LANG2ID),
        use_lang_emb=True,
        lang2id=LANG2ID,
        id2lang={str(number): language for language, number in LANG2ID.items()},
        mask_index=MASK,
        mask_token_id=MASK,
        lang_id=LANG2ID["en"],
    )


def sinusoids(count: int, width: int) -> np.ndarray:
    """Vaswani et al.'s positions (count, width), as long as the word embeddings are at first.

    The learnt positions start here: neighbours are then found from the first step on, and positions
    beyond the world's passages, which training never meets, mean something too.
    """
    angles = np.arange(count)[:, None] / 10000 ** (2 * (np.arange(width) // 2) / width)
    angles[:, 1::2] += np.pi / 2
    return (np.sin(angles) * (2 / width) ** 0.5).astype(np.float32)


def start_to_copy(model: "XLMWithLMHeadModel") -> None:
    """Start from attention that matches and copies (after Trockman and Kolter 2023).

    Positions are sinusoids, keys equal queries, and what a head reads it writes back unchanged: a
    token begins by gathering those that are alike or near. From there it is a short way to looking
    a name up in the other text; from random weights it takes most of the training.
    """
    import torch

    model = model.transformer
    with torch.no_grad():
        positions = model.position_embeddings.weight
        positions.copy_(torch.from_numpy(sinusoids(*positions.shape)))
        torch.nn.init.normal_(model.lang_embeddings.weight, std=0.02)
        for layer in model.attentions:
            torch.nn.init.normal_(layer.q_lin.weight, std=0.8 * layer.dim**-0.5)
            layer.k_lin.weight.copy_(layer.q_lin.weight)
            torch.nn.init.orthogonal_(layer.v_lin.weight)
            layer.out_lin.weight.copy_(layer.v_lin.weight.T)


def train(
    passages: list[ParallelPassage], tokenizer: "XLMTokenizer", settings: Pretraining
) -> tuple["XLMWithLMHeadModel", list[dict[str, float]]]:
    """The trained model, and the mean losses of every 100 steps."""
    import torch
    from transformers import XLMWithLMHeadModel, get_cosine_schedule_with_warmup

    torch.manual_seed(settings.seed)
    model = XLMWithLMHeadModel(xlm_config(tokenizer, settings)).train()
    start_to_copy(model)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=settings.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=settings.weight_decay,
        fused=True,
    )
    schedule = get_cosine_schedule_with_warmup(optimizer, settings.warmup_steps, settings.steps)
    batches = Sampler(passages, len(tokenizer), settings).batches()
    history: list[dict[str, float]] = []
    recent: list[tuple[float, float, float]] = []
    began = time.monotonic()
    for step in range(1, settings.steps + 1):
        batch = collate(next(batches))
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.bfloat16):
            states = model.transformer(
                batch["ids"], langs=batch["languages"], attention_mask=batch["attention"]
            ).last_hidden_state
            by_token = masked_language_losses(model, states, batch["labels"])
        masked, answers = by_token.mean(), by_token[batch["answer"][batch["labels"] != IGNORED]]
        aligned = alignment_loss(states, batch["aligned"], settings.temperature)
        loss = masked + settings.alignment * aligned
        if answers.numel():
            loss = loss + answers.mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        recent.append((masked.item(), answers.mean().item(), aligned.item()))
        if step % 100 == 0 or step == settings.steps:
            means = np.nanmean(recent, axis=0).round(4).tolist()
            recent.clear()
            history.append(
                {"step": step, **dict(zip(("mlm", "answer", "alignment"), means, strict=True))}
            )
            history[-1]["seconds"] = round(time.monotonic() - began)
            print(json.dumps(history[-1]), flush=True)
    return model.eval(), history


def one_language_each(world: list["Passage"]) -> Iterator[str]:
    """Each passage in one language, in turn: no name then counts nine times."""
    for number, passage in enumerate(world):
        languages = list(passage.text)
        yield passage.text[languages[number % len(languages)]]


def pretrain(output: Path, **changes: Any) -> list[dict[str, float]]:
    """Make the checkpoint in `output` from nothing; returns the losses of every 100 steps.

    `changes` are fields of `Pretraining`; without any these are the files that ship.
    """
    import torch

    from lbmrc.miniworld.passages import passages
    from lbmrc.tokenization.tokenize import tokenize

    matching_steps = changes.pop("matching_steps", Matching.steps)
    settings = Pretraining(**changes, matching=Matching(steps=matching_steps))
    world = list(passages(split="pretrain", count=settings.passages, seed=settings.seed))
    tokenizer = learn_tokenizer(one_language_each(world), output, settings.merges)
    parallel = [parallel_passage(p, lambda t, lang: tokenize(t, lang, tokenizer)) for p in world]
    model, history = train(parallel, tokenizer, settings)
    taught = teach(model, world, parallel, settings)
    model.to(torch.float16).save_pretrained(output)
    record = {"settings": asdict(settings), "losses": history, "matching": taught}
    (output / "pretraining.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return history


def teach(
    model: "XLMWithLMHeadModel",
    world: list["Passage"],
    parallel: list[ParallelPassage],
    settings: Pretraining,
) -> list[dict[str, float]]:
    """What MLM leaves out: `lbmrc.miniworld.matching`."""
    matching = settings.matching
    count = min(matching.passages, len(world))
    pairs = Pairs(world[:count], parallel[:count], matching)
    return learn_to_match(model, pairs, matching, settings.bfloat16)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `python -m lbmrc.miniworld pretrain`; the defaults make the shipped files."""
    defaults = Pretraining()
    parser.add_argument("--output", type=Path, required=True, help="folder of the checkpoint")
    parser.add_argument("--passages", type=int, default=defaults.passages)
    parser.add_argument("--steps", type=int, default=defaults.steps)
    parser.add_argument("--matching-steps", type=int, default=defaults.matching.steps)
    parser.add_argument("--merges", type=int, default=defaults.merges, help="BPE merges to learn")
    parser.add_argument("--seed", type=int, default=defaults.seed)
    parser.add_argument(
        "--bfloat16",
        action=argparse.BooleanOptionalAction,
        default=defaults.bfloat16,
        help="faster on CPUs that have AMX, slower on others",
    )

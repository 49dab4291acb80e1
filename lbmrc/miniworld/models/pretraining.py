"""The tiny XLM of the synthetic corpus: MLM, TLM and, unlike the real one, an alignment term.

Input: the generator's passages of the split `pretrain` in nine languages. Output: a folder with an
XLMConfig, a float16 model.safetensors that loads as XLMWithLMHeadModel, XLMModel or
XLMForQuestionAnsweringSimple, the XLMTokenizer's files, and `pretraining.json` (settings, losses).

The encoder is trained with three objectives on inputs of the same form as in fine-tuning,
`</s> a </s></s> b </s>` with each segment's own language id (the first two are from Lample and
Conneau 2019):

- MLM: a fifth of the tokens, 80/10/10. Text a is one to three questions and b their passage (or a
  short run of its sentences). In most examples each question is followed by its answer, and the
  answers are masked whole, in a or in b, so that they can only be found by reading the other text.
  a and b are in one language or, as in TLM, in two.
- TLM: a and b are the same sentences in two languages.
- Alignment (InfoNCE): all questions and passages are read in two languages, and the hidden states
  of the aligned tokens (first and last of each fact's value, each name and each word that says the
  relation, all known to the generator) are pulled together against all others of the batch.

Scale gives the real XLM its alignment across languages; a model of this size does not learn it from
MLM and TLM alone, so the alignment term supplies it. Two more measures help it to look facts up:
questions are part of the input, and attention is initialised to match and copy
(`initialise_attention_to_copy`). No span head is trained here, and no text of the splits train, dev
and test is read.
"""

import argparse
import json
import time
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from lbmrc.miniworld.models.masked_sequences import IGNORED, SequenceSampler, collate
from lbmrc.miniworld.models.matching import PairSampler, train_matching
from lbmrc.miniworld.models.parallel import ParallelPassage, parallel_passage
from lbmrc.miniworld.models.settings import MatchingSettings, PretrainingSettings
from lbmrc.miniworld.models.vocabulary import LANG2ID, MASK_ID, learn_tokenizer

if TYPE_CHECKING:
    import torch
    from transformers import XLMConfig, XLMTokenizer, XLMWithLMHeadModel

    from lbmrc.miniworld.generator.passages import Passage


def masked_language_losses(
    model: "XLMWithLMHeadModel", states: "torch.Tensor", labels: "torch.Tensor"
) -> "torch.Tensor":
    """Cross-entropy at each masked token; states (B, L, d), labels (B, L), -100 elsewhere."""
    import torch

    masked = labels != IGNORED
    scores = model.pred_layer.proj(states[masked])
    return torch.nn.functional.cross_entropy(scores.float(), labels[masked], reduction="none")


def alignment_loss(
    states: "torch.Tensor", aligned: "torch.Tensor", temperature: float
) -> "torch.Tensor":
    """InfoNCE (van den Oord et al. 2018), both ways, over the cosines of aligned tokens' states.

    States (B, L, d); aligned (P, 2, 3) of (sequence, first, last). First tokens are contrasted with
    first tokens and last with last: these are the states that the span head reads.
    """
    import torch

    losses = []
    target = torch.arange(len(aligned))
    for place in (1, 2):
        left, right = (
            torch.nn.functional.normalize(
                states[aligned[:, side, 0], aligned[:, side, place]].float(), dim=-1
            )
            for side in (0, 1)
        )
        cosines = left @ right.T / temperature
        losses += [torch.nn.functional.cross_entropy(c, target) for c in (cosines, cosines.T)]
    return torch.stack(losses).mean()


def xlm_config(tokenizer: "XLMTokenizer", settings: PretrainingSettings) -> "XLMConfig":
    """A small XLMConfig with the language ids and the special tokens of XLM-15."""
    from transformers import XLMConfig

    # lang2id and id2lang: in XLM-15's config.json, but not declared fields of the class
    return XLMConfig(  # type: ignore[call-arg]
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
        mask_index=MASK_ID,
        mask_token_id=MASK_ID,
        lang_id=LANG2ID["en"],
    )


def sinusoids(count: int, width: int) -> np.ndarray:
    """Sinusoidal positions (Vaswani et al. 2017), (count, width), scaled to the word embeddings.

    The learnt positions are initialised with them: attention can find neighbours from the first
    step on, and positions beyond the longest training passage are meaningful too.
    """
    angles = np.arange(count)[:, None] / 10000 ** (2 * (np.arange(width) // 2) / width)
    angles[:, 1::2] += np.pi / 2
    return (np.sin(angles) * (2 / width) ** 0.5).astype(np.float32)


def initialise_attention_to_copy(model: "XLMWithLMHeadModel") -> None:
    """Initialise attention so that it matches and copies (after Trockman and Kolter 2023).

    Positions are sinusoids, keys equal queries, and the output projection inverts the values: each
    token first attends to tokens that are alike or near. From there the model soon learns to look a
    name up in the other text; from random weights that takes most of the training.
    """
    import torch

    encoder: Any = model.transformer  # torch annotates its parts as Tensor or Module
    with torch.no_grad():
        positions = encoder.position_embeddings.weight
        positions.copy_(torch.from_numpy(sinusoids(*positions.shape)))
        torch.nn.init.normal_(encoder.lang_embeddings.weight, std=0.02)
        for layer in encoder.attentions:
            torch.nn.init.normal_(layer.q_lin.weight, std=0.8 * layer.dim**-0.5)
            layer.k_lin.weight.copy_(layer.q_lin.weight)
            torch.nn.init.orthogonal_(layer.v_lin.weight)
            layer.out_lin.weight.copy_(layer.v_lin.weight.T)


def train(
    passages: list[ParallelPassage], tokenizer: "XLMTokenizer", settings: PretrainingSettings
) -> tuple["XLMWithLMHeadModel", list[dict[str, float]]]:
    """The trained model, and the mean losses of every 100 steps."""
    import torch
    from transformers import XLMWithLMHeadModel, get_cosine_schedule_with_warmup

    torch.manual_seed(settings.seed)
    model = XLMWithLMHeadModel(xlm_config(tokenizer, settings)).train()
    initialise_attention_to_copy(model)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        lr=settings.learning_rate,
        betas=(0.9, 0.98),
        weight_decay=settings.weight_decay,
        fused=True,
    )
    schedule = get_cosine_schedule_with_warmup(optimizer, settings.warmup_steps, settings.steps)
    batches = SequenceSampler(passages, len(tokenizer), settings).batches()
    history: list[dict[str, float]] = []
    recent: list[tuple[float, float, float]] = []
    start_time = time.monotonic()
    for step in range(1, settings.steps + 1):
        batch = collate(next(batches))
        with torch.autocast("cpu", torch.bfloat16, enabled=settings.bfloat16):
            states = model.transformer(
                batch["ids"], langs=batch["languages"], attention_mask=batch["attention"]
            ).last_hidden_state
            token_losses = masked_language_losses(model, states, batch["labels"])
        mlm = token_losses.mean()
        answers = token_losses[batch["answer"][batch["labels"] != IGNORED]]
        alignment = alignment_loss(states, batch["aligned"], settings.temperature)
        loss = mlm + settings.alignment * alignment
        if answers.numel():
            loss = loss + answers.mean()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        optimizer.zero_grad()
        recent.append((mlm.item(), answers.mean().item(), alignment.item()))
        if step % 100 == 0 or step == settings.steps:
            means = np.nanmean(recent, axis=0).round(4).tolist()
            recent.clear()
            history.append(
                {"step": step, **dict(zip(("mlm", "answer", "alignment"), means, strict=True))}
            )
            history[-1]["seconds"] = round(time.monotonic() - start_time)
            print(json.dumps(history[-1]), flush=True)
    return model.eval(), history


def one_language_each(passages: list["Passage"]) -> Iterator[str]:
    """Each passage in one of its languages, in turn, so that no name counts nine times."""
    for number, passage in enumerate(passages):
        languages = list(passage.text)
        yield passage.text[languages[number % len(languages)]]


def pretrain(output: Path, **changes: Any) -> list[dict[str, float]]:
    """Train the checkpoint in `output` from scratch; returns the losses of every 100 steps.

    `changes` are fields of `PretrainingSettings`; the defaults make the shipped files.
    """
    import torch

    from lbmrc.miniworld.generator.passages import generate_passages
    from lbmrc.tokenization.tokenize import tokenize

    matching_steps = changes.pop("matching_steps", MatchingSettings.steps)
    settings = PretrainingSettings(**changes, matching=MatchingSettings(steps=matching_steps))
    passages = list(generate_passages("pretrain", settings.passages, settings.seed))
    tokenizer = learn_tokenizer(one_language_each(passages), output, settings.merges)
    parallel = [parallel_passage(p, lambda t, lang: tokenize(t, lang, tokenizer)) for p in passages]
    model, history = train(parallel, tokenizer, settings)
    matching = settings.matching
    count = min(matching.passages, len(passages))
    pairs = PairSampler(passages[:count], parallel[:count], matching)
    matching_history = train_matching(model, pairs, matching, settings.bfloat16)
    # transformers' decorator of `to` hides its arguments
    model.to(torch.float16).save_pretrained(output)  # type: ignore[arg-type]
    record = {"settings": asdict(settings), "losses": history, "matching": matching_history}
    (output / "pretraining.json").write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")
    return history


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `python -m lbmrc.miniworld pretrain`; the defaults make the shipped files."""
    defaults = PretrainingSettings()
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

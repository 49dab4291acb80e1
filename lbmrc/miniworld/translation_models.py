"""The embedded world's translators: tiny Marian models, made from nothing on its parallel text.

In goes the world's "pretrain" split: its sentence i in another language translates its English
sentence i, and questions likewise; a share of the sentences has an answer between the markers on
both sides, which is all that the models know of markers. Out comes a folder as of Helsinki-NLP's
opus-mt checkpoints (MarianMTModel and MarianTokenizer files, weights in float16).

They are imperfect as MT is because they are small and their training short: they misspell names
that they never saw, and lose a marker now and then. No output is spoilt on purpose.
"""

import argparse
import json
import math
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy
from tqdm import tqdm

from lbmrc.translation.markers import insert

Pair = tuple[str, str]
PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"


@dataclass(frozen=True)
class Recipe:
    """Size and training of a model. ``marked_share``: of the sentences, once more with markers."""

    vocabulary: int = 800
    width: int = 128
    layers: int = 2
    feed_forward: int = 384
    heads: int = 4
    passages: int = 12_000
    marked_share: float = 0.3
    steps: int = 3_000
    warmup: int = 300
    batch_tokens: int = 6_000
    learning_rate: float = 3e-3
    label_smoothing: float = 0.1
    dropout: float = 0.0
    guidance: float = 0.0
    seed: int = 1


def train_pieces(texts: Iterable[str], size: int, prefix: Path) -> list[str]:
    """Train SentencePiece on both languages' texts; the pieces, without its own special ones.

    Unseen names fall into letters and syllables, the same on both sides, so they can be copied.
    """
    import sentencepiece

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_prefix=str(prefix),
        vocab_size=size,
        character_coverage=1.0,
        normalization_rule_name="identity",
        split_digits=True,
        max_sentencepiece_length=6,
        bos_id=-1,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_file=f"{prefix}.model")
    pieces = [processor.id_to_piece(i) for i in range(len(processor))]
    return [piece for piece in pieces if piece not in (END, UNKNOWN)]


def new_tokenizer(texts: Iterable[str], size: int, folder: Path):
    """A MarianTokenizer over one vocabulary for both languages, trained on ``texts``."""
    from transformers import MarianTokenizer

    pieces = train_pieces(texts, size, folder / "pieces")
    vocabulary = {piece: i for i, piece in enumerate([END, UNKNOWN, *pieces, PAD])}
    (folder / "vocab.json").write_text(json.dumps(vocabulary), encoding="utf-8")
    model = str(folder / "pieces.model")
    return MarianTokenizer(source_spm=model, target_spm=model, vocab=str(folder / "vocab.json"))


def new_model(recipe: Recipe, vocabulary: int):
    """An untrained MarianMTModel shaped as opus-mt, but small; padding is the last id."""
    from transformers import MarianConfig, MarianMTModel

    config = MarianConfig(
        vocab_size=vocabulary,
        d_model=recipe.width,
        encoder_layers=recipe.layers,
        decoder_layers=recipe.layers,
        encoder_attention_heads=recipe.heads,
        decoder_attention_heads=recipe.heads,
        encoder_ffn_dim=recipe.feed_forward,
        decoder_ffn_dim=recipe.feed_forward,
        max_position_embeddings=256,
        activation_function="swish",
        dropout=recipe.dropout,
        scale_embedding=True,
        pad_token_id=vocabulary - 1,
        decoder_start_token_id=vocabulary - 1,
        eos_token_id=0,
        forced_eos_token_id=0,
        bos_token_id=None,
        num_beams=4,
        max_length=256,
        bad_words_ids=[[vocabulary - 1]],
    )
    return MarianMTModel._from_config(config, attn_implementation="eager")


def batches(pairs: Sequence[tuple[list[int], list[int]]], tokens: int, seed: int) -> Iterator[list]:
    """Forever: the pairs in random batches of like length, at most ``tokens`` with padding."""
    chance = random.Random(seed)
    order = list(range(len(pairs)))
    while True:
        chance.shuffle(order)
        order.sort(key=lambda i: sum(map(len, pairs[i])) // 8)
        epoch, batch, longest = [], [], 0
        for i in order:
            longest = max(longest, *map(len, pairs[i]))
            if batch and longest * (len(batch) + 1) > tokens:
                epoch.append(batch)
                batch, longest = [], max(map(len, pairs[i]))
            batch.append(pairs[i])
        epoch.append(batch)
        chance.shuffle(epoch)
        yield from epoch


def padded(rows: Sequence[list[int]], value: int) -> torch.Tensor:
    """(batch, longest) ids, filled up with ``value``."""
    width = max(map(len, rows))
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])


def copied(source: Sequence[int], target: Sequence[int]) -> list[int]:
    """For each target piece the source position it is copied from, -1 where it is none.

    A run of two pieces or more that stands in the source too, the longest and first such run.
    """
    places = {}
    for position, piece in enumerate(source):
        places.setdefault(piece, []).append(position)
    origins, at = [-1] * len(target), 0
    while at < len(target):
        best = start = 0
        for place in places.get(target[at], ()):
            length = 0
            for a, b in zip(source[place:], target[at:], strict=False):
                if a != b:
                    break
                length += 1
            if length > best:
                best, start = length, place
        if best > 1:
            origins[at : at + best] = range(start, start + best)
        at += max(best, 1)
    return origins


def train(model, pairs: Sequence[tuple[list[int], list[int]]], recipe: Recipe) -> float:
    """Adam with a linear warm-up and decay; returns the mean loss of the last hundred steps."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=recipe.learning_rate, betas=(0.9, 0.98), weight_decay=0.01
    )
    pad = model.config.pad_token_id
    losses = []
    stream = islice(batches(pairs, recipe.batch_tokens, recipe.seed), recipe.steps)
    model.train()
    bar = tqdm(stream, "training", recipe.steps, unit=" steps")
    for step, batch in enumerate(bar):
        source = padded([source for source, _ in batch], pad)
        target = padded([target for _, target in batch], -100)
        given = torch.cat([torch.full((len(batch), 1), pad), target[:, :-1]], dim=1)
        output = model(
            input_ids=source,
            attention_mask=(source != pad).long(),
            decoder_input_ids=given.masked_fill(given == -100, pad),
            output_attentions=recipe.guidance > 0,
        )
        loss = cross_entropy(
            output.logits.flatten(0, 1), target.flatten(), label_smoothing=recipe.label_smoothing
        )
        if recipe.guidance:
            origins = padded([copied(*pair) for pair in batch], -1)
            attention = output.cross_attentions[-1][:, 0]
            there = attention.gather(2, origins.clamp(min=0)[..., None])[..., 0]
            guided = -(there[origins >= 0] + 1e-6).log()
            loss = loss + recipe.guidance * guided.sum() / max(1, (target >= 0).sum())
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        rising = (step + 1) / recipe.warmup
        falling = (recipe.steps - step) / max(1, recipe.steps - recipe.warmup)
        for group in optimizer.param_groups:
            group["lr"] = recipe.learning_rate * min(rising, falling)
        optimizer.step()
        optimizer.zero_grad()
        losses.append(loss.item())
        if step % 20 == 0:
            bar.set_postfix(loss=f"{losses[-1]:.3f}")
    return sum(losses[-100:]) / len(losses[-100:])

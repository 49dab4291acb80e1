"""The translation models of the synthetic corpus: tiny Marian models, trained on its parallel text.

Input: the corpus's split `pretrain`. Its sentence i in another language translates its English
sentence i, and likewise for questions; a share of the sentences has an answer between markers on
both sides, which is the only place where the models see markers. Output: a folder like those of
Helsinki-NLP's opus-mt checkpoints (MarianMTModel and MarianTokenizer files, float16 weights).

Like any MT the models make errors, because they are small and trained briefly: they misspell unseen
names and sometimes lose a marker. No output is degraded on purpose.
"""

import argparse
import json
import random
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from io import BytesIO
from itertools import islice
from pathlib import Path

import torch
from torch.nn.functional import cross_entropy

from lbmrc.common.progress import progress
from lbmrc.miniworld.generator.passages import LANGUAGES, Passage, generate_passages
from lbmrc.translation.recovery.markers import insert_markers

Pair = tuple[str, str]
Encoded = tuple[list[int], list[int]]
PAD, END, UNKNOWN = "<pad>", "</s>", "<unk>"


@dataclass(frozen=True)
class MarianSettings:
    """Size and training of a model, recorded in its ``training.json``.

    ``marked_share``: share of the answers in the text that are also shown between markers. A
    learning rate of 2e-3 is faster, but sometimes attention to the source collapses early.
    """

    vocabulary: int = 800
    width: int = 128
    layers: int = 2
    feed_forward: int = 384
    heads: int = 4
    passages: int = 10_000
    pairs_for_pieces: int = 20_000
    marked_share: float = 0.03
    steps: int = 2_000
    warmup: int = 300
    batch_tokens: int = 2_000
    learning_rate: float = 1.2e-3
    label_smoothing: float = 0.1
    dropout: float = 0.0
    seed: int = 1


def parallel_pairs(
    passage: Passage, language: str, marked_share: float, rng: random.Random
) -> Iterator[Pair]:
    """English sentences and questions of a passage with their translations, some marked too."""
    sides = ("en", language)
    for spans in zip(*(passage.sentences[side] for side in sides), strict=True):
        texts = [passage.text[side][slice(*span)] for side, span in zip(sides, spans, strict=True)]
        yield texts[0], texts[1]
        (first, last), answers = spans[0], [slot.spans for slot in passage.slots if slot.relation]
        for answer in answers:
            if first <= answer["en"][0] < last and rng.random() < marked_share:
                source, target = (
                    insert_markers(text, answer[side][0] - start, answer[side][1] - start)
                    for side, text, (start, _) in zip(sides, texts, spans, strict=True)
                )
                yield source, target
    for question in passage.questions:
        yield question.text["en"], question.text[language]


def train_sentencepiece(texts: Iterable[str], size: int) -> bytes:
    """A SentencePiece model of both languages' texts, as the content of its file.

    Unseen names are split into letters and syllables, the same on both sides, to be copied. A
    space is a separate piece: a word has the same pieces after a marker as after a space.
    """
    import sentencepiece

    content = BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_writer=content,
        vocab_size=size,
        character_coverage=1.0,
        normalization_rule_name="identity",
        split_digits=True,
        model_type="bpe",
        user_defined_symbols=["▁"],
        max_sentencepiece_length=6,
        bos_id=-1,
        hard_vocab_limit=False,
        num_threads=1,
        minloglevel=2,
    )
    return content.getvalue()


def new_tokenizer(texts: Iterable[str], size: int, folder: Path):
    """A MarianTokenizer trained on ``texts``, with one vocabulary for both languages.

    Its files are first written to ``folder``.
    """
    import sentencepiece
    from transformers import MarianTokenizer

    content = train_sentencepiece(texts, size)
    processor = sentencepiece.SentencePieceProcessor(model_proto=content)
    pieces = [processor.id_to_piece(i) for i in range(len(processor))]
    vocabulary = [END, UNKNOWN, *(p for p in pieces if p not in (END, UNKNOWN)), PAD]
    files = {name: folder / name for name in ("source.spm", "target.spm", "vocab.json")}
    files["source.spm"].write_bytes(content)
    files["target.spm"].write_bytes(content)
    ids = {piece: i for i, piece in enumerate(vocabulary)}
    files["vocab.json"].write_text(json.dumps(ids, ensure_ascii=False), encoding="utf-8")
    source, target, ids_file = map(str, files.values())
    return MarianTokenizer(source, target, ids_file)


def new_model(settings: MarianSettings, vocabulary: int):
    """An untrained MarianMTModel with opus-mt's architecture, but small; padding is the last id."""
    from transformers import MarianConfig, MarianMTModel

    config = MarianConfig(
        vocab_size=vocabulary,
        d_model=settings.width,
        encoder_layers=settings.layers,
        decoder_layers=settings.layers,
        encoder_attention_heads=settings.heads,
        decoder_attention_heads=settings.heads,
        encoder_ffn_dim=settings.feed_forward,
        decoder_ffn_dim=settings.feed_forward,
        max_position_embeddings=256,
        activation_function="swish",
        dropout=settings.dropout,
        scale_embedding=True,
        pad_token_id=vocabulary - 1,
        decoder_start_token_id=vocabulary - 1,
        eos_token_id=0,
        forced_eos_token_id=0,
        bos_token_id=None,
    )
    model = MarianMTModel(config)
    pad = config.pad_token_id
    model.generation_config.update(num_beams=4, max_length=256, bad_words_ids=[[pad]])
    return model


def batches(pairs: Sequence[Encoded], tokens: int, seed: int) -> Iterator[list]:
    """Endless random batches of pairs of similar length, at most ``tokens`` each with padding."""
    rng = random.Random(seed)
    order = list(range(len(pairs)))
    while True:
        rng.shuffle(order)
        order.sort(key=lambda i: sum(map(len, pairs[i])) // 8)
        epoch: list[list[Encoded]] = []
        batch: list[Encoded] = []
        longest = 0
        for i in order:
            longest = max(longest, *map(len, pairs[i]))
            if batch and longest * (len(batch) + 1) > tokens:
                epoch.append(batch)
                batch, longest = [], max(map(len, pairs[i]))
            batch.append(pairs[i])
        epoch.append(batch)
        rng.shuffle(epoch)
        yield from epoch


def padded(rows: Sequence[list[int]], value: int) -> torch.Tensor:
    """(batch, longest) ids, padded with ``value``."""
    width = max(map(len, rows))
    return torch.tensor([row + [value] * (width - len(row)) for row in rows])


def mean_loss(model, batch: Sequence[Encoded], smoothing: float) -> torch.Tensor:
    """The mean cross-entropy of the targets' tokens, given their sources."""
    pad = model.config.pad_token_id
    source = padded([source for source, _ in batch], pad)
    target = padded([target for _, target in batch], -100)
    begin = torch.full((len(batch), 1), model.config.decoder_start_token_id)
    given = torch.cat([begin, target[:, :-1]], dim=1)
    logits = model(
        input_ids=source,
        attention_mask=(source != pad).long(),
        decoder_input_ids=given.masked_fill(given == -100, pad),
    ).logits
    return cross_entropy(logits.flatten(0, 1), target.flatten(), label_smoothing=smoothing)


def train(model, pairs: Sequence[Encoded], settings: MarianSettings) -> float:
    """AdamW with linear warm-up and decay; returns the mean of the last 100 losses."""
    optimizer = torch.optim.AdamW(
        model.parameters(), lr=settings.learning_rate, betas=(0.9, 0.98), weight_decay=0.01
    )
    losses = []
    model.train()
    stream = islice(batches(pairs, settings.batch_tokens, settings.seed), settings.steps)
    with progress(settings.steps, "training", " steps") as bar:
        for step, batch in enumerate(stream):
            rising = (step + 1) / settings.warmup
            falling = (settings.steps - step) / max(1, settings.steps - settings.warmup)
            optimizer.param_groups[0]["lr"] = settings.learning_rate * min(rising, falling)
            loss = mean_loss(model, batch, settings.label_smoothing)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.item())
            bar.set_postfix(loss=f"{losses[-1]:.3f}", refresh=False)
            bar.update()
    return sum(losses[-100:]) / len(losses[-100:])


def train_model(language: str, output: str | Path, settings: MarianSettings) -> float:
    """Train the model English-``language`` into the folder ``output``; returns its loss."""
    torch.manual_seed(settings.seed)
    rng = random.Random(settings.seed)
    pairs = [
        pair
        for passage in generate_passages("pretrain", settings.passages, settings.seed)
        for pair in parallel_pairs(passage, language, settings.marked_share, rng)
    ]
    with tempfile.TemporaryDirectory() as folder:
        some = pairs[: settings.pairs_for_pieces]
        texts = (text for pair in some for text in pair)
        tokenizer = new_tokenizer(texts, settings.vocabulary, Path(folder))
        sources = tokenizer([source for source, _ in pairs]).input_ids
        targets = tokenizer(text_target=[target for _, target in pairs]).input_ids
        model = new_model(settings, len(tokenizer))
        loss = train(model, list(zip(sources, targets, strict=True)), settings)
        tokenizer.save_pretrained(output)
    model.half().save_pretrained(output)
    record = {"language": language, "recipe": asdict(settings), "loss": round(loss, 4)}
    text = json.dumps(record, indent=1) + "\n"
    (Path(output) / "training.json").write_text(text, encoding="utf-8")
    return loss


def main(argv: Sequence[str] | None = None) -> None:
    """`python -m lbmrc.miniworld marian --language es --output FOLDER`; settings are options."""
    parser = argparse.ArgumentParser(prog="python -m lbmrc.miniworld marian", description=__doc__)
    parser.add_argument("--language", choices=[x for x in LANGUAGES if x != "en"], required=True)
    parser.add_argument("--output", type=Path, required=True, help="the model's folder")
    for field in fields(MarianSettings):
        flag = "--" + field.name.replace("_", "-")
        parser.add_argument(flag, type=type(field.default), default=field.default)
    options = vars(parser.parse_args(argv))
    language, output = options.pop("language"), options.pop("output")
    loss = train_model(language, output, MarianSettings(**options))
    size = sum(file.stat().st_size for file in output.iterdir()) / 1e6
    print(f"{output}: {size:.1f} MB, training loss {loss:.3f}")

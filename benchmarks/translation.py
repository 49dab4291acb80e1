"""How much less is translated, and how much faster, than in the obvious way.

    OMP_NUM_THREADS=1 CUDA_VISIBLE_DEVICES= python benchmarks/translation.py --xquad FOLDER

The obvious way: transformers' generate, beam 4, padded batches of 16 in file order, the whole
marked passage once per question. Compared with it, for the same model:

- source tokens sent to the engine for all of English XQuAD, end tokens included, padding excluded.
  The tokenizer is a SentencePiece model of opus-mt's type (unigram) learnt on XQuAD itself, since
  opus-mt's own would have to be downloaded. All markers are assumed to survive: the other steps of
  the cascade request more translations where they do not;
- questions per second with a model of opus-mt's size (6+6 layers, 512 wide, 58,101 tokens) and
  random weights, for some of XQuAD's passages with all their questions: everything from examples to
  translated examples, the store included. Lengths are forced: in both ways a batch is translated to
  the length of its longest source. Time is the process's CPU time, so that other work on the
  machine matters little.

The cost of SQuAD is estimated from both: its number of passages and questions, XQuAD's tokens per
passage and question, and the measured tokens per second.
"""

import argparse
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
import torch
from paired import compare, in_turns, publish

from lbmrc.data.examples import Example
from lbmrc.data.squad import read_squad
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines.base import Engine, Output
from lbmrc.translation.engines.ctranslate2 import CTranslate2
from lbmrc.translation.engines.transformers import Marian, marian_tokenizer
from lbmrc.translation.recovery.cascade import translate_cascade
from lbmrc.translation.recovery.markers import MARKERS, insert_markers
from lbmrc.translation.store import Store
from lbmrc.translation.translate import translate_squad

OBVIOUS = "transformers, a passage a question"
BEAMS, ROWS = 4, 16
POSITIONS = 512
TOKENS = 512  # a batch of few texts mixes lengths, and all are forced to the longest
SQUAD = {"passages": 18_896, "questions": 87_599}
Count = Callable[[str], int]


def marked_passage(example: Example) -> str:
    answer = example.answers[0]
    return insert_markers(example.passage, answer.start, answer.end, MARKERS)


# ----------------------------------------------------------------------------------------- tokens


class Capitals(Engine):
    """Translates into capital letters, and records its inputs."""

    name = "capitals"

    def __init__(self) -> None:
        self.asked: list[str] = []

    def stream(self, texts):
        self.asked += texts
        for index, text in enumerate(texts):
            yield index, Output(text.upper())


def tokens(examples: Sequence[Example], count: Count) -> pd.DataFrame:
    """Source tokens per way: columns passages, marked (the same with markers), questions."""
    questions = {example.question for example in examples}
    table = {
        OBVIOUS: {
            "passages": sum(count(marked_passage(example)) for example in examples),
            "marked": 0,
            "questions": sum(count(example.question) for example in examples),
        }
    }
    for mode, translate in (("markers", translate_squad), ("cascade", translate_cascade)):
        engine = Capitals()
        translate(examples, "de", TranslationCache(engine))
        table[mode] = dict.fromkeys(("passages", "marked", "questions"), 0)
        for text in engine.asked:
            kind = "questions" if text in questions else "passages"
            table[mode]["marked" if MARKERS[0] in text else kind] += count(text)
    found = pd.DataFrame(table).T
    found["all"] = found.sum(axis=1)
    found["fewer"] = found.loc[OBVIOUS, "all"] / found["all"]
    found["fewer, passages"] = found.loc[OBVIOUS, "passages"] / (found.passages + found.marked)
    found["fewer, questions"] = found.loc[OBVIOUS, "questions"] / found.questions
    return found


# ------------------------------------------------------------------------------------------ model


@dataclass(frozen=True)
class MarianSize:
    """Layers (encoder and decoder each), width, SentencePiece pieces, and the model's vocabulary;
    the defaults are opus-mt's."""

    layers: int = 6
    width: int = 512
    pieces: int = 32_000
    vocabulary: int = 58_101


def make_tokenizer(texts: Sequence[str], folder: Path, size: MarianSize) -> None:
    """A tokenizer of opus-mt's type and size, learnt on the texts."""
    import sentencepiece
    from transformers import MarianTokenizer

    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts),
        model_prefix=str(folder / "source"),
        vocab_size=size.pieces,
        hard_vocab_limit=False,
        bos_id=-1,
        minloglevel=2,
    )
    (folder / "source.model").rename(folder / "source.spm")
    (folder / "target.spm").write_bytes((folder / "source.spm").read_bytes())
    processor = sentencepiece.SentencePieceProcessor(str(folder / "source.spm"))
    pieces = [processor.id_to_piece(i) for i in range(len(processor))]
    pieces = ["</s>", "<unk>", *(piece for piece in pieces if piece not in ("</s>", "<unk>"))]
    pieces += [f"unused{i}" for i in range(size.vocabulary - 1 - len(pieces))] + ["<pad>"]
    (folder / "vocab.json").write_text(json.dumps({p: i for i, p in enumerate(pieces)}))
    files = (str(folder / name) for name in ("source.spm", "target.spm", "vocab.json"))
    MarianTokenizer(*files).save_pretrained(folder)


def make_model(folder: Path, size: MarianSize) -> None:
    """A model with opus-mt's architecture and random weights."""
    from transformers import MarianConfig, MarianMTModel

    pad = size.vocabulary - 1
    torch.manual_seed(0)
    model = MarianMTModel(
        MarianConfig(
            vocab_size=size.vocabulary, d_model=size.width, encoder_layers=size.layers,
            decoder_layers=size.layers, encoder_attention_heads=8, decoder_attention_heads=8,
            encoder_ffn_dim=4 * size.width, decoder_ffn_dim=4 * size.width,
            max_position_embeddings=POSITIONS, activation_function="swish", scale_embedding=True,
            pad_token_id=pad, decoder_start_token_id=pad, eos_token_id=0, forced_eos_token_id=0,
            bos_token_id=None,
        )
    )  # fmt: skip
    model.generation_config.update(bad_words_ids=[[pad]])
    model.save_pretrained(folder)


class Forced:
    """A model of either library whose translations are as long as their batch's longest source."""

    def __init__(self, model) -> None:
        self._model = model

    def __getattr__(self, name: str):
        return getattr(self._model, name)

    def generate(self, input_ids, **options):
        length = input_ids.shape[1]
        options |= {"min_length": length, "max_length": length + 1}
        return self._model.generate(input_ids=input_ids, **options)

    def translate_batch(self, sources, **options):
        length = max(map(len, sources))
        options |= {"min_decoding_length": length, "max_decoding_length": length}
        return self._model.translate_batch(sources, **options)


# ------------------------------------------------------------------------------------------- time


def obviously(engine: Marian, examples: Sequence[Example]) -> None:
    """The straightforward implementation."""
    for texts in ([marked_passage(e) for e in examples], [e.question for e in examples]):
        for first in range(0, len(texts), ROWS):
            inputs = engine.tokenizer(
                texts[first : first + ROWS],
                padding=True,
                truncation=True,
                max_length=POSITIONS,
                return_tensors="pt",
            ).to(engine.model.device)
            with torch.inference_mode():
                outputs = engine.model.generate(**inputs, num_beams=BEAMS, do_sample=False)
            engine.tokenizer.batch_decode(outputs, skip_special_tokens=True)


def once(engine: Engine, examples: Sequence[Example]) -> None:
    """The workflow's implementation."""
    with tempfile.TemporaryDirectory() as folder, Store(folder, {"engine": "any"}) as store:
        translate_squad(examples, "de", TranslationCache(engine, store))


def timed(way: Callable[..., None], *arguments: object) -> float:
    """CPU seconds."""
    started = time.process_time()
    way(*arguments)
    return time.process_time() - started


def measure(
    checkpoint: Path, work: Path, examples: Sequence[Example], rounds: int
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """CPU seconds in every round, and the comparison."""
    marian = Marian(checkpoint, beams=BEAMS, tokens_per_batch=TOKENS)
    fast = CTranslate2(
        checkpoint, work / "ct2", beams=BEAMS, tokens_per_batch=TOKENS, precision="int8"
    )
    for engine in (marian, fast):
        engine.model = Forced(engine.model)
    ways = {
        OBVIOUS: partial(timed, obviously, marian, examples),
        "engine marian": partial(timed, once, marian, examples),
        "engine ctranslate2, int8": partial(timed, once, fast, examples),
    }
    seconds = in_turns(ways, rounds)
    return seconds, compare(seconds, OBVIOUS, len(examples))


def tokens_of_squad(whole: pd.DataFrame, row: str, passages: int, n: int) -> float:
    """Source tokens of SQuAD, from those of XQuAD's ``passages`` and ``n`` questions (`tokens`)."""
    each = whole.loc[row]
    a_passage = 0 if row == OBVIOUS else each.passages / passages
    a_question = (each["all"] - a_passage * passages) / n
    return a_passage * SQUAD["passages"] + a_question * SQUAD["questions"]


def core_hours(whole: pd.DataFrame, part: pd.DataFrame, seconds: pd.Series, passages: int, n: int):
    """Core-hours of SQuAD for one language, for each way that was timed.

    ``whole``: XQuAD's tokens, for ``passages`` passages and ``n`` questions; ``part``: those of the
    examples that took ``seconds``.
    """
    hours = {}
    for way, took in seconds.items():
        row = OBVIOUS if way == OBVIOUS else "markers"
        total = tokens_of_squad(whole, row, passages, n)
        hours[way] = {
            "tokens": total,
            "tokens a second": part.loc[row, "all"] / took,
            "core-hours": total / part.loc[row, "all"] * took / 3600,
        }
    return pd.DataFrame(hours).T


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument(
        "--xquad",
        type=Path,
        default=os.environ.get("LBMRC_XQUAD"),
        help="folder of xquad.{en,es,de}.json (or LBMRC_XQUAD)",
    )
    parser.add_argument("--passages", type=int, default=3, help="passages that are timed (3)")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    if arguments.xquad is None:
        parser.error("give XQuAD's folder by --xquad or LBMRC_XQUAD")
    corpora = {
        language: read_squad(f"{arguments.xquad}/xquad.{language}.json", language, language)
        for language in ("en", "es", "de")
    }
    examples = corpora["en"].examples
    texts = dict.fromkeys(
        t for c in corpora.values() for e in c.examples for t in (e.passage, e.question)
    )
    passages = list(dict.fromkeys(e.passage for e in examples))
    step = len(passages) // arguments.passages
    chosen = set(passages[step // 2 :: step][: arguments.passages])
    some = [e for e in examples if e.passage in chosen]
    with tempfile.TemporaryDirectory() as folder:
        checkpoint = Path(folder) / "opus-mt-size"
        checkpoint.mkdir()
        make_tokenizer(list(texts), checkpoint, MarianSize())
        make_model(checkpoint, MarianSize())
        tokenizer = marian_tokenizer(checkpoint)

        def count(text: str) -> int:
            return len(tokenizer(text).input_ids)

        whole, part = tokens(examples, count), tokens(some, count)
        words = sum(len(passage.split()) for passage in passages)
        print(f"{sum(map(count, passages)) / words:.2f} tokens a word")
        print(whole.round(2).to_string())
        seconds, result = measure(checkpoint, Path(folder), some, arguments.rounds)
    print(f"{len(some)} questions on {len(chosen)} passages")
    print(result.round(3).to_string())
    squad = core_hours(whole, part, seconds.median(), len(passages), len(examples))
    print(squad.round(1).to_string())
    publish(
        "translation",
        {
            "questions timed": len(some),
            "passages timed": len(chosen),
            "source tokens": whole.to_dict("index"),
            "source tokens of those timed": part.to_dict("index"),
            "speed": result.to_dict("index"),
            "seconds": seconds.to_dict("list"),
            "squad, one language": squad.to_dict("index"),
        },
    )


if __name__ == "__main__":
    main()

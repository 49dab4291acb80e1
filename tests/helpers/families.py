"""Small random backbones of the families beside XLM, each with a fast tokenizer as its own is made.

Their vocabularies come from a sample: WordPiece for BERT, Unigram with metaspaces for XLM-R and
DeBERTa-v2, byte pairs for ModernBERT. The trainers of WordPiece and Unigram go through words in a
random order, so that each process would get other ids and pieces, and so another model. Those
vocabularies are counted here instead.
"""

import math
import unicodedata
from collections import Counter
from collections.abc import Iterable
from importlib.resources import files
from pathlib import Path
from string import ascii_letters

import torch
from tiny_xlm import SAMPLE
from tokenizers import (
    Tokenizer,
    decoders,
    models,
    normalizers,
    pre_tokenizers,
    processors,
    trainers,
)
from transformers import (
    BertConfig,
    BertModel,
    DebertaV2Config,
    DebertaV2Model,
    ModernBertConfig,
    ModernBertModel,
    PretrainedConfig,
    PreTrainedTokenizerFast,
    XLMRobertaConfig,
    XLMRobertaModel,
)

FAMILIES = ("bert", "xlm-roberta", "deberta-v2", "modernbert")
_SIZE = {
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 48,
}
_MODELS = {
    "bert": (BertModel, BertConfig, {"max_position_embeddings": 128}),
    # positions are numbered from the padding's id and 1
    "xlm-roberta": (
        XLMRobertaModel,
        XLMRobertaConfig,
        {"max_position_embeddings": 130, "type_vocab_size": 1},
    ),
    "deberta-v2": (
        DebertaV2Model,
        DebertaV2Config,
        {
            "max_position_embeddings": 128,
            "relative_attention": True,
            "position_buckets": 16,
            "norm_rel_ebd": "layer_norm",
            "share_att_key": True,
            "pos_att_type": ["p2c", "c2p"],
            "position_biased_input": False,
            "type_vocab_size": 0,
        },
    ),
    "modernbert": (
        ModernBertModel,
        ModernBertConfig,
        {
            "max_position_embeddings": 128,
            "local_attention": 16,
            "global_attn_every_n_layers": 2,
            "attn_implementation": "sdpa",
        },
    ),
}
_CLASSIC = {"cls": "[CLS]", "sep": "[SEP]", "pad": "[PAD]", "unk": "[UNK]", "mask": "[MASK]"}
_SPECIAL = {
    "bert": _CLASSIC,
    "xlm-roberta": {"cls": "<s>", "pad": "<pad>", "sep": "</s>", "unk": "<unk>", "mask": "<mask>"},
    "deberta-v2": _CLASSIC,
    "modernbert": _CLASSIC,
}


def nmt_nfkc() -> normalizers.Normalizer:
    """sentencepiece's normalisation, as in the tokenizers of XLM-R and mDeBERTa."""
    charsmap = files("sentencepiece") / "package_data" / "nmt_nfkc.bin"
    return normalizers.Precompiled(charsmap.read_bytes())


def _counted(
    tokenizer: Tokenizer, lines: Iterable[str], size: int, inside: str = ""
) -> list[tuple[str, int]]:
    """Pieces of words with their frequency: all letters, and the commonest starts and ends.

    Args:
        size: how many there are, if the letters are not more.
        inside: the mark of a piece that does not start a word.
    """
    words: Counter[str] = Counter()
    for line in lines:
        normal = tokenizer.normalizer.normalize_str(line)
        words.update(word for word, _ in tokenizer.pre_tokenizer.pre_tokenize_str(normal))
    marks = {"", inside}
    # without every letter, a word of a test's own could be unknown
    letters = Counter(mark + letter for letter in ascii_letters for mark in marks)
    longer: Counter[str] = Counter()
    for word, count in words.items():
        for place, letter in enumerate(word):
            letters.update({mark + letter: count for mark in marks})
            if place and _is_of_a_word(word[: place + 1]):
                longer[word[: place + 1]] += count
            if 0 < place < len(word) - 1 and _is_of_a_word(word[place:]):
                longer[inside + word[place:]] += count
    commonest = sorted(longer.items(), key=lambda item: (-item[1], item[0]))
    return [*sorted(letters.items()), *commonest[: max(0, size - len(letters))]]


def _is_of_a_word(piece: str) -> bool:
    """Whether it holds no punctuation, which answers end at."""
    return all(c == "▁" or unicodedata.category(c)[0] in "LMN" for c in piece)


def build_tokenizer(
    family: str, texts: Iterable[str] = (), size: int = 550
) -> PreTrainedTokenizerFast:
    """A tokenizer of the family from a sample and ``texts``: the same in every process."""
    special = _SPECIAL[family]
    tokens, lines = [*special.values()], [*SAMPLE.splitlines(), *texts]
    if family == "bert":
        tokenizer = Tokenizer(models.WordPiece(unk_token=special["unk"]))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        pieces = [piece for piece, _ in _counted(tokenizer, lines, size, "##")]
        numbers = {piece: number for number, piece in enumerate([*tokens, *pieces])}
        tokenizer.model = models.WordPiece(numbers, unk_token=special["unk"])
    elif family == "modernbert":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.normalizer = normalizers.NFC()
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        trainer = trainers.BpeTrainer(
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            vocab_size=size,
            special_tokens=tokens,
            show_progress=False,
        )
        tokenizer.train_from_iterator(lines, trainer)
    else:
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.normalizer = nmt_nfkc()
        steps = [pre_tokenizers.Metaspace()]
        if family == "xlm-roberta":
            steps.insert(0, pre_tokenizers.WhitespaceSplit())
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
        counted = _counted(tokenizer, lines, size)
        total = sum(count for _, count in counted)
        scored = [(piece, round(math.log(count / total), 4)) for piece, count in counted]
        unknown = tokens.index(special["unk"])
        tokenizer.model = models.Unigram([*((t, 0.0) for t in tokens), *scored], unk_id=unknown)
    tokenizer.add_special_tokens(tokens)
    cls, sep = special["cls"], special["sep"]
    between = f"{sep} {sep}" if family == "xlm-roberta" else sep
    types = family != "xlm-roberta"
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{cls} $A {sep}",
        pair=f"{cls} $A {between} $B:1 {sep}:1" if types else f"{cls} $A {between} $B {sep}",
        special_tokens=[(token, tokenizer.token_to_id(token)) for token in (cls, sep)],
    )
    named = {f"{role}_token": token for role, token in special.items()}
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, model_max_length=128, **named)


def small_config(family: str, tokenizer: PreTrainedTokenizerFast, **more) -> PretrainedConfig:
    """The config of an encoder of two layers for that tokenizer."""
    _, config_class, own = _MODELS[family]
    fitting = {"vocab_size": len(tokenizer), "pad_token_id": tokenizer.pad_token_id}
    return config_class(**fitting, **_SIZE, **own, **more)


def write_backbone(family: str, folder: Path, texts: Iterable[str] = (), seed: int = 0) -> Path:
    """A random encoder of two layers, and its tokenizer."""
    tokenizer = build_tokenizer(family, texts)
    model_class, _, _ = _MODELS[family]
    torch.manual_seed(seed)
    model_class(small_config(family, tokenizer)).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder

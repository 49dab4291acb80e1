"""Small random backbones of the families beside XLM, each with a fast tokenizer as its own is made.

Tokenizers are learnt on the spot: WordPiece for BERT, Unigram with metaspaces for XLM-R and
DeBERTa-v2, byte pairs for ModernBERT.
"""

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


def build_tokenizer(
    family: str, texts: Iterable[str] = (), size: int = 400
) -> PreTrainedTokenizerFast:
    """A tokenizer of the family, learnt on a sample and ``texts``."""
    special = _SPECIAL[family]
    options = {"vocab_size": size, "special_tokens": [*special.values()], "show_progress": False}
    trainer: trainers.Trainer
    if family == "bert":
        tokenizer = Tokenizer(models.WordPiece(unk_token=special["unk"]))
        tokenizer.normalizer = normalizers.BertNormalizer(lowercase=False)
        tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
        # without every letter, a word of a test's own could be unknown
        trainer = trainers.WordPieceTrainer(initial_alphabet=[*ascii_letters], **options)
    elif family == "modernbert":
        tokenizer = Tokenizer(models.BPE())
        tokenizer.normalizer = normalizers.NFC()
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
        alphabet = pre_tokenizers.ByteLevel.alphabet()
        trainer = trainers.BpeTrainer(initial_alphabet=alphabet, **options)
    else:
        tokenizer = Tokenizer(models.Unigram())
        tokenizer.normalizer = nmt_nfkc()
        steps = [pre_tokenizers.Metaspace()]
        if family == "xlm-roberta":
            steps.insert(0, pre_tokenizers.WhitespaceSplit())
        tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
        trainer = trainers.UnigramTrainer(unk_token=special["unk"], **options)
    tokenizer.train_from_iterator([*SAMPLE.splitlines(), *texts], trainer)
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

"""Folders of small span models with random weights, as a trained system leaves them."""

import json
from pathlib import Path

from tiny_xlm import LANG2ID, build_tokenizer

WINDOWS = {"max_length": 40, "stride": 8, "max_question_length": 12, "special_tokens": "double"}


def write_xlm(folder: Path, seed: int = 0) -> Path:
    """An XLM with the language ids of XLM-15."""
    import torch
    from transformers import XLMConfig, XLMForQuestionAnsweringSimple

    tokenizer = build_tokenizer(folder)
    tokenizer.save_pretrained(folder)
    torch.manual_seed(seed)
    config = XLMConfig(
        vocab_size=len(tokenizer),
        emb_dim=32,
        n_layers=2,
        n_heads=2,
        n_langs=15,
        lang2id=LANG2ID,
        id2lang={str(number): language for language, number in LANG2ID.items()},
        max_position_embeddings=64,
        embed_init_std=0.5,
        pad_token_id=tokenizer.pad_token_id,
    )
    config.lbmrc_windows = WINDOWS
    XLMForQuestionAnsweringSimple(config).save_pretrained(folder)
    return folder


def write_bert(folder: Path, seed: int = 0) -> Path:
    """A BERT, which has segments and no languages, with a fast tokenizer."""
    import torch
    from families import build_tokenizer as build_fast_tokenizer
    from families import small_config
    from transformers import AutoModelForQuestionAnswering

    tokenizer = build_fast_tokenizer("bert")
    tokenizer.save_pretrained(folder)
    torch.manual_seed(seed)
    config = small_config("bert", tokenizer, initializer_range=0.5, lbmrc_windows=WINDOWS)
    AutoModelForQuestionAnswering.from_config(config).save_pretrained(folder)
    return folder


def calibrate(folder: Path, temperature: float = 2.0) -> Path:
    """Put a calibration into a model's folder."""
    content = {"temperature": temperature, "ece_before": 0.2, "ece_after": 0.1, "accuracy": 0.5}
    content |= {"questions": 100, "dataset": "squad.dev.en.en"}
    (folder / "calibration.json").write_text(json.dumps(content))
    return folder

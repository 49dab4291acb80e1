"""A random backbone of two layers and windows of random tokens, to test training and logits."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa

from lbmrc.miniworld.models.vocabulary import LANGUAGES
from lbmrc.windows.files import SCHEMA

VOCABULARY = 60


def write_backbone(folder: Path, *, half: bool = False, seed: int = 0) -> Path:
    """An XLMModel with the language ids of XLM-15 and the files of an (unused) tokenizer."""
    import torch
    from transformers import XLMConfig, XLMModel

    torch.manual_seed(seed)
    config = XLMConfig(
        vocab_size=VOCABULARY,
        emb_dim=32,
        n_layers=2,
        n_heads=2,
        n_langs=15,
        lang2id={language: i for i, language in enumerate(LANGUAGES)},
        id2lang={str(i): language for i, language in enumerate(LANGUAGES)},
        max_position_embeddings=64,
        embed_init_std=0.5,
    )
    model = XLMModel(config)
    (model.half() if half else model).save_pretrained(folder)
    (folder / "vocab.json").write_text(json.dumps({"<unk>": 0}))
    (folder / "merges.txt").write_text("")
    return folder


def write_windows(path: Path, rows: int = 60, seed: int = 0, dataset: str = "branch.en") -> Path:
    """Windows whose answer is where the question's one token stands again in the passage."""
    draw = np.random.default_rng(seed)
    table = {name: [] for name in SCHEMA.names}
    for row in range(rows):
        passage = draw.choice(np.arange(10, VOCABULARY), draw.integers(5, 30), replace=False)
        place = int(draw.integers(len(passage)))
        values = {
            "example": f"question-{row}",
            "passage_id": f"title/{row}",
            "passage_language": dataset.split(".")[-1],
            "question_language": "en",
            "window": 0,
            "input_ids": [1, int(passage[place]), 1, 1, *passage.tolist(), 1],
            "passage_first": 4,
            "passage_last": 3 + len(passage),
            "question_language_id": 4,
            "passage_language_id": 5,
            "start": 4 + place,
            "end": 4 + place,
            "offsets": [],
            "passage": "",
        }
        for name, value in values.items():
            table[name].append(value)
    identity = {
        "dataset": dataset,
        "rows": rows,
        "tokenizer": "f00d",
        "windows": {"max_length": 40, "stride": 8},
        "languages": {language: i for i, language in enumerate(LANGUAGES)},
    }
    schema = SCHEMA.with_metadata({"lbmrc": json.dumps(identity)})
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        writer.write_table(pa.table(table, schema=schema), max_chunksize=16)
    return path


class Teachers:
    """Random logits of K teachers, as ``TeacherLogits`` gives them."""

    identity = ("one", "two", "three")

    def __init__(self, windows, k=3):
        draw = np.random.default_rng(0)
        self.logits = [
            draw.normal(0, 3, (2, k, len(ids))).astype(np.float16) for ids in windows["input_ids"]
        ]

    def __len__(self):
        return len(self.logits)

    def batch(self, rows):
        width = max(self.logits[row].shape[-1] for row in rows)
        padded = [
            np.pad(self.logits[r], [(0, 0), (0, 0), (0, width - self.logits[r].shape[-1])])
            for r in rows
        ]
        return tuple(np.stack(padded, axis=2))

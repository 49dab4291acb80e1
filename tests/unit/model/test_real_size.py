"""XLM-15 at its real size, with random weights: a training step, logits, answers, on a CPU.

The numbers are those of FacebookAI/xlm-mlm-tlm-xnli15-1024's config.json.
"""

import json

import numpy as np
import pyarrow.parquet as pq
import pytest
import tiny_xlm
import torch
from transformers import XLMConfig, XLMModel

from lbmrc.config.stages import DecodingSettings, TrainingSettings, WindowSettings
from lbmrc.data.examples import Answer, Example
from lbmrc.distillation.write_logits import dump_logits
from lbmrc.evaluation.prediction import answer_benchmarks
from lbmrc.model.checkpoint_files import check_languages, load_tokenizer
from lbmrc.training.trainer import train
from lbmrc.windows.build import write_windows
from lbmrc.windows.files import read_windows

PARAMETERS = 248_976_384
PASSAGES = {
    "en": "The Denver Broncos beat the Carolina Panthers in Santa Clara, California. " * 8,
    "es": "Los Denver Broncos vencieron a los Carolina Panthers en Santa Clara. " * 8,
    "hi": "भारत की राजधानी नई दिल्ली है। " * 8,
}
WINDOWS = WindowSettings(max_length=384, stride=128, max_question_length=64)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    """Float16 in the file, as on the hub."""
    folder = tmp_path_factory.mktemp("xlm-15")
    torch.manual_seed(0)
    config = XLMConfig(
        vocab_size=95_000,
        emb_dim=1024,
        n_layers=12,
        n_heads=8,
        n_langs=15,
        use_lang_emb=True,
        max_position_embeddings=512,
        gelu_activation=True,
        dropout=0.1,
        attention_dropout=0.1,
        lang2id=tiny_xlm.LANG2ID,
        id2lang={str(number): language for language, number in tiny_xlm.LANG2ID.items()},
    )
    model = XLMModel(config)
    assert sum(p.numel() for p in model.parameters()) == PARAMETERS
    model.half().save_pretrained(folder)
    tiny_xlm.build_tokenizer(folder)
    return folder


@pytest.fixture(scope="module")
def examples():
    return [
        Example(f"q-{p}-{q}", f"t/{p}", p, q, text, "Who won?", (Answer(text[4:10], 4),))
        for p, text in PASSAGES.items()
        for q in PASSAGES
    ]


def windows(folder, backbone, examples, name, for_prediction):
    path = folder / f"{name}.arrow"
    write_windows(
        path,
        examples,
        load_tokenizer(backbone),
        WINDOWS,
        dataset=name,
        for_prediction=for_prediction,
    )
    return path


@pytest.mark.slow
def test_one_step_its_logits_and_its_answers(backbone, examples, tmp_path):
    check_languages(backbone, PASSAGES)
    training = windows(tmp_path, backbone, examples, "union", for_prediction=False)
    some = read_windows([training])
    assert set(some["passage_language_id"]) == {4, 5, 7}  # en, es, hi as XLM-15 numbers them
    summary = train(
        backbone,
        some,
        TrainingSettings(max_steps=1, epochs=1, batch_size=8, warmup_steps=0),
        seed=1,
        device="cpu",
        model=tmp_path / "model",
        metrics=tmp_path / "metrics.jsonl",
        state=tmp_path / "state",
    )
    assert summary["steps"] == 1
    (line,) = (tmp_path / "metrics.jsonl").read_text().splitlines()
    # a head that knows nothing gives every token of a window the same chance, twice
    assert json.loads(line)["loss"] == pytest.approx(2 * np.log(250), abs=3)

    target = tmp_path / "logits.parquet"
    dump_logits(
        tmp_path / "model", [training], target, batch_size=4, state=tmp_path / "logits.state"
    )
    rows = pq.read_table(target)
    sizes = [len(ids) for ids in some["input_ids"]]
    assert [len(start) for start in rows["start"].to_pylist()] == sizes

    asked = windows(tmp_path, backbone, examples, "test", for_prediction=True)
    answers = answer_benchmarks(
        tmp_path / "model",
        [asked],
        ["test"],
        DecodingSettings(batch_size=4),
        "cpu",
        tmp_path / "answers.state",
    )
    assert set(answers) == {f"test.{p}.{q}" for p in PASSAGES for q in PASSAGES}
    for p, text in PASSAGES.items():
        for q in PASSAGES:
            answer = answers[f"test.{p}.{q}"][f"q-{p}-{q}"]
            assert answer and answer in text

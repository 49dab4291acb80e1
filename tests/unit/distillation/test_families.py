"""Every family of encoders beside XLM: windows, a teacher, its logits, a student, answers."""

import numpy as np
import pytest
from families import FAMILIES, build_tokenizer, write_backbone
from tiny_xlm import SAMPLE

from lbmrc.config.stages import (
    DecodingSettings,
    DistillationSettings,
    TrainingSettings,
    WindowSettings,
)
from lbmrc.data.examples import Answer, Example
from lbmrc.distillation.read_logits import TeacherLogits
from lbmrc.distillation.task import Distillation
from lbmrc.distillation.write_logits import dump_logits
from lbmrc.evaluation.prediction import answer_benchmarks
from lbmrc.model.checkpoint_files import check_length, load_tokenizer, window_settings
from lbmrc.model.packed import WithoutPadding
from lbmrc.model.span_model import load_model
from lbmrc.training.span_extraction import gold_spans
from lbmrc.training.trainer import train
from lbmrc.windows.build import write_windows
from lbmrc.windows.files import identity, read_windows

LINES = SAMPLE.strip().splitlines()
SETTINGS = TrainingSettings(epochs=1, batch_size=4, max_steps=2, warmup_steps=0, dropout=0.2)
LENGTHS = WindowSettings(max_length=64, stride=24, max_question_length=12)


def examples():
    for number, line in enumerate(LINES):
        word = line.split()[number % 5 + 1]
        yield Example(
            id=f"q{number}",
            passage_id=f"T/{number}",
            passage_language="en",
            question_language="es",
            passage=line,
            question="Where is it?",
            answers=(Answer(word, line.index(word)),),
        )


@pytest.mark.parametrize("family", FAMILIES)
def test_from_windows_to_answers(family, tmp_path):
    backbone = write_backbone(family, tmp_path / "backbone")
    check_length(backbone, 128)
    tokenizer = load_tokenizer(backbone)
    cut = tmp_path / "branch.en.arrow"
    counts = write_windows(
        cut, examples(), tokenizer, LENGTHS, dataset="branch.en", for_prediction=True
    )
    assert counts["windows_with_answer"] >= len(LINES) and identity(cut)["languages"] == {}

    def fit(name, make_task=gold_spans):
        summary = train(
            backbone,
            read_windows([cut]),
            SETTINGS,
            make_task=make_task,
            seed=1,
            device="cpu",
            model=tmp_path / name,
            metrics=tmp_path / f"{name}.jsonl",
            state=tmp_path / f"{name}.state",
            window_settings=identity(cut)["windows"],
        )
        assert summary["steps"] == 2
        return tmp_path / name

    teacher = fit("teacher")
    assert window_settings(teacher)["special_tokens"] == "transformers"
    logits = tmp_path / "logits.parquet"
    dump_logits(teacher, [cut], logits, batch_size=4, state=tmp_path / "logits.state")
    with TeacherLogits([logits], [cut], tmp_path) as teachers:
        taught = Distillation(teachers, "uniform", DistillationSettings())
        student = fit("student", taught.make_task)
    kept = load_model(student)
    assert isinstance(kept.base_model, WithoutPadding) == (family in ("bert", "xlm-roberta"))
    weights = load_model(teacher).state_dict()
    assert any(not np.array_equal(w, weights[name]) for name, w in kept.state_dict().items())
    answers = answer_benchmarks(
        student, [cut], ["sample.test"], DecodingSettings(), "cpu", tmp_path / "answers"
    )
    found = answers["sample.test.en.es"]
    assert list(found) == [f"q{number}" for number in range(len(LINES))]
    assert all(found[f"q{number}"] in line for number, line in enumerate(LINES))
    assert all(found.values())


@pytest.mark.parametrize("family", FAMILIES)
def test_a_saved_tokenizer_is_the_same(family, tmp_path):
    tokenizer = build_tokenizer(family)
    tokenizer.save_pretrained(tmp_path)
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    assert load_tokenizer(tmp_path)(SAMPLE)["input_ids"] == tokenizer(SAMPLE)["input_ids"]

"""The choice of a checkpoint: by F1 on the source language's dev questions alone."""

import json
import sys
from pathlib import Path

import pytest
from tiny_xlm import build_tokenizer

from lbmrc.config.stages import DecodingSettings, WindowSettings
from lbmrc.data.squad import read_squad
from lbmrc.evaluation import checkpoint_choice
from lbmrc.evaluation.checkpoint_choice import DevScore, best_checkpoint, score_checkpoints
from lbmrc.evaluation.metrics import score
from lbmrc.evaluation.prediction import answer_benchmarks
from lbmrc.runtime import stage
from lbmrc.windows.build import write_windows

ROOT = Path(__file__).parents[3]
PASSAGE = "Bruno Mars played in Paris. Beyonce sang Halo in Lima."
QUESTIONS = {"q1": "Who played?", "q2": "Where?", "q3": "What did Beyonce sing?", "q4": "Halo"}
DECODING = DecodingSettings(n_best=2, max_answer_length=6)
WINDOWS = WindowSettings(max_length=40, stride=8, max_question_length=12)


@pytest.mark.parametrize(
    ("scores", "step"),
    [
        ([(10, 1.0, 50.0), (20, 0.0, 60.0), (30, 5.0, 55.0)], 20),
        ([(10, 1.0, 60.0), (20, 3.0, 60.0), (30, 2.0, 60.0)], 20),
        ([(10, 3.0, 60.0), (20, 3.0, 60.0), (30, 2.0, 10.0)], 10),
        ([(10, 0.0, 0.0)], 10),
    ],
)
def test_the_best_f1_then_exact_match_then_the_earliest(scores, step):
    assert best_checkpoint([DevScore(*score) for score in scores]).step == step


def write_dev(path, answers):
    questions = [
        {
            "id": id,
            "question": question,
            "answers": [{"text": answers[id], "answer_start": PASSAGE.index(answers[id])}],
        }
        for id, question in QUESTIONS.items()
    ]
    paragraphs = [{"context": PASSAGE, "qas": questions}]
    data = {"version": "1.0", "data": [{"title": "T", "paragraphs": paragraphs}]}
    path.write_text(json.dumps(data))


@pytest.fixture(scope="module")
def dev(tmp_path_factory):
    """Dev questions, their windows, and three checkpoints, of which that of step 10 answers all."""
    import torch
    from transformers import XLMConfig, XLMForQuestionAnsweringSimple

    folder = tmp_path_factory.mktemp("dev")
    write_dev(folder / "dev.json", dict.fromkeys(QUESTIONS, "Paris"))
    xlm = build_tokenizer(folder / "xlm")
    write_windows(
        folder / "dev.arrow",
        read_squad(folder / "dev.json", "en", "en", "stop").examples,
        xlm,
        WINDOWS,
        dataset="mlqa.dev",
        for_prediction=True,
    )
    config = XLMConfig(
        vocab_size=len(xlm),
        emb_dim=16,
        n_layers=1,
        n_heads=2,
        n_langs=15,
        max_position_embeddings=64,
        embed_init_std=0.5,
    )
    for step in (5, 10, 100):
        torch.manual_seed(step)
        network = XLMForQuestionAnsweringSimple(config)
        with torch.no_grad():
            network.qa_outputs.weight.normal_()
        network.save_pretrained(folder / f"candidates/step-{step}")
    job = [folder / "dev.arrow"], ["dev"], DECODING, "cpu", folder / "state"
    write_dev(
        folder / "dev.json", answer_benchmarks(folder / "candidates/step-10", *job)["dev.en.en"]
    )
    return folder


def test_scores_are_the_metrics_of_each_checkpoints_answers_in_the_order_of_steps(dev, tmp_path):
    found = score_checkpoints(
        dev / "candidates",
        dev / "dev.arrow",
        dev / "dev.json",
        "mlqa",
        "en",
        DECODING,
        "cpu",
        tmp_path / "state",
    )
    assert [one.step for one in found] == [5, 10, 100]
    for one in found:
        model = dev / f"candidates/step-{one.step}"
        state = tmp_path / f"alone-{one.step}"
        answers = answer_benchmarks(model, [dev / "dev.arrow"], ["x"], DECODING, "cpu", state)
        expected = score(
            json.loads((dev / "dev.json").read_text()), answers["x.en.en"], "mlqa", "en"
        )
        assert (one.exact_match, one.f1) == (expected["exact_match"], expected["f1"])
    assert found[1].exact_match == found[1].f1 == 100
    assert max(found[0].f1, found[2].f1) < 100


@pytest.fixture
def select(dev, monkeypatch):
    """Runs the stage: its outputs are below the folder that it is given."""
    monkeypatch.syspath_prepend(str(ROOT / "workflow/scripts"))
    import select_checkpoint

    def run(folder):
        arguments = {
            "candidates": dev / "candidates",
            "windows": dev / "dev.arrow",
            "dataset": dev / "dev.json",
            "metric": "mlqa",
            "language": "en",
            "decoding": DECODING.model_dump_json(),
            "device": "cpu",
            "model": folder / "model",
            "scores": folder / "dev.jsonl",
            "manifest": folder / "manifest.json",
        }
        command = [part for name, value in arguments.items() for part in (f"--{name}", str(value))]
        monkeypatch.setattr(sys, "argv", ["select_checkpoint.py", *command])
        kinds = dict.fromkeys(["candidates", "windows", "dataset", "model", "scores"], Path)
        kinds |= dict.fromkeys(["metric", "language", "device"], str) | {"decoding": json.loads}
        stage.run(select_checkpoint.main, "", **kinds)

    return run


def outputs(folder):
    files = [path for path in folder.rglob("*") if path.is_file()]
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in files
        if path.name != "manifest.json"
    }


def test_the_chosen_one_is_saved_and_the_manifest_names_it(dev, select, tmp_path):
    select(tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "dev.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [5, 10, 100]
    (chosen,) = [line for line in lines if line["chosen"]]
    assert chosen["step"] == 10
    result = json.loads((tmp_path / "manifest.json").read_text())["result"]
    assert result == {
        "chosen_step": chosen["step"],
        "exact_match": chosen["exact_match"],
        "f1": chosen["f1"],
        "last_step": 100,
        "checkpoints": 3,
    }
    candidate = dev / f"candidates/step-{chosen['step']}"
    for path in candidate.iterdir():
        assert (tmp_path / "model" / path.name).read_bytes() == path.read_bytes()
    assert not list(tmp_path.glob("*.state"))


def test_killed_it_keeps_the_answers_and_ends_in_the_same_bytes(dev, select, tmp_path, monkeypatch):
    select(tmp_path / "whole")
    plain, asked = answer_benchmarks, []

    def dies_at_the_second(model, *rest):
        asked.append(model.name)
        if len(asked) == 2:
            raise KeyboardInterrupt
        return plain(model, *rest)

    monkeypatch.setattr(checkpoint_choice, "answer_benchmarks", dies_at_the_second)
    killed = tmp_path / "killed"
    with pytest.raises(KeyboardInterrupt):
        select(killed)
    kept = killed / "manifest.state/step-5/0.json"
    assert kept.exists() and not (killed / "model").exists()
    select(killed)
    assert outputs(killed) == outputs(tmp_path / "whole")

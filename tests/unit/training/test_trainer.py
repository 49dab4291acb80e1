import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from transformers import AutoModelForQuestionAnswering

from lbmrc.common.errors import UserError
from lbmrc.config.stages import DistillationSettings, TrainingSettings
from lbmrc.distillation.task import Distillation, DistilledSpans
from lbmrc.model import span_model as backbone
from lbmrc.model.checkpoint_files import trained_precision, window_settings
from lbmrc.model.precision import in_bf16, inference
from lbmrc.runtime.code_fingerprint import import_closure
from lbmrc.training import trainer as training
from lbmrc.training.checkpoints import STOP_SIGNALS
from lbmrc.training.metrics_log import FileMetricsLogger
from lbmrc.training.span_extraction import SpanExtraction, gold_spans
from lbmrc.training.trainer import train
from lbmrc.windows.files import identity, read_windows

SETTINGS = TrainingSettings(learning_rate=1e-3, epochs=3, batch_size=8, warmup_steps=2)
STEPS = 15


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.write_backbone(tmp_path_factory.mktemp("backbone"))


@pytest.fixture(scope="module")
def windows_file(tmp_path_factory):
    path = tmp_path_factory.mktemp("windows") / "branch.en.arrow"
    return tiny.write_windows(path, 37)


@pytest.fixture(scope="module")
def windows(windows_file):
    return read_windows([windows_file])


def fit(folder, windows, root, settings=SETTINGS, seed=7, make_task=gold_spans):
    return train(
        folder,
        windows,
        settings,
        seed=seed,
        device="cpu",
        model=root / "out/model",
        metrics=root / "out/metrics.jsonl",
        state=root / "state",
        make_task=make_task,
    )


def everything(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def metrics(folder: Path) -> list[dict]:
    return [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def undisturbed(folder, windows, tmp_path_factory):
    root = tmp_path_factory.mktemp("undisturbed")
    summary = fit(folder, windows, root)
    assert not (root / "state").exists()
    return root / "out", summary


def test_the_result_loads_and_the_metrics_say_what_happened(undisturbed, folder):
    out, summary = undisturbed
    model, found = AutoModelForQuestionAnswering.from_pretrained(
        out / "model", output_loading_info=True
    )
    assert not found["missing_keys"] and not found["unexpected_keys"]
    assert (out / "model/merges.txt").exists()
    before = backbone.load_model(folder, head_seed=7)
    assert all(
        not torch.equal(a, b)
        for (name, a), (_, b) in zip(
            model.named_parameters(), before.named_parameters(), strict=True
        )
        if "position" not in name and "bias" not in name
    )
    lines = metrics(out)
    assert [line["step"] for line in lines] == list(range(1, STEPS + 1))
    assert [line["epoch"] for line in lines][4::5] == [1, 2, 3]
    assert all(line["loss"] == line["nll"] for line in lines)
    rates = [line["learning_rate"] for line in lines]
    assert rates[:3] == [0, 5e-4, 1e-3] and rates[-1] == pytest.approx(1e-3 / 13, rel=1e-5)
    assert summary["steps"] == STEPS and summary["windows"] == 37
    assert sorted(everything(out)) == sorted(
        ["metrics.jsonl", *(f"model/{p.name}" for p in (out / "model").iterdir())]
    )


def test_the_same_seed_gives_the_same_bytes(undisturbed, folder, windows, tmp_path):
    torch.rand(5)
    fit(folder, windows, tmp_path)
    assert everything(tmp_path / "out") == everything(undisturbed[0])
    fit(folder, windows, tmp_path / "other", seed=8)
    assert (
        everything(tmp_path / "other/out")["model/model.safetensors"]
        != (everything(undisturbed[0])["model/model.safetensors"])
    )


def test_layers_computed_again_give_the_same_bytes(undisturbed, folder, windows, tmp_path):
    fit(folder, windows, tmp_path, SETTINGS.model_copy(update={"gradient_checkpointing": True}))
    assert everything(tmp_path / "out") == everything(undisturbed[0])


def test_frozen_embeddings_stay_as_they_were_and_cost_no_step(
    undisturbed, folder, windows, tmp_path
):
    summary = fit(
        folder, windows, tmp_path, SETTINGS.model_copy(update={"freeze_embeddings": True})
    )
    before = backbone.load_model(folder, head_seed=7)
    after = backbone.load_model(tmp_path / "out/model")
    embeddings = before.get_input_embeddings().weight
    assert torch.equal(after.get_input_embeddings().weight, embeddings)
    assert not torch.equal(after.qa_outputs.weight, before.qa_outputs.weight)
    assert summary["trained_weights"] == undisturbed[1]["trained_weights"] - embeddings.numel()


def test_dropout_of_the_config_stands_in_for_the_checkpoints(folder, windows, tmp_path):
    found = []
    for seed in (1, 2):  # of dropout alone: batches and head are drawn before
        model = backbone.load_model(folder, head_seed=7, dropout=0.0).train()
        torch.manual_seed(seed)
        batch = SpanExtraction(windows, 2).__getitems__([0, 1, 2])
        found.append(gold_spans(windows, model).losses(model, batch)["loss"])
    assert torch.equal(*found)
    settings = SETTINGS.model_copy(update={"dropout": 0.25, "max_steps": 1})
    fit(folder, windows, tmp_path, settings)
    config = json.loads((tmp_path / "out/model/config.json").read_text())
    assert config["dropout"] == config["attention_dropout"] == 0.25


def test_a_system_is_used_in_the_precision_it_was_trained_in(folder, windows, tmp_path):
    if not in_bf16("cpu", "bf16"):
        pytest.skip("this CPU does not compute in bf16")
    settings = SETTINGS.model_copy(update={"precision": "bf16", "dropout": 0.0})
    summary = fit(folder, windows, tmp_path, settings)
    assert summary["precision"] == "bf16 autocast"
    assert trained_precision(tmp_path / "out/model") == "bf16"
    exact = fit(
        folder, windows, tmp_path / "exact", settings.model_copy(update={"precision": "auto"})
    )
    assert exact["precision"] == "float32"
    rough, precise = ([x["loss"] for x in metrics(tmp_path / x)] for x in ("out", "exact/out"))
    assert rough != precise and rough == pytest.approx(precise, rel=0.02)
    model = backbone.load_model(tmp_path / "out/model")
    with inference(model, "cpu"):
        assert torch.is_autocast_enabled("cpu")


def test_batches_made_ahead_by_a_process_are_the_same(
    undisturbed, folder, windows, tmp_path, monkeypatch
):
    monkeypatch.setattr(training, "_loader_workers", lambda device: 1)
    fit(folder, windows, tmp_path)
    assert everything(tmp_path / "out") == everything(undisturbed[0])


SAVING_AT_EVERY_STEP = SETTINGS.model_copy(update={"checkpoint_minutes": 1e-9})
KILLED = """
import os, signal, sys
from pathlib import Path
from lbmrc.training import checkpoints, trainer as training
from lbmrc.training.metrics_log import FileMetricsLogger
from lbmrc.config.stages import TrainingSettings
from lbmrc.windows.files import read_windows
step, when, by, folder, windows, root, settings = sys.argv[1:]
root, step = Path(root), int(step)
def kill():
    os.kill(os.getpid(), signal.Signals[by])
log_step, mark_complete = FileMetricsLogger.log_step, checkpoints.mark_complete
if when == "in a step":
    FileMetricsLogger.log_step = lambda self, at, *rest: (
        at == step and kill(), log_step(self, at, *rest)
    )
else:
    checkpoints.mark_complete = lambda path: (
        kill() if path.name == f"checkpoint-{step}" else mark_complete(path)
    )
training.train(
    folder,
    read_windows([windows]),
    TrainingSettings.model_validate_json(settings),
    seed=7,
    device="cpu",
    model=root / "out/model",
    metrics=root / "out/metrics.jsonl",
    state=root / "state",
)
"""


def killed_at(
    step, when, folder, windows_file, root, by=signal.SIGKILL, settings=SAVING_AT_EVERY_STEP
):
    """Train in a process that sends itself a signal at ``step``; how it ended."""
    arguments = [step, when, by.name, folder, windows_file, root, settings.model_dump_json()]
    return subprocess.run([sys.executable, "-c", KILLED, *map(str, arguments)]).returncode


@pytest.mark.parametrize(
    ("step", "when"), [(1, "in a step"), (4, "in a step"), (6, "in a step"), (8, "in a save")]
)
def test_a_killed_run_ends_with_the_same_bytes(
    undisturbed, folder, windows, windows_file, tmp_path, step, when
):
    code = killed_at(step, when, folder, windows_file, tmp_path)
    assert code == -signal.SIGKILL
    assert not (tmp_path / "out/model").exists()
    summary = fit(folder, windows, tmp_path)
    assert summary["resumed_at_step"] == step - 1
    assert everything(tmp_path / "out") == everything(undisturbed[0])


@pytest.mark.parametrize("by", STOP_SIGNALS)
def test_asked_to_stop_it_saves_at_once_and_is_resumed_there(
    undisturbed, folder, windows, windows_file, tmp_path, by
):
    code = killed_at(7, "in a step", folder, windows_file, tmp_path, by, SETTINGS)
    assert code == 128 + by
    assert not (tmp_path / "out/model").exists()
    before = signal.getsignal(by)
    summary = fit(folder, windows, tmp_path)
    assert summary["resumed_at_step"] == 7
    assert everything(tmp_path / "out") == everything(undisturbed[0])
    assert signal.getsignal(by) == before


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGUSR1])
def test_a_signal_to_all_processes_of_a_job_stops_no_maker_of_batches(
    undisturbed, folder, windows, windows_file, tmp_path, by
):
    # from outside: a maker of batches takes a signal of its parent for an order
    outside = (
        "import subprocess; group = str(-os.getpid()); subprocess.run(['setsid', 'kill', '-s', "
    )
    outside += "by[3:], '--', group]); time.sleep(1)"
    program = KILLED.replace("os.kill(os.getpid(), signal.Signals[by])", outside)
    program = program.replace("import os,", "import time, os,")
    program = program.replace("def kill", "training._loader_workers = lambda device: 1\ndef kill")
    arguments = [7, "in a step", by.name, folder, windows_file, tmp_path]
    command = [sys.executable, "-c", program, *map(str, arguments), SETTINGS.model_dump_json()]
    assert subprocess.run(command, start_new_session=True).returncode == 128 + by
    summary = fit(folder, windows, tmp_path)
    assert summary["resumed_at_step"] == 7
    assert everything(tmp_path / "out") == everything(undisturbed[0])


def test_asked_to_stop_in_the_last_step_it_ends(undisturbed, folder, windows_file, tmp_path):
    assert killed_at(STEPS, "in a step", folder, windows_file, tmp_path, signal.SIGTERM) == 0
    assert everything(tmp_path / "out") == everything(undisturbed[0])


def test_a_damaged_checkpoint_is_not_used(
    undisturbed, folder, windows, windows_file, tmp_path, caplog
):
    killed_at(9, "in a step", folder, windows_file, tmp_path)
    weights = tmp_path / "state/checkpoint-8/model.safetensors"
    flipped = bytearray(weights.read_bytes())
    flipped[-1] ^= 1
    weights.write_bytes(flipped)
    summary = fit(folder, windows, tmp_path)
    assert "checkpoint-8 is damaged (model.safetensors): not used" in caplog.text
    assert summary["resumed_at_step"] == 7
    assert everything(tmp_path / "out") == everything(undisturbed[0])


def test_work_of_another_job_is_not_resumed(
    undisturbed, folder, windows, windows_file, tmp_path, caplog
):
    killed_at(9, "in a step", folder, windows_file, tmp_path)
    caplog.set_level("INFO", "lbmrc")
    summary = fit(folder, windows, tmp_path, SETTINGS.model_copy(update={"epochs": 2}))
    assert summary["resumed_at_step"] == 0 and summary["steps"] == 10
    assert "unfinished work of another job: removed" in caplog.text


def test_a_student_learns_from_gold_and_teachers(folder, windows, tmp_path):
    distil = Distillation(tiny.Teachers(windows), "confident", DistillationSettings())
    fit(folder, windows, tmp_path, make_task=distil.make_task)
    for line in metrics(tmp_path / "out"):
        assert line["loss"] == pytest.approx((line["nll"] + line["kd"]) / 2, rel=1e-4)


def test_the_loss_of_a_student_is_equation_6(folder, windows):
    import numpy_twin as twin

    rows = [3, 30, 11]
    model = backbone.load_model(folder, head_seed=0)
    settings = DistillationSettings(nll_weight=0.3, kd_weight=0.9, temperature=3.0)
    teachers = tiny.Teachers(windows)
    task = DistilledSpans(windows, 2, Distillation(teachers, "as-printed", settings))
    with torch.no_grad():
        losses = task.losses(model, task.__getitems__(rows))
    gold, kd = [], []
    for row in rows:
        alone = SpanExtraction(windows, 2).__getitems__([row])
        with torch.no_grad():
            z_start, z_end = (z[0].double().numpy() for z in backbone.span_logits(model, alone))
        gold.append((z_start, z_end, windows[row]["start"], windows[row]["end"]))
        soft = [
            twin.soft_logits(twin.weights_as_printed(z), z)
            for z in teachers.logits[row].astype(np.float64)
        ]
        kd.append((*soft, z_start, z_end))
    nll, kd = twin.nll(gold), twin.kd(kd, tau=3.0)
    assert losses["nll"].item() == pytest.approx(nll, rel=1e-5)
    assert losses["kd"].item() == pytest.approx(kd, rel=1e-5)
    assert losses["loss"].item() == pytest.approx(0.3 * nll + 0.9 * kd, rel=1e-5)


def test_teachers_of_other_windows_are_refused(windows):
    few = tiny.Teachers(windows.select(range(5)))
    with pytest.raises(ValueError, match="5 windows for 37"):
        DistilledSpans(windows, 2, Distillation(few, "uniform", DistillationSettings()))


def test_training_learns(folder, tmp_path):
    path = tiny.write_windows(tmp_path / "w.arrow", 16)
    settings = SETTINGS.model_copy(update={"epochs": 60, "schedule": "cosine"})
    fit(folder, read_windows([path]), tmp_path, settings)
    losses = [line["loss"] for line in metrics(tmp_path / "out")]
    assert np.mean(losses[-10:]) < 0.6 * np.mean(losses[:10])


def test_the_checkpoint_says_how_its_windows_were_cut(folder, windows_file, tmp_path):
    cut = identity(windows_file)["windows"]
    train(
        folder,
        read_windows([windows_file]),
        SETTINGS.model_copy(update={"max_steps": 1}),
        seed=7,
        device="cpu",
        model=tmp_path / "model",
        metrics=tmp_path / "metrics.jsonl",
        state=tmp_path / "state",
        window_settings=cut,
    )
    assert window_settings(tmp_path / "model") == cut
    assert window_settings(folder) == {}
    backbone.load_model(tmp_path / "model")


ON_DEV = SETTINGS.model_copy(update={"select": "dev"})


@pytest.fixture(scope="module")
def candidates(folder, windows, tmp_path_factory):
    root = tmp_path_factory.mktemp("candidates")
    fit(folder, windows, root, ON_DEV)
    assert not (root / "state").exists()
    return root / "out"


def test_where_dev_data_choose_each_epochs_model_is_there(candidates, undisturbed):
    found = everything(candidates / "model")
    assert {name.partition("/")[0] for name in found} == {"step-5", "step-10", "step-15"}
    last = {k.removeprefix("step-15/"): v for k, v in found.items() if k.startswith("step-15/")}
    assert last == everything(undisturbed[0] / "model")
    assert metrics(candidates) == metrics(undisturbed[0])
    weights = {name: found[f"{name}/model.safetensors"] for name in ("step-5", "step-10")}
    assert len({*weights.values(), last["model.safetensors"]}) == 3


def test_training_that_ends_within_an_epoch_keeps_its_last_step(folder, windows, tmp_path):
    fit(folder, windows, tmp_path, ON_DEV.model_copy(update={"max_steps": 7}))
    assert sorted(path.name for path in (tmp_path / "out/model").iterdir()) == ["step-5", "step-7"]


@pytest.mark.parametrize(
    ("step", "when", "by", "settings"),
    [
        (4, "in a step", signal.SIGKILL, SAVING_AT_EVERY_STEP),
        (5, "in a save", signal.SIGKILL, SAVING_AT_EVERY_STEP),
        (12, "in a step", signal.SIGKILL, SAVING_AT_EVERY_STEP),
        (7, "in a step", signal.SIGTERM, SETTINGS),  # no candidate of a part of an epoch
    ],
)
def test_a_killed_run_ends_with_the_same_candidates(
    candidates, folder, windows, windows_file, tmp_path, step, when, by, settings
):
    settings = settings.model_copy(update={"select": "dev"})
    assert killed_at(step, when, folder, windows_file, tmp_path, by, settings) != 0
    assert not (tmp_path / "out/model").exists()
    assert fit(folder, windows, tmp_path, ON_DEV)["resumed_at_step"] > 0
    assert everything(tmp_path / "out") == everything(candidates)


def test_a_candidate_that_was_removed_is_missed(folder, windows, windows_file, tmp_path):
    settings = SAVING_AT_EVERY_STEP.model_copy(update={"select": "dev"})
    killed_at(7, "in a step", folder, windows_file, tmp_path, settings=settings)
    shutil.rmtree(tmp_path / "state/candidates/step-5")
    with pytest.raises(UserError, match="no step-5"):
        fit(folder, windows, tmp_path, ON_DEV)
    assert not (tmp_path / "out/model").exists()


@pytest.mark.parametrize("script", ["train_system", "train_with_lakm", "distil_student"])
def test_no_training_is_made_of_the_code_of_predictions_and_scores(script):
    root = Path(__file__).parents[3]
    closure = import_closure(root / f"workflow/scripts/{script}.py", root)
    assert root / "lbmrc/training/trainer.py" in closure
    assert not [path for path in closure if path.is_relative_to(root / "lbmrc/evaluation")]


def test_max_steps_ends_early(folder, windows, tmp_path):
    settings = SETTINGS.model_copy(update={"max_steps": 3})
    summary = fit(folder, windows, tmp_path, settings)
    assert summary["steps"] == len(metrics(tmp_path / "out")) == 3


def test_a_loss_that_is_no_number_saves_the_examples(folder, windows, tmp_path):
    diverging = SETTINGS.model_copy(update={"learning_rate": 1e30, "warmup_steps": 0})
    with pytest.raises(UserError, match=r"step (\d+): the loss is (nan|inf).*question-\d+") as stop:
        fit(folder, windows, tmp_path, diverging)
    assert not (tmp_path / "out/model").exists()
    saved = tmp_path / "bad_batch.jsonl"
    assert str(saved) in str(stop.value)
    found = [json.loads(line) for line in saved.read_text().splitlines()]
    step = int(str(stop.value).split(":")[0].removeprefix("step "))
    names = list(windows["example"])
    batches = SpanExtraction(windows, 2).batches(SETTINGS.batch_size, 7)
    assert found == [
        {
            "step": step,
            "example": names[row],
            "passage_language": "en",
            "question_language": "en",
            "window": 0,
        }
        for row in list(batches)[step - 1]
    ]
    fit(folder, windows, tmp_path, SETTINGS.model_copy(update={"max_steps": 1}))
    assert not saved.exists()


def test_the_norm_of_each_steps_gradient_and_the_share_of_clipped_steps_are_recorded(
    undisturbed, folder, windows, windows_file, tmp_path
):
    norms = [line["gradient_norm"] for line in metrics(undisturbed[0])]
    # by plain autograd on the first batch, before any update
    task = gold_spans(windows, network := backbone.load_model(folder, head_seed=7))
    torch.manual_seed(7)
    batches = task.batches(SETTINGS.batch_size, 7)
    batches.set_epoch(0)
    network.train()
    task.losses(network, task.__getitems__(next(iter(batches))))["loss"].backward()
    squares = [p.grad.square().sum() for p in network.parameters() if p.grad is not None]
    assert norms[0] == pytest.approx(float(sum(squares)) ** 0.5, rel=0.2)  # dropout differs
    # the largest norm that leaves the first step alone
    most = norms[0] * 1.000001
    clipping = SETTINGS.model_copy(update={"max_gradient_norm": most})
    killed_at(7, "in a step", folder, windows_file, tmp_path, settings=clipping)
    summary = fit(folder, windows, tmp_path, clipping)
    found = [line["gradient_norm"] for line in metrics(tmp_path / "out")]
    assert summary["clipped_steps"] == round(sum(x > most for x in found) / STEPS, 4)
    assert undisturbed[1]["clipped_steps"] == sum(x > 5 for x in norms) / STEPS


@pytest.mark.parametrize("name", ["loss", "gradient_norm"])
def test_a_value_that_is_not_finite_stops_the_training(tmp_path, name):
    logger = FileMetricsLogger(
        tmp_path / "metrics.jsonl",
        steps_per_epoch=2,
        describe=lambda rows: [{"id": f"question-{row}"} for row in rows],
        bad_batch=tmp_path / "bad_batch.jsonl",
    )
    logger.start(0, 2)
    values = {"loss": torch.tensor(1.0), "gradient_norm": torch.tensor(2.0)}
    logger.log_step(1, 0.1, values, torch.tensor([1]))
    logger.log_step(2, 0.1, values | {name: torch.tensor(torch.inf)}, torch.tensor([3]))
    with pytest.raises(UserError, match=f"step 2: the {name.replace('_', ' ')} is inf") as caught:
        logger.flush()
    logger.close()
    assert "question-3" in str(caught.value)

"""What the trainer asks of a task, for each kind of it."""

from pathlib import Path

import pytest
import tiny
import torch
from datasets import Dataset

from lbmrc.config.stages import DistillationSettings, MaskingSettings
from lbmrc.distillation.task import Distillation
from lbmrc.lakm.masking import HEAD
from lbmrc.lakm.task import Lakm
from lbmrc.model.span_model import load_model
from lbmrc.runtime.code_fingerprint import import_closure
from lbmrc.training.span_extraction import gold_spans
from lbmrc.training.task import TaskLosses
from lbmrc.windows.files import read_windows

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def windows(tmp_path_factory):
    return read_windows([tiny.write_windows(tmp_path_factory.mktemp("windows") / "w.arrow", 12)])


@pytest.fixture(scope="module")
def backbone(tmp_path_factory):
    return tiny.write_backbone(tmp_path_factory.mktemp("backbone"))


def student(windows, weighting="confident", temperature=2.0):
    settings = DistillationSettings(temperature=temperature)
    return Distillation(tiny.Teachers(windows), weighting, settings).make_task


def lakm(backbone, mask_rate=0.15, mask_id=5):
    phrases = Dataset.from_dict(
        {
            "input_ids": [[1, 10, 11, 12, 1]],
            "phrases": [[-1, 0, 1, 1, -1]],
            "language_id": [4],
        }
    )
    return Lakm(phrases, MaskingSettings(mask_rate=mask_rate), mask_id, backbone, 8, 7).make_task


def test_a_change_of_the_task_is_another_identity(windows, backbone):
    network = load_model(backbone, head_seed=0)
    makers = [
        gold_spans,
        student(windows),
        student(windows, "as-printed"),
        student(windows, temperature=3.0),
        lakm(backbone),
        lakm(backbone, mask_rate=0.2),
        lakm(backbone, mask_id=6),
    ]
    identities = [make_task(windows, network).identity() for make_task in makers]
    assert identities[0] == {}
    assert all(a != b for n, a in enumerate(identities) for b in identities[:n])
    assert lakm(backbone)(windows, network).identity() == identities[4]


def test_only_the_loss_has_gradients(windows, backbone):
    network = load_model(backbone, head_seed=0)
    task = student(windows)(windows, network)
    batch = task.__getitems__([3, 1, 7])
    losses = TaskLosses(network, task)(batch)
    assert {name for name, loss in losses.items() if loss.requires_grad} == {"loss"}
    expected = task.losses(network, batch)
    assert losses.keys() == expected.keys()
    assert all(torch.equal(losses[name], expected[name]) for name in losses)


def test_gold_spans_and_students_leave_the_network_as_it_is(windows, backbone):
    for make_task in (gold_spans, student(windows)):
        network = load_model(backbone, head_seed=0)
        before = dict(network.named_parameters())
        task = make_task(windows, network)
        task.attach(network)
        assert dict(network.named_parameters()).keys() == before.keys()
        task.detach(network)
        assert not hasattr(network, HEAD)


@pytest.mark.parametrize(
    ("module", "others"),
    [
        ("lakm/task.py", ["tokenization", "windows/build", "lakm/build_windows", "distillation"]),
        ("lakm/phrase_window_files.py", ["tokenization", "windows/build", "lakm/build_windows"]),
        ("lakm/passages.py", ["tokenization", "windows"]),
        ("training/stage.py", ["tokenization", "windows/build", "lakm", "distillation"]),
        ("distillation/task.py", ["tokenization", "windows/build", "lakm", "training/trainer"]),
        ("distillation/read_logits.py", ["distillation/write_logits", "training", "model"]),
        ("distillation/write_logits.py", ["distillation/read_logits", "training"]),
    ],
)
def test_an_edit_elsewhere_retrains_nothing(module, others):
    package = ROOT / "lbmrc"
    imported = {
        path.relative_to(package).as_posix()
        for path in import_closure(package / module, ROOT)
        if path.name != "__init__.py" and path.is_relative_to(package)
    }
    assert not [name for name in imported if name.startswith(tuple(others))]

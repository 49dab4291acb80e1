"""A training in two processes on the CPU, against the same in one."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
import torch
from datasets import Dataset
from safetensors.torch import load_file

from lbmrc.config.stages import DistillationSettings
from lbmrc.distillation.task import Distillation, DistilledSpans
from lbmrc.lakm.masking import PhraseMasking
from lbmrc.lakm.task import Alternating
from lbmrc.model.span_model import load_model
from lbmrc.training.distributed import SINGLE_PROCESS, Processes
from lbmrc.training.span_extraction import SpanExtraction
from lbmrc.training.task import TaskLosses
from lbmrc.windows.files import read_windows

ROOT = Path(__file__).parents[3]
WINDOWS = 33  # batches of 8, and one of 1: nothing for the second process
STEPS = 10
SETTINGS = {"learning_rate": 1e-3, "epochs": 2, "batch_size": 8, "warmup_steps": 2}
DISTURBED = """
import os, signal, sys
from lbmrc.training.checkpoints import CheckpointCallback
from lbmrc.training.stage import run_training, train_stage

end_of_step = CheckpointCallback.on_step_end

def disturbed(callback, args, state, control, **more):
    rank, step, whom, by = os.environ["DISTURB"].split()
    if (int(rank), int(step)) == (callback.processes.rank, state.global_step):
        os.kill(os.getppid() if whom == "launcher" else os.getpid(), signal.Signals[by])
    end_of_step(callback, args, state, control, **more)

if "DISTURB" in os.environ:
    CheckpointCallback.on_step_end = disturbed
run_training(train_stage, "doc")
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Windows, a backbone with dropout and one without, and the stage, to be disturbed."""
    root = tmp_path_factory.mktemp("distributed")
    tiny.write_windows(root / "windows.arrow", WINDOWS)
    tiny.write_backbone(root / "backbone")
    tiny.write_backbone(root / "exact")
    config = json.loads((root / "exact/config.json").read_text())
    config |= {"dropout": 0.0, "attention_dropout": 0.0}
    (root / "exact/config.json").write_text(json.dumps(config))
    (root / "train.py").write_text(DISTURBED)
    return root


def train(folder, out, processes, backbone="backbone", disturb=None, **settings):
    arguments = {
        "windows": "windows.arrow",
        "backbone": backbone,
        "training": json.dumps(SETTINGS | settings),
        "execution": json.dumps({"num_processes": processes}),
        "seed": 7,
        "device": "cpu",
        "model": out / "model",
        "metrics": out / "metrics.jsonl",
        "manifest": out / "manifest.json",
    }
    command = [sys.executable, "train.py"]
    command += [part for name, value in arguments.items() for part in (f"--{name}", str(value))]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    environment |= {"DISTURB": disturb} if disturb else {}
    return subprocess.run(
        command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True, check=False
    )


def results(out: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(out)): p.read_bytes()
        for p in out.rglob("*")
        if p.is_file() and p.name != "manifest.json"
    }


def losses(out: Path) -> list[dict]:
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def undisturbed(folder):
    ran = train(folder, folder / "undisturbed", 2)
    assert ran.returncode == 0, ran.stderr
    return results(folder / "undisturbed")


def test_two_processes_train_as_one_does(folder, tmp_path):
    for processes in (1, 2):
        # AdamW makes whole steps of gradients that are 0 but for rounding (those of biases that a
        # softmax cancels), unless epsilon is above these
        ran = train(folder, tmp_path / str(processes), processes, "exact", adam_epsilon=1e-4)
        assert ran.returncode == 0, ran.stderr
    one, two = (losses(tmp_path / str(processes)) for processes in (1, 2))
    assert len(one) == len(two) == STEPS
    for a, b in zip(one, two, strict=True):
        assert b == pytest.approx(a, rel=2e-5)
    one, two = (load_file(tmp_path / f"{n}/model/model.safetensors") for n in (1, 2))
    before = load_model(folder / "exact", head_seed=7).state_dict()
    for name in one:
        moved = (one[name] - before[name]).abs().max()
        assert (one[name] - two[name]).abs().max() <= 1e-3 * moved + 1e-6, name
    said = json.loads((tmp_path / "2/manifest.json").read_text())["result"]
    assert (said["processes"], said["steps"], said["windows"]) == (2, STEPS, WINDOWS)
    assert not (tmp_path / "2/manifest.state").exists()


def resumed(folder, out, **settings):
    """What comes of a training in two processes that was stopped, once it has gone on."""
    again = train(folder, out, 2, **settings)
    assert "resuming from" in again.stderr
    assert again.returncode == 0, again.stderr
    return results(out)


@pytest.mark.slow
@pytest.mark.parametrize("by", [signal.SIGTERM, signal.SIGINT])
def test_asked_to_stop_all_stop_and_are_resumed_to_the_same_bytes(
    folder, undisturbed, tmp_path, by
):
    ran = train(folder, tmp_path, 2, disturb=f"0 4 launcher {by.name}")
    assert ran.returncode == 128 + by, ran.stderr
    assert ran.stderr.count(f"{by.name}:") == 1 and "Traceback" not in ran.stderr
    assert f"{by.name}: saved after step" in ran.stderr
    assert resumed(folder, tmp_path) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("disturb", "code", "says"),
    [
        ("1 3 itself SIGUSR1", 128 + signal.SIGUSR1, "SIGUSR1: saved after step 3"),
        ("0 6 launcher SIGUSR1", 128 + signal.SIGUSR1, "SIGUSR1: saved after step"),
        ("1 6 itself SIGKILL", 1, "error: process 1 of 2 was killed by SIGKILL"),
        ("0 5 itself SIGKILL", 1, "error: process 0 of 2 was killed by SIGKILL"),
        ("1 7 launcher SIGKILL", -signal.SIGKILL, ""),
    ],
)
def test_whatever_is_killed_it_is_resumed_to_the_same_bytes(
    folder, undisturbed, tmp_path, disturb, code, says
):
    ran = train(folder, tmp_path, 2, disturb=disturb, checkpoint_minutes=1e-9)
    assert ran.returncode == code, ran.stderr
    # the launcher's SIGTERM to the other process may fall into the end of its progress bar
    stderr = re.sub(r"Exception ignored in.*?Interrupted: SIG\w+\n", "", ran.stderr, flags=re.S)
    assert says in stderr and "Traceback" not in stderr
    assert not (tmp_path / "manifest.json").exists()
    assert resumed(folder, tmp_path, checkpoint_minutes=1e-9) == undisturbed


@pytest.mark.slow
@pytest.mark.parametrize(
    ("backbone", "settings", "error"),
    [
        ("missing", {}, "no checkpoint here"),
        ("exact", {"learning_rate": 1e30, "warmup_steps": 0}, "question-"),
    ],
)
def test_an_error_is_said_once(folder, tmp_path, backbone, settings, error):
    ran = train(folder, tmp_path, 2, backbone, **settings)
    assert ran.returncode == 1
    assert error in ran.stderr and ran.stderr.count("error:") == 1
    assert "Traceback" not in ran.stderr
    assert not (tmp_path / "manifest.json").exists()


# -------------------------------------------------------------------------------------- the losses


def tasks(folder):
    """Each kind of task with a network that has what it trains, and two batches of its rows."""
    windows = read_windows([folder / "windows.arrow"])
    sizes = (12, 40, 25)
    passages = Dataset.from_dict(
        {
            "input_ids": [[1, *range(10, 8 + size), 1] for size in sizes],
            "phrases": [[-1, *([0, 0, 1, 1] * size)[: size - 2], -1] for size in sizes],
            "language_id": [4] * 3,
        }
    )
    masked = PhraseMasking(
        passages,
        mask_id=5,
        vocabulary=tiny.VOCABULARY,
        pad_id=2,
        share=0.15,
        batch_size=3,
        seed=3,
    )
    student = Distillation(tiny.Teachers(windows), "confident", DistillationSettings())
    spans = SpanExtraction(windows, 2)
    return {
        "gold": (spans, [[4, 30, 11, 2, 9], [5]]),
        "teachers": (DistilledSpans(windows, 2, student), [[4, 30, 11], [5]]),
        "phrases": (Alternating(spans, masked, folder / "exact"), [[1, 2, 3], [33, 34, 35], [34]]),
    }


def gradients(folder, processes: Processes):
    """Losses and gradients of each task's batches, together in these processes."""
    found = {}
    for name, (task, batches) in tasks(folder).items():
        network = load_model(folder / "exact", head_seed=7)
        if name == "phrases":
            network.register_parameter("masked_lm_bias", torch.nn.Parameter(torch.zeros(60)))
        module = processes.wrap(TaskLosses(network, task))
        for number, rows in enumerate(batches):
            batch = processes.shard(task).__getitems__(rows)
            network.zero_grad()
            loss, whole = processes.losses(module, batch)
            loss.backward()
            found[name, number] = (
                {k: v.item() for k, v in whole.items()},
                {k: p.grad for k, p in network.named_parameters() if p.grad is not None},
            )
    return found


def dump(args):
    """A stage for `lbmrc.training.launch`."""
    processes = Processes.join(2, "cpu")
    found = gradients(args.folder, processes)
    torch.save(found, args.folder / f"gradients-{processes.rank}.pt")
    first = processes.on_rank_zero(lambda: processes.rank)
    most = processes.all_reduce_max(processes.rank + 5)
    processes.seed_dropout(7)
    draws = torch.rand(3).tolist()
    return {"first": first, "most": most, "draws": draws}


LAUNCHED = """
import sys
from pathlib import Path
from types import SimpleNamespace
from lbmrc.training import launch
import test_distributed

args = SimpleNamespace(folder=Path(sys.argv[1]))
if launch.is_worker():
    launch.exit_without_teardown(lambda: launch.run_worker(test_distributed.dump, args))
print(launch.launch(2))
"""


def test_parts_of_a_batch_add_up_to_it_for_every_task(folder):
    (folder / "launched.py").write_text(LAUNCHED)
    ran = subprocess.run(
        [sys.executable, folder / "launched.py", folder],
        env=os.environ | {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests/helpers'}:{Path(__file__).parent}"},
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    assert "'first': 0, 'most': 6" in ran.stdout
    whole = gradients(folder, SINGLE_PROCESS)
    for rank in (0, 1):
        shared = torch.load(folder / f"gradients-{rank}.pt")
        assert shared.keys() == whole.keys()
        for key, (values, grads) in whole.items():
            assert shared[key][0] == pytest.approx(values, rel=1e-5)
            assert shared[key][1].keys() == grads.keys()
            for name, grad in grads.items():
                torch.testing.assert_close(shared[key][1][name], grad, rtol=1e-3, atol=1e-5)


def test_parts_are_disjoint_and_complete():
    class Rows:
        def __getitems__(self, rows):
            return {"start": torch.tensor(rows)}

        def items(self, batch):
            return len(batch["start"])

    for size in (1, 2, 5, 8):
        rows = list(range(100, 100 + size))
        parts = [Processes(rank, 3).shard(Rows()).__getitems__(rows) for rank in range(3)]
        seen = [row for part in parts if part["items"] for row in part["start"].tolist()]
        assert sorted(seen) == rows
        assert sum(part["items"] for part in parts) == size
        assert all(part["rows"].tolist() == rows for part in parts)


def test_without_a_loopback_device_nobody_waits():
    isolated = ["unshare", "--map-root-user", "--net"]
    if not shutil.which("unshare") or subprocess.run([*isolated, "true"]).returncode:
        pytest.skip("this machine permits no network namespace of its own (unshare --net)")
    program = "from lbmrc.training import launch; launch.launch(2)"
    ran = subprocess.run([*isolated, sys.executable, "-c", program], capture_output=True, text=True)
    assert "UserError: the processes of a training need the loopback device" in ran.stderr

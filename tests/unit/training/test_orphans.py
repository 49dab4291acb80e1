"""A training whose parent was killed, as snakemake by SIGKILL, and the same command once more."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import tiny

ROOT = Path(__file__).parents[3]
# The job takes long enough for a second one to meet it, and says which step it has done.
STAGE = """
import os, sys, time
from lbmrc.training.checkpoints import CheckpointCallback
from lbmrc.training.stage import run_training, train_stage

end_of_step = CheckpointCallback.on_step_end

def slow(callback, args, state, control, **more):
    while state.global_step == 4 and os.path.exists("wait"):
        open("waiting", "w").close()
        time.sleep(0.05)
    end_of_step(callback, args, state, control, **more)

CheckpointCallback.on_step_end = slow
run_training(train_stage, "doc")
"""


def files(out: Path) -> dict[str, bytes]:
    found = {str(p.relative_to(out)): p.read_bytes() for p in out.rglob("*") if p.is_file()}
    found.pop("manifest.json", None)
    return found


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("orphans")
    tiny.write_windows(root / "windows.arrow", 33)
    tiny.write_backbone(root / "backbone")
    (root / "train.py").write_text(STAGE)
    for path in (root / "windows.arrow", *(root / "backbone").iterdir(), root / "backbone"):
        os.utime(path, (1, 1))
    return root


def start(folder, name, processes=1):
    """The job as snakemake starts it: a shell that waits for it (workflow/rules/common.smk)."""
    settings = {"learning_rate": 1e-3, "epochs": 2, "batch_size": 8, "warmup_steps": 2}
    out = folder / "out"
    arguments = {
        "windows": "windows.arrow",
        "backbone": "backbone",
        "training": json.dumps(settings),
        "execution": json.dumps({"num_processes": processes}),
        "seed": 7,
        "device": "cpu",
        "model": out / "model",
        "metrics": out / "metrics.jsonl",
        "manifest": out / "manifest.json",
    }
    parts = [part for key, value in arguments.items() for part in (f"--{key}", str(value))]
    shell = 'trap : TERM; set -euo pipefail; python=$1; log=$2; shift 2; $python "$@" > $log 2>&1'
    return subprocess.Popen(
        ["bash", "-c", shell, "bash", sys.executable, name + ".log", "train.py", *parts],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )


def eventually(condition, seconds=120):
    until = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.05)


def paused(folder, processes=1):
    """A job that waits in its fourth step."""
    (folder / "wait").touch()
    job = start(folder, "first", processes)
    eventually((folder / "waiting").exists)
    return job


def end(folder):
    (folder / "wait").unlink()
    (folder / "waiting").unlink()


@pytest.fixture(scope="module")
def undisturbed(folder):
    assert start(folder, "undisturbed").wait() == 0
    found = files(folder / "out")
    (folder / "out").rename(folder / "undisturbed")
    return found


@pytest.fixture(autouse=True)
def clean(folder, undisturbed):
    yield
    if (folder / "out").exists():
        (folder / "out").rename(folder / f"out-{time.monotonic_ns()}")


def test_an_orphan_ends_and_the_same_command_takes_what_it_made(folder, undisturbed):
    job = paused(folder)
    job.kill()
    job.wait()
    again = start(folder, "second")
    log = folder / "second.log"
    eventually(lambda: log.exists() and "is already working on this job" in log.read_text())
    assert (folder / "out/manifest.state").is_dir()
    end(folder)
    assert again.wait() == 0, log.read_text()
    assert "nothing is left to do" in log.read_text()
    assert files(folder / "out") == undisturbed
    assert json.loads((folder / "out/manifest.json").read_text())["result"]["steps"] == 10


def test_ctrl_c_is_for_the_whole_group_and_ends_in_one_line(folder, undisturbed):
    job = paused(folder)
    os.killpg(job.pid, signal.SIGINT)
    end(folder)
    assert job.wait() == 128 + signal.SIGINT
    lines = (folder / "first.log").read_text().splitlines()
    assert lines[-1] == "SIGINT: saved after step 4; the same command resumes there"
    assert "Traceback" not in "".join(lines)
    assert start(folder, "second").wait() == 0
    assert files(folder / "out") == undisturbed

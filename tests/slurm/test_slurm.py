"""The micro run on a real Slurm, by profiles/slurm: to its tables, and with jobs taken away."""

import json
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from cluster import cluster, missing
from micro import checkout, results

pytestmark = pytest.mark.slurm

RUN = [sys.executable, "-m", "snakemake", "--configfile", "tests/micro.yaml"]
ON_SLURM = ["--profile", "profiles/slurm", "--slurm-status-command", "squeue"]
# this machine alone is the cluster: two CPUs, files there at once, answers soon
ON_SLURM += ["--cores", "2", "--latency-wait", "10"]
ON_SLURM += ["--slurm-init-seconds-before-status-checks", "3"]
# nothing computes on the pretended GPUs, but each training has to get one
ON_SLURM += ["--set-resources", "train_system:gpu=1", "distil_student:gpu=1"]
TRAINED = Path("results/micro/systems/baseline/seed-42")
LONGER = ["--config", "training={max_steps: 200, epochs: 60, checkpoint_minutes: 0.02}"]
LONGER += ["--", str(TRAINED / "model")]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory):
    pytest.importorskip("snakemake_executor_plugin_slurm")
    if reason := missing():
        pytest.skip(reason)
    with cluster(tmp_path_factory.mktemp("slurm")):
        yield


@contextmanager
def started(folder, *arguments):
    """Snakemake, at work in a folder; it must succeed."""
    printed = folder / "printed.txt"
    with printed.open("wb") as file:
        process = subprocess.Popen(
            [*RUN, *arguments], cwd=folder, stdout=file, stderr=subprocess.STDOUT
        )
    try:
        yield process
        assert process.wait() == 0, printed.read_text()[-8000:]
    finally:
        process.kill()
        process.wait()


def run(folder, *arguments):
    """What it printed."""
    with started(folder, *arguments):
        pass
    return (folder / "printed.txt").read_text()


def jobs(folder):
    """Slurm's word on every job that came from a folder, old ones too."""
    command = ["scontrol", "--oneliner", "show", "job"]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    found = [dict(field.partition("=")[::2] for field in line.split()) for line in lines]
    return [job for job in found if job.get("WorkDir") == str(folder)]


def test_the_micro_world_runs_to_its_tables(slurm, finished, tmp_path):
    folder = checkout(tmp_path)
    assert "Table 1" in run(folder, *ON_SLURM)
    undisturbed, _ = finished
    assert results(folder) == results(undisturbed)
    assert "Nothing to be done" in run(folder, *ON_SLURM, "-n")

    with_gpu = [job for job in jobs(folder) if job.get("TresPerJob") == "gres:gpu:1"]
    assert len(with_gpu) >= 8
    at_once = [
        sum(other["SubmitTime"] <= job["SubmitTime"] < other["EndTime"] for other in with_gpu)
        for job in with_gpu
    ]
    assert max(at_once) >= 2


@pytest.fixture(scope="module")
def trained(finished, tmp_path_factory):
    """A longer training without Slurm."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    shutil.copytree(finished[0], folder)
    run(folder, "--cores", "1", *LONGER)
    return folder


ENDS = {
    "cancelled": "scancel {job}",
    "warned": "scancel --signal=USR1 {job}",
    "preempted": "srun --partition=urgent --gpus=2 --mem=1000 true",
}


@pytest.mark.parametrize("end", ENDS)
def test_a_training_that_is_taken_away_goes_on_where_it_stopped(slurm, trained, tmp_path, end):
    folder = tmp_path / "run"
    shutil.copytree(trained, folder)
    shutil.rmtree(folder / TRAINED)
    state = folder / TRAINED / "manifest.state"
    with started(folder, *ON_SLURM, *LONGER) as process:
        while not list(state.glob("checkpoint-*/complete.json")):
            assert process.poll() is None, (folder / "printed.txt").read_text()[-8000:]
            time.sleep(0.1)
        (job,) = [job["JobId"] for job in jobs(folder)]
        subprocess.run(ENDS[end].format(job=job).split(), check=True)

    submitted = jobs(folder)
    if end == "preempted":
        assert [(job["JobState"], job["Restarts"]) for job in submitted] == [("COMPLETED", "1")]
    else:
        last = "CANCELLED" if end == "cancelled" else "FAILED"
        assert sorted(job["JobState"] for job in submitted) == sorted([last, "COMPLETED"])
    result = json.loads((folder / TRAINED / "manifest.json").read_text())["result"]
    assert 0 < result["resumed_at_step"] < result["steps"]
    assert not state.exists()
    for name in ("model/model.safetensors", "metrics.jsonl"):
        assert (folder / TRAINED / name).read_bytes() == (trained / TRAINED / name).read_bytes()

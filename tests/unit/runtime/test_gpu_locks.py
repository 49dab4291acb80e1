"""A GPU for each job, on a machine with pretended ones."""

import os
import signal
import subprocess
import sys

import pytest

from lbmrc.common.errors import UserError
from lbmrc.runtime import gpu_locks

JOB = """
import os, sys
from lbmrc.runtime.gpu_locks import take_gpus
print(*take_gpus(folder=sys.argv[1]), os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
sys.stdin.read()
"""


@pytest.fixture
def start(tmp_path):
    jobs = []

    def job():
        process = subprocess.Popen(
            [sys.executable, "-c", JOB, str(tmp_path)],
            env=os.environ | {"CUDA_VISIBLE_DEVICES": "0, GPU-7f"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        jobs.append(process)
        return process

    yield job
    for process in jobs:
        process.kill()
        process.communicate()


def test_jobs_at_once_take_different_ones_and_a_kill_gives_one_back(start):
    first, second = start(), start()
    taken = {process: process.stdout.readline().split() for process in (first, second)}
    assert sorted(taken.values()) == [["0", "0"], ["GPU-7f", "GPU-7f"]]
    third = start()
    assert "all taken: waiting" in third.stderr.readline()
    second.send_signal(signal.SIGKILL)
    assert third.stdout.readline().split() == taken[second]


def test_a_child_does_not_keep_its_parents_gpu(start, tmp_path):
    program = JOB.replace(
        "sys.stdin.read()",
        "import subprocess; subprocess.Popen(['sleep', '60'], close_fds=False, stdout=2)",
    )
    environment = os.environ | {"CUDA_VISIBLE_DEVICES": "0,GPU-7f"}
    command = [sys.executable, "-c", program, str(tmp_path)]
    for _ in range(3):
        ran = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True)
        assert ran.stdout.split() == ["0", "0"]


def test_where_there_is_none_there_is_none(monkeypatch, tmp_path):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    assert gpu_locks.take_gpus(folder=tmp_path) == []
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr(gpu_locks, "_DRIVER", tmp_path / "none")
    assert gpu_locks.visible_gpus() == []


def test_those_of_the_driver_are_counted(monkeypatch, tmp_path):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for bus in ("0000:01:00.0", "0000:41:00.0"):
        (tmp_path / bus).mkdir()
    monkeypatch.setattr(gpu_locks, "_DRIVER", tmp_path)
    assert gpu_locks.visible_gpus() == ["0", "1"]


def test_several_are_taken_at_once_or_none(tmp_path, monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    with pytest.raises(UserError, match=r"processes is 4, and this job sees 3 GPUs"):
        gpu_locks.take_gpus(4, tmp_path)
    program = JOB.replace("take_gpus(folder", "take_gpus(2, folder")
    first = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert first.stdout.readline().split() == ["0", "1", "0,1"]
    assert gpu_locks._lock(2, ["0", "1", "2"], tmp_path) == []
    assert gpu_locks._lock(1, ["0", "1", "2"], tmp_path) == ["2"]
    first.kill()
    first.communicate()
    assert gpu_locks._lock(2, ["0", "1", "2"], tmp_path) == ["0", "1"]
    while gpu_locks._held:
        gpu_locks._held.pop().release()

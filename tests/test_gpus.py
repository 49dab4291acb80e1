"""A GPU for each job, on a machine with pretended ones."""

import os
import signal
import subprocess
import sys

import pytest

from lbmrc import gpus

JOB = """
import os, sys
from lbmrc.gpus import take_gpu
print(take_gpu(sys.argv[1]), os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
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
    assert gpus.take_gpu(tmp_path) is None
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES")
    monkeypatch.setattr(gpus, "_DRIVER", tmp_path / "none")
    assert gpus.visible_gpus() == []


def test_those_of_the_driver_are_counted(monkeypatch, tmp_path):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    for bus in ("0000:01:00.0", "0000:41:00.0"):
        (tmp_path / bus).mkdir()
    monkeypatch.setattr(gpus, "_DRIVER", tmp_path)
    assert gpus.visible_gpus() == ["0", "1"]

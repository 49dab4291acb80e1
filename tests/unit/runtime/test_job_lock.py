"""Two processes with the same job: one works, the other waits."""

import errno
import json
import os
import signal
import socket
import subprocess
import sys

import pytest

from lbmrc.runtime import job_lock
from lbmrc.runtime.job_lock import exclusive

JOB = """
import logging, sys
from lbmrc.runtime.job_lock import exclusive
logging.basicConfig(level=logging.INFO, format="%(message)s")
with exclusive(sys.argv[1]) as waited:
    print(waited, flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def start(tmp_path):
    jobs = []

    def job():
        process = subprocess.Popen(
            [sys.executable, "-c", JOB, str(tmp_path / "manifest.lock")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        jobs.append(process)
        return process

    yield job
    for process in jobs:
        with process:
            process.kill()


@pytest.mark.parametrize("end", ["itself", "SIGKILL"])
def test_the_next_waits_until_the_first_has_ended(start, tmp_path, end):
    first = start()
    assert first.stdout.readline() == "False\n"
    second = start()
    said = second.stderr.readline()
    assert said.startswith(f"process {first.pid} on {socket.gethostname()} (since 20")
    assert said.endswith("is already working on this job: waiting for it to end\n")
    if end == "itself":
        first.stdin.close()
    else:
        first.send_signal(signal.SIGKILL)
    assert second.stdout.readline() == "True\n"
    assert json.loads((tmp_path / "manifest.lock").read_text())["pid"] == second.pid
    second.stdin.close()
    assert second.wait() == 0
    assert not list(tmp_path.iterdir())


def test_a_job_left_by_another_host_is_named(tmp_path, caplog):
    lock = tmp_path / "manifest.lock"
    lock.write_text(json.dumps({"pid": 7, "host": "node-3", "since": "2026-01-02 03:04:05+00:00"}))
    with exclusive(lock) as waited:
        assert not waited
    assert "process 7 on node-3 (since 2026-01-02 03:04:05+00:00) started this job" in caplog.text


def test_a_job_that_was_killed_on_this_host_is_no_news(tmp_path, caplog):
    lock = tmp_path / "manifest.lock"
    lock.write_text(json.dumps({"pid": 7, "host": socket.gethostname(), "since": "long ago"}))
    with exclusive(lock):
        pass
    assert not caplog.text


def test_without_locks_the_job_goes_on_with_a_warning(tmp_path, caplog, monkeypatch):
    def refuse(lock):
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(job_lock.FileLock, "acquire", refuse)
    with exclusive(tmp_path / "manifest.lock") as waited:
        assert not waited
    assert "this file system has no locks (No locks available)" in caplog.text


def test_a_folder_that_cannot_be_written_is_an_error(tmp_path, monkeypatch):
    def refuse(lock):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(job_lock.FileLock, "acquire", refuse)
    with pytest.raises(PermissionError), exclusive(tmp_path / "manifest.lock"):
        pass

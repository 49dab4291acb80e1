"""Progress is read from what stages write to their logs."""

import os
import sys

import pytest

from lbmrc.common.progress import progress
from lbmrc.terminal.job_progress import JobProgress, job_progress

HALF = "training: 50/100 (50%), 5.00 step/s, 00:10 so far, 00:10 left, loss=1.2\n"


@pytest.fixture
def log(tmp_path):
    """A file with a line of 50 of 100 steps, 10 seconds left, written at second 1000."""
    path = tmp_path / "stage.log"
    path.write_text(f"loading\n{HALF.replace('50', '20')}{HALF}a message\n")
    os.utime(path, (1000, 1000))
    return path


def test_the_last_line_counts_and_time_since_then_at_its_rate(log):
    assert job_progress(log, 1000) == ("training", 0.5, 10)
    assert job_progress(log, 1005) == ("training", 0.75, 5)
    assert job_progress(log, 1500) == ("training", 0.99, 0)
    assert job_progress(log, 900) == ("training", 0.5, 10)


def test_hours_and_what_is_not_known_yet(log):
    log.write_text(HALF.replace("00:10 left", "1:02:03 left"))
    assert job_progress(log, 0).seconds_left == 3723
    log.write_text(HALF.replace("00:10 left", "? left"))
    assert job_progress(log, 0) == ("training", 0.5, None)
    log.write_text(HALF.replace("50/100", "100/100").replace("00:10 left", "00:00 left"))
    assert job_progress(log, 0).share == 1


def test_a_log_without_progress_or_that_is_not_there_has_none(log):
    log.write_text("training: soon\n1/2 (50%)\n")
    assert job_progress(log, 0) is None
    assert job_progress(log.with_name("other"), 0) is None


def test_the_end_of_a_long_log_is_enough(log):
    log.write_bytes(b"\xff" * 10_000 + b"\n" + HALF.encode())
    assert job_progress(log, 0).share == 0.5


def test_it_reads_what_stages_write(tmp_path, monkeypatch):
    path = tmp_path / "log"
    with path.open("w") as file:
        monkeypatch.setattr(sys, "stderr", file)
        with progress(8, "predict", "windows", initial=2) as bar:
            assert job_progress(path, 0) == JobProgress("predict", 0.25, None)
            bar.set_postfix(loss="0.1", refresh=False)
            bar.update(2)
            bar.refresh()
            assert job_progress(path, path.stat().st_mtime).share == pytest.approx(0.5)


def test_the_first_lines_come_sooner(tmp_path, monkeypatch):
    with (tmp_path / "log").open("w") as file:
        monkeypatch.setattr(sys, "stderr", file)
        with progress(100, "training", "step") as bar:
            waits = [bar.mininterval]
            for _ in range(6):
                bar.refresh()
                waits.append(bar.mininterval)
    assert waits == [2, 4, 8, 16, 30, 30, 30]

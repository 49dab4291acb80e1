"""Steps of the GPU script: what is measured is kept, whatever becomes of a step."""

import json
import multiprocessing
import os
import threading
from types import SimpleNamespace

import pytest
from gpu import steps
from gpu.steps import Findings, LeftOut, Step, run_steps

FORK = multiprocessing.get_context("fork")


def good(findings):
    yield {"name": "one", "value": 1}
    yield {"name": "two", "value": 2}


def fails(findings):
    yield {"name": "before", "value": 3}
    raise ValueError("no such kernel\nmore of it")


def dies(findings):
    yield {"name": "before death", "value": 4}
    os._exit(7)


def hangs(findings):
    yield {"name": "before the wait", "value": 5}
    threading.Event().wait()


def not_here(findings):
    raise LeftOut("needs a GPU")


def run(path, *functions, seconds=60.0):
    """Run steps of (name, function, seconds); the findings, and the file's content."""
    findings = Findings(path, {"scale": "tiny"})
    shown = []
    named = [Step(name, limit, function) for name, function, limit in functions]
    run_steps(named, findings, seconds, FORK, shown.append)
    return findings, json.loads(path.read_text()), shown


@pytest.mark.parametrize(
    "function, ended, reason, kept",
    [
        (fails, "failed", "ValueError: no such kernel", "before"),
        (dies, "failed", "its process ended with exit code 7", "before death"),
        (not_here, "left out", "needs a GPU", None),
    ],
)
def test_a_step_that_fails_loses_only_what_it_had_not_measured(
    tmp_path, function, ended, reason, kept
):
    both = [("first", function, 30), ("second", good, 30)]
    _, content, shown = run(tmp_path / "gpu.json", *both)
    assert [(s["step"], s["ended"], s["reason"]) for s in content["steps"]] == [
        ("first", ended, reason),
        ("second", "done", ""),
    ]
    names = [m["name"] for m in content["measured"]]
    assert names == [*([kept] if kept else []), "one", "two"]
    assert f"   {ended} {reason}" in shown


@pytest.fixture
def clock(tmp_path, monkeypatch):
    """A clock that moves forward 50 seconds once the hanging step has measured something."""
    path = tmp_path / "gpu.json"

    def now():
        return 50.0 * (path.exists() and "before the wait" in path.read_text())

    monkeypatch.setattr(steps, "time", SimpleNamespace(monotonic=now))
    return path


def test_a_step_is_stopped_after_its_time_and_what_it_had_is_kept(clock):
    _, content, _ = run(clock, ("long", hangs, 40), ("next", good, 40), seconds=1000)
    assert [s["ended"] for s in content["steps"]] == ["stopped", "done"]
    assert [m["name"] for m in content["measured"]] == ["before the wait", "one", "two"]


def test_the_runs_time_ends_all(clock):
    _, content, _ = run(clock, ("long", hangs, 1000), ("next", good, 1000), seconds=40)
    assert [s["ended"] for s in content["steps"]] == ["stopped", "no time left"]
    assert [m["name"] for m in content["measured"]] == ["before the wait"]


def test_a_measurement_is_in_the_file_before_the_next_is_made(tmp_path):
    path = tmp_path / "gpu.json"

    def reads_the_file(findings):
        yield {"name": "one"}
        while not path.exists() or "one" not in path.read_text():
            os.sched_yield()
        yield {"name": "found"}

    _, content, _ = run(path, ("reads", reads_the_file, 60))
    assert [m["name"] for m in content["measured"]] == ["one", "found"]


def test_the_share_of_the_matrix_rate_is_told_as_soon_as_that_is_known(tmp_path):
    findings = Findings(tmp_path / "gpu.json")
    findings.add("early", {"name": "a", "flops_per_second": 10})
    findings.add("ceilings", {"name": "matrix product", "flops_per_second": 100})
    findings.add("late", {"name": "b", "flops_per_second": 10})
    assert [m.get("mfu") for m in findings.measured] == [None, None, 0.1]


def test_what_a_step_prints_is_in_a_log(tmp_path):
    def prints(findings):
        os.write(2, b"a warning\n")
        yield {"name": "one"}

    findings, _, _ = run(tmp_path / "gpu.json", ("prints", prints, 30), ("fails", fails, 30))
    log = findings.log.read_text()
    assert log.startswith("== prints\na warning\n== fails\n") and "more of it" in log

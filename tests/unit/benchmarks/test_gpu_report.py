"""What the GPU script makes of its measurements: the table, the fastest exact step, GPU hours."""

import pytest
from gpu import paper, wheels
from gpu.paper import papers_matrix
from gpu.report import fastest, table
from gpu.run import SECONDS, steps_of
from gpu.scale import FULL, Setting
from gpu.steps import Findings, LeftOut

from lbmrc.config.loading import load
from lbmrc.planning.plan import jobs


def step(name, windows, exact=True, attention_dropout=True, batch=32):
    return {
        "name": name,
        "shape": "xlm-15",
        "batch": batch,
        "windows_per_second": windows,
        "flops_per_second": 1e11 * windows,
        "exact": exact,
        "attention_dropout": attention_dropout,
    }


STEPS = [
    step("slow", 100.0),
    step("fast", 400.0),
    step("wrong", 900.0, exact=False),
    step("without dropout", 800.0, attention_dropout=False),
    step("more at once", 700.0, batch=64),
]


@pytest.fixture
def findings(tmp_path):
    found = Findings(tmp_path / "gpu.json", {"scale": "full"})
    found.add("ceilings", {"name": "machine", "gpu": "a GPU"})
    found.add("ceilings", {"name": "matrix product", "flops_per_second": 1e14})
    for name, windows in [("usual recipe, eager", 90.0), ("lbmrc's training, now", 200.0)]:
        row = {"shape": "xlm-15", "batch": 32, "windows_per_second": windows}
        found.add("epochs", {"name": name, "flops_per_second": 1e11 * windows, **row})
    for row in STEPS:
        found.add("steps", row)
    return found


def test_the_fastest_step_is_exact_and_drops_attention_weights():
    assert fastest(STEPS, "xlm-15", 32)["name"] == "fast"
    assert fastest(STEPS[2:], "xlm-15", 32) is None


def test_the_table_names_the_machine_the_fastest_step_and_what_was_left_out(findings):
    findings.steps.append({"step": "real-full", "ended": "left out", "reason": "not there"})
    text = table(findings)
    assert text.startswith("a GPU, full sizes")
    assert "xlm-15, batch 32: the fastest exact step is fast, 4.44x the usual" in text
    assert "xlm-15, batch 64: the fastest exact step is more at once\n" in text
    assert "real-full: left out not there" in text
    assert next(line for line in text.splitlines() if ": wrong " in line).endswith("NO")
    assert next(line for line in text.splitlines() if ": fast " in line).split()[-4:] == [
        *("32", "400", "40.0%", "yes")
    ]


def test_the_papers_hours_are_the_plans_operations_at_the_measured_rates(findings):
    setting = Setting(FULL, "cpu", findings.path.parent)
    with pytest.raises(LeftOut, match="teacher logits: not measured"):
        list(papers_matrix(setting, findings))
    for name, rate in [("teacher logits, now", 3e13), ("prediction, now", 2e13)]:
        row = {"shape": "xlm-15", "batch": 64, "flops_per_second": rate}
        findings.add("inference", {"name": name, **row})
    found = {m["name"]: m["gpu_hours"] for m in papers_matrix(setting, findings)}
    rates = {"train": 2e13, "distil": 2e13, "logits": 3e13, "predict": 2e13}
    planned = [job for job in jobs(load(paper.CONFIG)) if job.flops]
    hours = sum(job.flops / rates[job.stage] for job in planned) / 3600
    assert found["the paper's matrix, as lbmrc trains"] == pytest.approx(hours)
    rates |= {"train": 4e13, "distil": 4e13}
    hours = sum(job.flops / rates[job.stage] for job in planned) / 3600
    assert found["the paper's matrix, at the fastest exact step"] == pytest.approx(hours)


def test_all_steps_but_the_last_have_their_time(tmp_path):
    *steps, last = steps_of(Setting(FULL, "cuda", tmp_path))
    assert sum(step.seconds for step in steps) <= SECONDS <= 600
    assert last.name == "real-full"
    assert len({step.name for step in steps}) == len(steps)


def test_every_wheel_is_pinned(repository):
    found = wheels.pins(repository / "requirements.txt")
    assert len(found) == len(wheels.LACKED) and all("==" in pin for pin in found)


def test_only_packages_that_are_not_there_are_installed(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(wheels, "_pip", lambda *arguments: asked.append(arguments))
    (tmp_path / "wheels").mkdir()
    for name in ("pydantic_core-1.0-py3-none-any.whl", "no_such.thing-1.0-py3-none-any.whl"):
        (tmp_path / "wheels" / name).touch()
    wheels.install(tmp_path)
    (arguments,) = asked
    assert [a for a in arguments if a.endswith(".whl")] == [
        str(tmp_path / "wheels/no_such.thing-1.0-py3-none-any.whl")
    ]

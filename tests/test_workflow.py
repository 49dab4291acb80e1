"""The workflow as a user meets it: fast, clear about mistakes, complete."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


def snakemake(*arguments, cwd=REPOSITORY, **environment):
    """Run snakemake as a user would; returns the finished process, its output as text."""
    command = [sys.executable, "-m", "snakemake", *map(str, arguments)]
    return subprocess.run(
        command,
        cwd=cwd,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env=os.environ | environment,
    )


def jobs(output: str) -> dict[str, int]:
    """The job counts that a run prints."""
    table = output.split("Job stats:")[1].split("total")[0]
    return {rule: int(count) for rule, count in re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)}


def test_every_script_that_a_rule_calls_exists_and_none_is_left_over():
    text = "\n".join(path.read_text() for path in (REPOSITORY / "workflow/rules").glob("*.smk"))
    called = set(re.findall(r"workflow/scripts/\w+\.py", text))
    there = {f"workflow/scripts/{path.name}" for path in (REPOSITORY / "workflow/scripts").iterdir()
             if path.suffix == ".py"}  # fmt: skip
    assert called == there


def test_every_rule_says_what_it_does():
    for path in (REPOSITORY / "workflow/rules").glob("*.smk"):
        for rule in re.split(r"^ *rule ", path.read_text(), flags=re.MULTILINE)[1:]:
            name = rule.split(":")[0]
            for part in ('"""', "message:", "log:", "shell:"):
                assert part in rule, f"{path.name}: rule {name} has no {part}"


def test_the_paper_and_the_embedded_world_differ_in_config_alone():
    paper = jobs(snakemake("-n", "--cores", 1).stdout)
    mini = jobs(snakemake("-n", "--cores", 1, "--configfile", "config/mini.yaml").stdout)
    fetched = {"download", "unpack", "checkpoint"}
    assert {k: v for k, v in paper.items() if k not in fetched} == {
        k: v for k, v in mini.items() if k != "miniworld"
    }
    assert paper["train"] == 6
    assert paper["distil"] == 3
    assert paper["teacher_logits"] == 3


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("systems={ours-imp: {distil: {teachers: [teacher-fr]}}}", "teacher-fr"),
        ("trainin={epochs: 3}", 'unknown key "trainin" (did you mean "training"?)'),
    ],
)
def test_a_mistake_in_the_config_stops_before_the_dag(override, message):
    result = snakemake("-n", "--cores", 1, "--config", override)
    assert result.returncode != 0
    assert message in result.stdout
    assert "config/config.yaml" in result.stdout
    assert "Traceback" not in result.stdout


def test_the_paper_without_a_gpu_stops_before_any_work(tmp_path):
    result = snakemake("--cores", 1, "--config", "run=no-gpu", CUDA_VISIBLE_DEVICES="")
    assert result.returncode != 0
    assert "This machine has no GPU" in result.stdout
    assert "make mini" in result.stdout
    assert not (REPOSITORY / "results/no-gpu").exists()

"""The workflow as a user meets it: fast, clear about mistakes, complete."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]


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


def test_every_other_file_that_a_rule_names_exists():
    named = 0
    for path in [REPOSITORY / "Snakefile", *(REPOSITORY / "workflow/rules").glob("*.smk")]:
        text = path.read_text()
        places = [
            (path.parent, r'caption="([^"]+)"'),
            (REPOSITORY, r'include: "([^"]+)"'),
            (REPOSITORY, r'"(?:cat )?(workflow/[\w/]+\.\w+)"'),
            (REPOSITORY, r'report: "([^"]+)"'),
        ]
        for folder, pattern in places:
            for name in re.findall(pattern, text):
                assert (folder / name).is_file(), f"{path.name}: {name}"
                named += 1
    assert named > 20


NOT_COMPUTING = {"download", "checkpoint"}


def rules() -> list[tuple[str, str, str]]:
    """File, name and text of each rule of workflow/rules."""
    return [
        (path.name, rule.split(":")[0], rule)
        for path in sorted((REPOSITORY / "workflow/rules").glob("*.smk"))
        for rule in re.split(r"^ *rule ", path.read_text(), flags=re.MULTILINE)[1:]
        if not rule.startswith("sweep:")  # a target, which only prints
    ]


@pytest.mark.parametrize(("file", "name", "text"), rules(), ids=[name for _, name, _ in rules()])
def test_every_rule_says_what_it_does_and_takes(file, name, text):
    parts = ['"""', "message:", "log:", "shell:", "threads:", "resources:"]
    parts += ["mem_mb=growing(", "runtime=growing("]
    parts += [] if name in NOT_COMPUTING else ["benchmark:"]
    for part in parts:
        assert part in text, f"{file}: rule {name} has no {part}"


# What `snakemake --lint` says and is meant so.
ALLOWED_LINTS = [
    # a helper stands beside the one phase that speaks of it; common.smk has what all share
    r"Mixed rules and functions in same snakefile.",
    # there is one environment for everything, pinned in requirements.txt
    r"Specify a conda environment or container for each rule.",
    # what decides no result is no param: a change of it must rerun nothing
    r"Shell command directly uses variable (CONFIG|RESULTS|SOURCE) from outside of the rule",
    # `help` only prints; that all others have a log is tested above
    r"No log directive defined",
]


@pytest.mark.parametrize("config", ["config/config.yaml", "config/mini.yaml", "config/xquad.yaml"])
def test_snakemakes_lint_finds_nothing_else(config):
    output = snakemake("--lint", "--configfile", config).stdout
    found = {line.strip(" *:") for line in output.splitlines() if line.startswith("    * ")}
    assert found
    assert not {x for x in found if not any(re.fullmatch(p, x) for p in ALLOWED_LINTS)}


@pytest.mark.parametrize(
    "target", ["fetch", "teachers", "students", "scores", "tables", "table1", "table5"]
)
def test_the_targets_for_people(target):
    result = snakemake("-n", target)
    assert result.returncode == 0, result.stdout
    assert ("train" in jobs(result.stdout)) == (target != "fetch")
    assert ("distil" in jobs(result.stdout)) == (target not in ("fetch", "teachers"))


def test_help_fits_a_screen_and_needs_no_gpu():
    result = snakemake("help", "--cores", 1, CUDA_VISIBLE_DEVICES="")
    assert result.returncode == 0
    text = (REPOSITORY / "workflow/help.txt").read_text()
    assert text.strip() in result.stdout
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 120
    targets = re.findall(r"^rule (\w+):", (REPOSITORY / "Snakefile").read_text(), re.MULTILINE)
    assert not [name for name in targets if name != "help" and f"  {name} " not in text]


def test_the_paper_and_the_embedded_world_differ_in_config_alone():
    paper = jobs(snakemake("-n", "--cores", 1).stdout)
    files = ("config/mini.yaml", "config/mini-full.yaml")
    mini = jobs(snakemake("-n", "--cores", 1, "--configfile", *files).stdout)
    fetched = {"download", "unpack_MLQA_V1", "checkpoint", "phrases"}
    assert {k: v for k, v in paper.items() if k not in fetched} == {
        k: v for k, v in mini.items() if k != "miniworld"
    }
    seeds_of_mixed_teachers = 2  # besides the run's own
    assert paper["train"] == 8 + seeds_of_mixed_teachers
    assert paper["train_lakm"] == 2
    assert paper["distil"] == 9
    assert paper["teacher_logits"] == 3 + 1 + seeds_of_mixed_teachers


def test_ready_made_translations_come_out_of_an_archive_of_their_own(tmp_path):
    """The example of docs/translation.md."""
    text = (REPOSITORY / "docs/translation.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(data:.*?)```", text, re.DOTALL)
    (tmp_path / "ready.yaml").write_text(example)
    files = ("config/config.yaml", str(tmp_path / "ready.yaml"))
    planned = jobs(snakemake("-n", "fetch", "--cores", 1, "--configfile", *files).stdout)
    assert planned["unpack_MLQA_V1"] == planned["unpack_mlqa_translate_train"] == 1
    assert planned["checkpoint"] == 1  # the backbone; no engine


@pytest.mark.parametrize(
    ("override", "message"),
    [
        (
            "systems={ours-imp: {distil: {teachers: [teacher-fr]}}}",
            'systems.ours-imp.distil.teachers: no system "teacher-fr" (did you mean "teacher-es"?)',
        ),
        ("trainin={epochs: 3}", 'unknown key "trainin" (did you mean "training"?)'),
    ],
)
def test_a_mistake_in_the_config_stops_before_the_dag(override, message):
    result = snakemake("-n", "--cores", 1, "--config", override)
    assert result.returncode != 0
    assert result.stdout.splitlines()[-1] == f"error: --config: {message}"


def test_a_section_that_is_there_twice_is_refused_with_its_lines(tmp_path):
    """Snakemake's reading keeps the second without a word."""
    text = (REPOSITORY / "tests/micro.yaml").read_text(encoding="utf-8")
    lines = [number for number, line in enumerate(text.splitlines(), 1) if "training:" in line]
    path = tmp_path / "twice.yaml"
    path.write_text(f"{text}training: {{learning_rate: 3.0e-5}}\n")
    result = snakemake("-n", "--cores", 1, "--configfile", path)
    assert result.returncode == 1
    where = f"lines {lines[0]} and {len(text.splitlines()) + 1}"
    assert result.stdout.splitlines()[-1] == f"error: {path}: training is there twice ({where})"


def test_a_file_that_removes_a_system_plans_no_job_of_it(tmp_path):
    path = tmp_path / "without.yaml"
    path.write_text("systems: {ours-mix-teachers: null, lakm: null}\n")
    result = snakemake("-n", "--cores", 1, "--configfile", "tests/micro.yaml", path)
    assert result.returncode == 0, result.stdout
    assert jobs(result.stdout)["distil"] == 2
    assert "train_lakm" not in jobs(result.stdout)


def test_the_paper_without_a_gpu_stops_before_any_work(tmp_path):
    result = snakemake("--cores", 1, "--config", "run=no-gpu", CUDA_VISIBLE_DEVICES="")
    assert result.returncode != 0
    assert "error: This machine has no GPU" in result.stdout
    assert "make mini" in result.stdout
    assert 'common.smk", line' not in result.stdout
    assert not list((REPOSITORY / ".snakemake").glob("locks/*"))
    assert not (REPOSITORY / "results/no-gpu").exists()

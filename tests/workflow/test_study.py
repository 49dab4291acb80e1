"""A study's runs are planned together: each with its own results, all with the same data."""

import os
import re
import subprocess
import sys

import pytest
from micro import REPOSITORY


def planned(folder, target, *configs):
    """The rules of the jobs that a dry run plans, with their numbers."""
    files = [str(REPOSITORY / f"config/{name}.yaml") for name in configs]
    command = [sys.executable, "-m", "snakemake", "-s", str(REPOSITORY / "Snakefile"), "-n", target]
    result = subprocess.run(
        [*command, "--cores", "1", "--configfile", *files, *map(str, folder.glob("*.yaml"))],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
    )
    assert result.returncode == 0, result.stdout[-4000:]
    table = result.stdout.split("Job stats:")[1].split("total")[0]
    return {rule: int(n) for rule, n in re.findall(r"^(\w+) +(\d+)$", table, re.MULTILINE)}


def test_levels_of_noise_share_the_corpus_and_nothing_else(tmp_path):
    (tmp_path / "few.yaml").write_text("study: {noise: {levels: [20]}}\nseeds: [42, 43, 44]\n")
    jobs = planned(tmp_path, "noise", "mini", "noise")
    assert jobs["generate_corpus"] == jobs["analyse_noise"] == 1
    assert "noise_20_generate_corpus" not in jobs
    for rule, number in {"translate_squad": 2, "train_system": 15, "distil_student": 9}.items():
        assert jobs[rule] == jobs[f"noise_20_{rule}"] == number


def test_each_translator_has_systems_of_its_own(tmp_path):
    (tmp_path / "data/real").mkdir(parents=True)
    for language in ("en", "es", "de", "tr"):
        file = tmp_path / f"data/real/xquad/xquad.{language}.json"
        file.parent.mkdir(exist_ok=True)
        file.write_text("{}")
    jobs = planned(tmp_path, "translators", "real", "translators")
    assert jobs["convert_wheel"] == jobs["analyse_translators"] == 1
    for rule, number in {"translate_squad": 1, "train_system": 12, "distil_student": 3}.items():
        for run in ("", "through_portuguese_", "rules_"):
            assert jobs[f"{run}{rule}"] == number


@pytest.mark.slow
def test_numbers_of_branches_have_a_run_each(tmp_path):
    jobs = planned(tmp_path, "branches", "mini", "branches")
    assert jobs["analyse_branch_count"] == 1
    trained = {
        rule.removesuffix("_train_system"): n for rule, n in jobs.items() if "train_system" in rule
    }
    per_seed = {"train_system": 9 + 2}
    for count in (1, 2, 3, 5, 9):
        for suffix in ("", "_equal"):
            per_seed[f"{count}_languages{suffix}"] = count + 2
    del per_seed["9_languages"]
    assert trained == {run: 3 * number for run, number in per_seed.items()}


def test_nine_languages_are_planned_with_the_translators_that_were_fetched(tmp_path):
    for name in ("m2m100_418M", "opus-mt-en-hi", "opus-mt-en-el", "opus-mt-en-ru"):
        folder = tmp_path / "models/local" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text("{}")
    turkish = tmp_path / "models/local/opus-mt-tc-big-en-tr"
    turkish.mkdir()
    (turkish / "config.json").write_text("{}")
    jobs = planned(tmp_path, "students", "config", "nine")
    assert jobs["translate_squad"] == 8
    assert jobs["build_branch"] == 9
    assert jobs["distil_student"] == 3

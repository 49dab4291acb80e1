"""`lbmrc why`: what Snakemake's reasons mean."""

import json
import shutil
import subprocess
import sys

import pytest
from micro import checkout

from lbmrc.cli import main
from lbmrc.common.errors import UserError
from lbmrc.planning.rerun_reasons import explain, made_on_other_devices, why

CHANGED = "Union of exclusive params before and now across all output:"
CODES = {
    "0" * 16: {"lbmrc/a.py": "1", "lbmrc/b.py": "1", "lbmrc/gone.py": "1"},
    "1" * 16: {"lbmrc/a.py": "2", "lbmrc/b.py": "1", "lbmrc/new.py": "1"},
}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("Missing output files: a.json, b.json", "it has not made a.json, b.json"),
        ("Updated input files: d, a, b, c", "a, b and 2 more changed"),
        ("Input files updated by another job: a", "a will be made anew"),
        ("Forced execution", "it was asked for (--forcerun)"),
        (
            "Updated input files: a; Code has changed since last execution",
            "a changed; the rule's command changed",
        ),
        (
            "Params have changed since last execution: "
            f"{CHANGED} before: '{'0' * 16}' now: '{'1' * 16}' ",
            "lbmrc/a.py, lbmrc/gone.py, lbmrc/new.py changed",
        ),
        (
            "Params have changed since last execution: "
            f"{CHANGED} before: '{'2' * 16}' now: '{'1' * 16}' ",
            "its code changed (what it was is not on record)",
        ),
        (
            "Set of input files has changed since last execution; Params have changed since last "
            f'execution: {CHANGED} before: \'{{"t": 2.0, "w": 1}}\',\'["a"]\' '
            'now: \'["a", "b"]\',\'{"t": 5.0, "w": 1}\' ',
            "it reads other files than before; t was 2.0 and is 5.0, and ['a'] became ['a', 'b']",
        ),
        (
            f"Params have changed since last execution: {CHANGED} "
            "before: <nothing exclusive> now: 64 ",
            "the parameter 64 is new",
        ),
        ("Something Snakemake learned to say", "Something Snakemake learned to say"),
    ],
)
def test_a_reason_in_words(reason, words):
    assert explain(reason, CODES) == words


def test_it_needs_a_workflow(tmp_path):
    with pytest.raises(UserError, match="no Snakefile here"):
        list(why(tmp_path, []))


def test_an_error_of_the_config_is_passed_on_alone(repository, monkeypatch, capsys):
    monkeypatch.chdir(repository)
    assert main(["why", "--config", "trainin={epochs: 3}"]) == 1
    problem = '--config: unknown key "trainin" (did you mean "training"?)'
    assert capsys.readouterr().err == f"lbmrc: {problem}\n"


def test_a_config_that_snakemake_cannot_read_is_named(repository, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(repository)
    path = tmp_path / "mine.yaml"
    path.write_text("run: a\nseeds: [1\nx: 2\n")
    assert main(["why", "--configfile", str(path)]) == 1
    assert f"lbmrc: {path}: not valid YAML at line 3, column 2" in capsys.readouterr().err


def ask(folder, *arguments):
    command = [sys.executable, "-m", "lbmrc.cli", "why", *arguments]
    command += ["--configfile", "tests/micro.yaml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_of_a_finished_run_nothing(finished):
    assert ask(finished[0]).stdout == "Nothing would run: all results exist and are up to date.\n"


def test_of_a_fresh_tree_a_line_for_each_stage(tmp_path):
    lines = ask(checkout(tmp_path)).stdout.splitlines()
    stages = [line.partition(":")[0] for line in lines]
    assert len(stages) == len(set(stages)) == 22
    assert "train_system: 5 jobs, none has been made yet" in lines
    assert lines[0] == "generate_corpus: 1 job, not made yet"
    order = ["read_examples", "translate_squad", "build_branch", "dump_logits"]
    order += ["distil_student", "tabulate_scores", "write_report"]
    assert [stage for stage in stages if stage in order] == order


def test_results_of_another_device_are_mentioned(tmp_path):
    device = {"kind": "cuda", "name": "H100", "precision": "bfloat16"}
    for system, content in {
        "a": {"device": device},
        "b": {},
        "c": {"device": {"kind": "cpu"}},
    }.items():
        manifest = tmp_path / f"results/mine/systems/{system}/seed-1/manifest.json"
        manifest.parent.mkdir(parents=True)
        manifest.write_text(json.dumps(content))
    (note,) = made_on_other_devices(tmp_path, "mine", "cpu")
    assert "1 jobs were made on cuda in bfloat16" in note
    assert "systems/a/seed-1" in note
    assert not list(made_on_other_devices(tmp_path, "another", "cpu"))


def test_the_edited_module_and_the_changed_setting_are_named(finished, tmp_path):
    folder = shutil.copytree(finished[0], tmp_path / "copy")
    with (folder / "lbmrc/evaluation/metrics.py").open("a") as file:
        file.write("\nADDED = 1\n")
    lines = ask(folder, "scores", "--config", "distillation={temperature: 5}").stdout.splitlines()
    said = dict(line.split(": ", 1) for line in lines)
    students, systems = 3, 8
    assert len(said) == 2 * students + systems
    assert said["distil ours-imp (seed 42) from its teachers"] == ("temperature was 2.0 and is 5.0")
    assert (
        said["score baseline (seed 42) by the official rules"]
        == "lbmrc/evaluation/metrics.py changed"
    )
    prediction = said["ours-imp (seed 42) answers every benchmark"]
    assert prediction.startswith("results/micro/systems/ours-imp/seed-42/manifest.json")
    assert prediction.endswith("will be made anew")


def test_what_snakemake_refuses_is_said(finished):
    refused = ask(finished[0], "no-such-target")
    assert refused.returncode == 1
    assert "no-such-target" in refused.stderr
    assert "Traceback" not in refused.stderr

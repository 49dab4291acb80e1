"""`lbmrc why` on the micro run, finished and fresh."""

import shutil
import subprocess
import sys

from micro import checkout


def ask(folder, *arguments):
    command = [sys.executable, "-m", "lbmrc.cli", "why", *arguments]
    command += ["--configfile", "tests/micro.yaml"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def test_of_a_finished_run_nothing(finished):
    assert ask(finished[0]).stdout == "Nothing would run: all results exist and are up to date.\n"


def test_of_a_fresh_tree_a_line_for_each_stage(tmp_path):
    lines = ask(checkout(tmp_path)).stdout.splitlines()
    stages = [line.partition(":")[0] for line in lines]
    assert len(stages) == len(set(stages)) == 26
    assert "train_system: 5 jobs, none has been made yet" in lines
    assert lines[0] == "generate_corpus: 1 job, not made yet"
    order = ["read_examples", "translate_squad", "build_branch", "dump_logits"]
    order += ["distil_student", "tabulate_scores", "write_report"]
    assert [stage for stage in stages if stage in order] == order


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

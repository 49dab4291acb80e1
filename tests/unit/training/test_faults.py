"""What a disk can do to a stage: a clear error, nothing lost, nothing silently used."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import tiny

from lbmrc.data.examples import Answer, Example, write_examples

ROOT = Path(__file__).parents[3]
TRAINING = {"epochs": 3, "batch_size": 8, "warmup_steps": 2, "checkpoint_minutes": 1e-9}


def stage(script, **arguments):
    """Run a script of the workflow; its status, and what it said."""
    command = [sys.executable, str(ROOT / "workflow/scripts" / script)]
    for name, value in arguments.items():
        values = value if isinstance(value, list) else [value]
        command += ["--" + name.replace("_", "-"), *map(str, values)]
    ran = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    return ran.returncode, ran.stderr


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    folder = tmp_path_factory.mktemp("inputs")
    return {
        "windows": tiny.write_windows(folder / "branch.en.arrow", 37),
        "backbone": tiny.write_backbone(folder / "backbone"),
    }


def train(inputs, folder):
    return stage(
        "train_system.py",
        **inputs,
        training=json.dumps(TRAINING),
        seed=7,
        device="cpu",
        execution=json.dumps({"num_processes": 1}),
        model=folder / "model",
        metrics=folder / "metrics.jsonl",
        manifest=folder / "manifest.json",
    )


@pytest.fixture
def disk(tmp_path):
    """A small file system of its own, to fill and to close: remount(options)."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mount(options):
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        return subprocess.run(command, capture_output=True).returncode

    if os.geteuid() != 0 or mount("size=300k") != 0:
        pytest.skip("a small file system can only be mounted by root")
    yield folder, lambda options: mount(f"remount,{options}")
    subprocess.run(["umount", str(folder)], check=True)


def results(folder):
    return {
        path.name: path.read_bytes()
        for path in [folder / "metrics.jsonl", *sorted((folder / "model").iterdir())]
    }


def test_a_full_disk_is_said_and_training_goes_on_when_there_is_room(inputs, disk, tmp_path):
    undisturbed = tmp_path / "undisturbed"
    undisturbed.mkdir()
    assert train(inputs, undisturbed)[0] == 0
    folder, remount = disk
    code, said = train(inputs, folder)
    assert code == 1
    last = said.splitlines()[-1]
    assert last.startswith("error: ") and "No space left on device" in last
    assert "run the same command again" in last and "Traceback" not in said
    assert not (folder / "manifest.json").exists() and not (folder / "model").exists()
    assert remount("size=20m") == 0
    assert train(inputs, folder)[0] == 0
    assert results(folder) == results(undisturbed)


def test_a_folder_that_may_not_be_written_is_said(inputs, disk):
    folder, remount = disk
    assert remount("ro") == 0
    code, said = train(inputs, folder)
    assert code == 1
    assert "Read-only file system" in said.splitlines()[-1]
    assert "put results where they may be written" in said and "Traceback" not in said


@pytest.mark.parametrize("damage", ["cut", "footer", "page", "empty"])
def test_a_half_written_parquet_is_named(tmp_path, damage):
    path = tmp_path / "squad.en.parquet"
    passage = "Ada lived in Turin. " * 30
    write_examples(
        path,
        (
            Example(f"q{i}", f"T/{i}", "en", "en", f"{i} {passage}", "Where?", (Answer("Ada", 0),))
            for i in range(500)
        ),
    )
    content = bytearray(path.read_bytes())
    if damage == "page":
        content[100:200] = bytes(100)
    else:
        kept = {"cut": len(content) // 2, "footer": len(content) - 5, "empty": 0}[damage]
        content = content[:kept]
    path.write_bytes(content)
    code, said = stage(
        "build_branch.py",
        passages=path,
        source=path,
        questions=[],
        languages='["en"]',
        thinning="null",
        target=tmp_path / "branch.en.parquet",
        manifest=tmp_path / "manifest.json",
    )
    assert code == 1
    assert said.splitlines()[-1].startswith(f"error: {path}: not a readable Parquet file")
    assert "Traceback" not in said
    assert not (tmp_path / "manifest.json").exists()


def test_half_written_logits_are_named_and_no_student_is_trained(inputs, tmp_path):
    logits = tmp_path / "logits.parquet"
    teacher = tmp_path / "teacher"
    assert train(inputs, tmp_path)[0] == 0
    (tmp_path / "model").rename(teacher)
    arguments = {"windows": inputs["windows"], "model": teacher, "batch_size": 8, "device": "cpu"}
    code, said = stage(
        "dump_logits.py", **arguments, target=logits, manifest=tmp_path / "logits.manifest.json"
    )
    assert code == 0, said
    logits.write_bytes(logits.read_bytes()[:-50])
    student = tmp_path / "student"
    code, said = stage(
        "distil_student.py",
        **inputs,
        logits=logits,
        training=json.dumps(TRAINING),
        distillation=json.dumps({"temperature": 2.0, "weights": "uniform"}),
        seed=7,
        device="cpu",
        execution=json.dumps({"num_processes": 1}),
        model=student / "model",
        metrics=student / "metrics.jsonl",
        manifest=student / "manifest.json",
    )
    assert code == 1
    assert said.splitlines()[-1].startswith(f"error: {logits}: damaged")
    assert "Traceback" not in said and not (student / "model").exists()

"""The command line that every stage shares."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = """
import json
from pathlib import Path
from lbmrc.common.errors import UserError
from lbmrc.runtime.stage import run, state_folder

def main(args):
    if args.settings["fail"]:
        raise UserError(f"{args.source}: no good; mend it")
    args.target.write_text(args.source.read_text() * args.times)
    return {"state": str(state_folder(args)), "others": [str(path) for path in args.others]}

if __name__ == "__main__":
    run(main, "doc", source=Path, others=[Path], settings=json.loads, times=int, target=Path)
"""


def run(folder: Path, fail: bool) -> subprocess.CompletedProcess:
    script = folder / "script.py"
    script.write_text(SCRIPT)
    (folder / "in.txt").write_text("ab")
    command = [sys.executable, str(script), "--source", "in.txt", "--others", "in.txt", "in.txt"]
    command += ["--settings", json.dumps({"fail": fail}), "--times", "2", "--target", "out.txt"]
    command += ["--manifest", "out.json", "--code", "abc"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def test_a_stage_leaves_its_result_and_its_manifest(tmp_path):
    assert run(tmp_path, fail=False).returncode == 0
    assert (tmp_path / "out.txt").read_text() == "abab"
    manifest = json.loads((tmp_path / "out.json").read_text())
    assert manifest["result"] == {"state": "out.state", "others": ["in.txt", "in.txt"]}
    assert manifest["settings"]["times"] == 2
    assert manifest["inputs"].keys() == {"source", "others"}
    assert manifest["code"] == "abc"


MODEL = """
import logging
from lbmrc.runtime.stage import run

def main(args):
    logging.getLogger("lbmrc.training").info("resuming")
    logging.getLogger("torch").info("of no interest")
    logging.getLogger("torch").warning("careful")
    return {"steps": 3, "device": "cpu", "precision": "float32", "others": args.others}

if __name__ == "__main__":
    run(main, "doc", optional=["others", "one"], others=[str], one=str)
"""


def run_model(folder: Path, *arguments: str) -> tuple[dict, str]:
    (folder / "model.py").write_text(MODEL)
    command = [sys.executable, "model.py", "--manifest", "out.json", *arguments]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    return json.loads((folder / "out.json").read_text()), ran.stderr


def test_the_manifest_has_the_device_apart(tmp_path):
    manifest, _ = run_model(tmp_path, "--others", "a", "b")
    assert manifest["result"] == {"steps": 3, "others": ["a", "b"]}
    assert manifest["device"].items() >= {"kind": "cpu", "precision": "float32"}.items()


def test_what_is_optional_may_be_left_out(tmp_path):
    manifest, _ = run_model(tmp_path)
    assert manifest["result"]["others"] == []
    assert manifest["settings"]["one"] is None


def test_information_is_logged_of_lbmrc_alone(tmp_path):
    _, log = run_model(tmp_path)
    assert log == "resuming\ncareful\n"


def test_a_users_mistake_is_one_line_and_leaves_no_manifest(tmp_path):
    result = run(tmp_path, fail=True)
    assert result.returncode == 1
    assert result.stderr == "error: in.txt: no good; mend it\n"
    assert not (tmp_path / "out.json").exists()


# ------------------------------------------------------------- interrupted, and started twice

SLOW = """
import sys, time
from pathlib import Path
from lbmrc.runtime.stage import run

class Kept:
    def __enter__(self): ...

    def __exit__(self, *error):
        Path("kept.txt").write_text("kept")

def main(args):
    with Kept():
        print("begun", flush=True)
        sys.stdin.readline()
        args.target.write_text(args.word)
        args.other.write_text(args.word)

if __name__ == "__main__":
    run(main, "doc", source=Path, word=str, target=Path, other=Path)
"""


@pytest.fixture
def start(tmp_path):
    """Start a stage that waits for a line; its input is older than its beginning."""
    (tmp_path / "slow.py").write_text(SLOW)
    (tmp_path / "in.txt").write_text("ab")
    os.utime(tmp_path / "in.txt", (1, 1))
    jobs = []

    def job(word="a"):
        command = [sys.executable, "slow.py", "--source", "in.txt", "--word", word]
        command += ["--target", "out.txt", "--other", "other.txt", "--manifest", "out.json"]
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        jobs.append(subprocess.Popen(command, cwd=tmp_path, text=True, **pipes))
        return jobs[-1]

    yield job
    for process in jobs:
        process.kill()
        process.communicate()


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_interrupted_a_stage_leaves_its_blocks_and_says_so_in_one_line(start, tmp_path, by):
    stage = start()
    assert stage.stdout.readline() == "begun\n"
    stage.send_signal(by)
    _, said = stage.communicate()
    assert said == f"{by.name}: stopped; what is finished is kept: rerun the same command\n"
    assert stage.returncode == 128 + by
    assert {path.name for path in tmp_path.iterdir()} == {"slow.py", "in.txt", "kept.txt"}


def test_under_nohup_a_closed_terminal_stops_nothing(start):
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        stage = start()
    finally:
        signal.signal(signal.SIGHUP, signal.SIG_DFL)
    assert stage.stdout.readline() == "begun\n"
    stage.send_signal(signal.SIGHUP)
    stage.communicate("\n")
    assert stage.returncode == 0


def test_interrupted_among_its_imports_a_stage_says_so_in_one_line(tmp_path):
    program = "import lbmrc.runtime.stage, os, signal; os.kill(os.getpid(), signal.SIGINT)"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ran.returncode, ran.stderr) == (-signal.SIGINT, "SIGINT: stopped before it began\n")


def started_twice(start, word="a"):
    first = start()
    assert first.stdout.readline() == "begun\n"
    second = start(word)
    assert f"process {first.pid} on" in second.stderr.readline()
    return first, second


def test_started_twice_the_second_takes_what_the_first_has_made(start, tmp_path):
    first, second = started_twice(start)
    first.communicate("\n")
    found, said = second.communicate("\n")
    assert (first.returncode, second.returncode) == (0, 0)
    assert found == "" and "nothing is left to do" in said
    assert (tmp_path / "out.txt").read_text() == (tmp_path / "other.txt").read_text() == "a"
    assert (tmp_path / "out.json").exists() and not (tmp_path / "out.lock").exists()


def test_another_job_in_the_same_place_waits_and_then_does_its_own(start, tmp_path):
    first, second = started_twice(start, "b")
    first.communicate("\n")
    found, _ = second.communicate("\n")
    assert found == "begun\n" and (tmp_path / "out.txt").read_text() == "b"


@pytest.mark.parametrize("lost", ["out.txt", "out.json"])
def test_what_snakemake_has_deleted_is_made_again(start, tmp_path, lost):
    first, second = started_twice(start)
    second.send_signal(signal.SIGSTOP)
    first.communicate("\n")
    (tmp_path / lost).unlink()
    second.send_signal(signal.SIGCONT)
    found, _ = second.communicate("\n")
    assert found == "begun\n" and (tmp_path / lost).exists()


def test_results_of_older_inputs_are_made_again(start, tmp_path):
    first, second = started_twice(start)
    (tmp_path / "in.txt").write_text("new")
    first.communicate("\n")
    found, _ = second.communicate("\n")
    assert found == "begun\n"

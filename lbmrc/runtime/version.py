"""The version of lbmrc, defined only in ``pyproject.toml``, and the commit that runs."""

import subprocess
import tomllib
from importlib import metadata
from pathlib import Path

import lbmrc


def version() -> str:
    """The version of the running lbmrc: of its checkout, or else of the installed package.

    A checkout takes precedence, since another version may be installed too.
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
    """The commit of the running checkout, with ``-dirty`` if files differ; None without git.

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

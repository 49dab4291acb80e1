"""The version of lbmrc, which ``pyproject.toml`` alone holds."""

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

"""The version comes from the checkout that runs, else from the installed package."""

import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

import lbmrc
from lbmrc.runtime.version import commit, version


def metadata_of(folder: Path, number: str) -> None:
    info = folder / f"lbmrc-{number}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: lbmrc\nVersion: {number}\n")


@pytest.fixture
def elsewhere(tmp_path, monkeypatch) -> Path:
    """A folder of packages that lbmrc pretends to be in, and the only one with metadata."""
    monkeypatch.setattr(lbmrc, "__file__", str(tmp_path / "lbmrc/__init__.py"))
    monkeypatch.setattr(metadata.Distribution, "discover", _only_in(tmp_path))
    return tmp_path


def _only_in(folder: Path):
    finder = metadata.MetadataPathFinder()
    context = metadata.DistributionFinder.Context
    return lambda **named: finder.find_distributions(context(path=[str(folder)], **named))


def test_a_checkout_has_the_version_of_its_pyproject(repository, monkeypatch):
    monkeypatch.setattr(metadata, "version", lambda name: "9.9.9")
    project = tomllib.loads((repository / "pyproject.toml").read_text())["project"]
    assert version() == project["version"]


def test_an_installed_package_has_that_of_its_metadata(elsewhere):
    metadata_of(elsewhere, "2.0")
    assert version() == "2.0"


def test_the_project_of_somebody_else_is_not_asked(elsewhere):
    metadata_of(elsewhere, "2.0")
    (elsewhere / "pyproject.toml").write_text('[project]\nname = "theirs"\nversion = "7.0"\n')
    assert version() == "2.0"


def test_without_either_it_is_unknown(elsewhere):
    assert version() == "unknown"


def test_the_command_prints_it(tmp_path, repository):
    metadata_of(tmp_path, "9.9.9")
    ran = subprocess.run(
        [sys.executable, "-m", "lbmrc.cli", "--version"],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={"PYTHONPATH": f"{tmp_path}:{repository}"},
    )
    assert ran.stdout == f"lbmrc {version()}\n"
    assert "9.9.9" not in ran.stdout


def git(folder: Path, *arguments: str) -> str:
    who = ["-c", "user.name=a", "-c", "user.email=a@b"]
    ran = subprocess.run(
        ["git", *who, *arguments], cwd=folder, capture_output=True, text=True, check=True
    )
    return ran.stdout.strip()


def test_the_commit_is_that_of_the_checkout_and_says_whether_files_differ(elsewhere):
    assert commit() is None
    git(elsewhere, "init")
    (elsewhere / "file").write_text("1")
    git(elsewhere, "add", ".")
    git(elsewhere, "commit", "-m", "one")
    git(elsewhere, "tag", "v1")
    head = git(elsewhere, "rev-parse", "--short=12", "HEAD")
    assert commit() == head
    (elsewhere / "file").write_text("2")
    assert commit() == f"{head}-dirty"


def test_without_git_there_is_no_commit(elsewhere, monkeypatch):
    (elsewhere / ".git").mkdir()
    assert commit() is None  # no repository
    monkeypatch.setenv("PATH", "")
    assert commit() is None

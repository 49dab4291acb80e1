"""Wheels through pip from a folder: no index is asked."""

import zipfile

import pytest

from lbmrc.common.errors import UserError
from lbmrc.common.hashing import file_digest
from lbmrc.data import wheel as wheels
from lbmrc.data.wheel import fetch_wheel


@pytest.fixture
def published(tmp_path, monkeypatch):
    """A wheel that needs another, in a folder that stands for the index."""
    folder = tmp_path / "index"
    folder.mkdir()
    path = folder / "packed-1.0-py3-none-manylinux2014_x86_64.whl"
    about = {
        "METADATA": "Metadata-Version: 2.1\nName: packed\nVersion: 1.0\nRequires-Dist: nowhere\n",
        "WHEEL": "Wheel-Version: 1.0\nTag: py3-none-manylinux2014_x86_64\n",
        "RECORD": "",
    }
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("packed/weights.bin", b"1234")
        for name, text in about.items():
            archive.writestr(f"packed-1.0.dist-info/{name}", text)
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    return path


def test_the_wheel_comes_alone_and_only_with_its_sum(published, tmp_path):
    sha256 = file_digest(published)
    wheel = fetch_wheel("packed==1.0", sha256, tmp_path / "one")
    assert wheel.read_bytes() == published.read_bytes()
    with pytest.raises(UserError, match=r"packed==1.0 could not be fetched") as error:
        fetch_wheel("packed==1.0", "0" * 64, tmp_path / "other")
    assert sha256 in str(error.value) and "PIP_INDEX_URL" in str(error.value)


def test_a_python_without_pip_is_told_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr(wheels.sys, "executable", "/usr/bin/false")

    def run(*args, **kwargs):
        return wheels.subprocess.CompletedProcess(args, 1, "", "false: No module named pip")

    monkeypatch.setattr(wheels.subprocess, "run", run)
    with pytest.raises(UserError, match=r"no pip; install it \(/usr/bin/false -m ensurepip\)"):
        fetch_wheel("packed==1.0", "0" * 64, tmp_path)

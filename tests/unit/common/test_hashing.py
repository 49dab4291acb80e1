import hashlib
from pathlib import Path

import pytest

from lbmrc.common.errors import UserError
from lbmrc.common.hashing import file_digest, folder_fingerprint


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def test_a_file_has_its_sha256(tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"\x00" * 3_000_000)
    assert file_digest(path) == hashlib.sha256(b"\x00" * 3_000_000).hexdigest()


def test_a_folder_is_what_its_files_hold(tmp_path):
    files = {"config.json": "{}", "deep/weights": "1", ".cache/x": "2"}
    write(tmp_path / "a", files)
    write(tmp_path / "b", files)
    write(tmp_path / "b", {".cache/x": "3"})
    assert folder_fingerprint(tmp_path / "a") == folder_fingerprint(tmp_path / "b")
    write(tmp_path / "b", {"deep/weights": "0"})
    assert folder_fingerprint(tmp_path / "a") != folder_fingerprint(tmp_path / "b")
    (tmp_path / "b/deep/weights").rename(tmp_path / "b/deep/other")
    assert folder_fingerprint(tmp_path / "a") != folder_fingerprint(tmp_path / "b")
    with pytest.raises(UserError, match="no such folder"):
        folder_fingerprint(tmp_path / "c")

"""Short digests of files and folders: of their content, never of modification times."""

import hashlib
from pathlib import Path

from lbmrc.common.errors import UserError

_DIGITS = 16


def file_digest(path: str | Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def folder_fingerprint(folder: str | Path) -> str:
    """Digest of the names and contents of a folder's files; hidden files are ignored.

    Raises:
        UserError: if there is no such folder.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise UserError(f"{folder}: no such folder; correct its path, or put it there")
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        inside = path.relative_to(folder)
        if path.is_file() and not any(part.startswith(".") for part in inside.parts):
            digest.update(f"{inside.as_posix()}\0{file_digest(path)}\0".encode())
    return digest.hexdigest()[:_DIGITS]

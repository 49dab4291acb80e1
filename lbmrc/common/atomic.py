"""Atomic writes of files and folders: to a temporary path next to the target, then renamed.

A reader, or a run after a kill, finds either the complete new content of a path or the previous
one. A killed or failed attempt leaves a path that ends in ``.partial``; the next attempt
overwrites it.
"""

import errno
import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lbmrc.common.errors import UserError

SUFFIX = ".partial"
_FULL = {errno.ENOSPC: "No space left on device", errno.EDQUOT: "Disk quota exceeded"}


@contextmanager
def replacing(path: str | Path, *, durable: bool = False, shared: bool = False) -> Iterator[Path]:
    """A temporary path next to ``path`` for a file or folder; renamed if the block succeeds.

    Missing parent folders are created. An existing ``path`` is replaced.

    Args:
        durable: flush a file to disk before it is renamed, so that not even a power failure
            leaves a truncated one.
        shared: other processes may write the same path at the same time; the last one wins.

    Raises:
        UserError: if the disk is full; it names the path, which libraries' own errors do not.
    """
    path = Path(path)
    own = f".{uuid.uuid4().hex}" if shared else ""
    partial = path.with_name(f"{path.name}{own}{SUFFIX}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        remove(partial)
        yield partial
        if durable:
            with partial.open("rb") as file:
                os.fsync(file.fileno())
        if partial.is_dir():
            remove(path)
        partial.replace(path)
    except UserError:
        raise
    except Exception as error:
        if problem := _disk_is_full(error):
            raise UserError(
                f"{path}: {problem}; free some space there and run the same command again"
            ) from error
        raise


def write_text(path: str | Path, text: str, *, shared: bool = False) -> None:
    """Write a text in UTF-8, completely or not at all."""
    with replacing(path, shared=shared) as partial:
        partial.write_text(text, encoding="utf-8")


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, if it exists."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _disk_is_full(error: Exception) -> str:
    """The system's message for a full disk, whichever library met it; empty for other errors."""
    number = error.errno if isinstance(error, OSError) else None
    if number in _FULL:
        return _FULL[number]
    return next((text for text in _FULL.values() if text in str(error)), "")

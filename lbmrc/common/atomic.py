"""Files and folders that appear whole: written beside their place, then renamed.

A reader, and a run after a kill, finds at a path either the whole of what was written or what was
there before. What a killed or failed attempt leaves beside it ends in ``.partial`` and is
overwritten by the next.
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
    """A free path beside ``path`` to write a file or a folder to; renamed if the block succeeds.

    Missing folders above ``path`` are created. What is at ``path`` is replaced.

    Args:
        durable: have a file reach the disk before it gets its name, so that not even a power cut
            leaves a torn one.
        shared: other processes may write the same path at the same time; the last one wins.

    Raises:
        UserError: if the disk is full, with the path; libraries report that without it.
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
            raise UserError(f"{path}: {problem}; make room there and run the same again") from error
        raise


def write_text(path: str | Path, text: str, *, shared: bool = False) -> None:
    """Write a text in UTF-8; the file has it all or is not touched."""
    with replacing(path, shared=shared) as partial:
        partial.write_text(text, encoding="utf-8")


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, if it is there."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _disk_is_full(error: Exception) -> str:
    """What the system says of a full disk, whichever library met it; empty for other errors."""
    number = error.errno if isinstance(error, OSError) else None
    if number in _FULL:
        return _FULL[number]
    return next((text for text in _FULL.values() if text in str(error)), "")

"""Only one process at a time works on a job; others wait.

Jobs survive when the snakemake that started them is killed, and the same command then starts them
again: two processes with the same outputs and the same state folder. So each stage holds a lock
next to its manifest while it runs. The system releases the lock when the process ends, however it
ends. The file records who holds it: process, host and since when.

Across hosts this needs a file system with shared locks (NFS 4, Lustre with ``-o flock``). Without
them, a second process on another host gets the lock too, and the file lets it name the process that
may still be running.
"""

import errno
import json
import logging
import os
import random
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from filelock import FileLock, Timeout

_SECONDS_BETWEEN_LOOKS = 0.5
_NO_LOCKS = {errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOLCK}  # errors of file systems without locks
log = logging.getLogger(__name__)


@contextmanager
def exclusive(path: str | Path) -> Iterator[bool]:
    """Hold the lock ``path`` within this context; wait for it while another process holds it.

    Yields:
        whether there was another process to wait for.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not a soft lock (a file that means "locked"): a killed process would leave it behind.
    lock = FileLock(path, timeout=0, fallback_to_soft=False)
    try:
        waited = _acquire(lock, path)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        log.warning(
            "%s: this file system has no locks (%s), so do not run two jobs for the same results at"
            " the same time",
            path,
            error.strerror or error,
        )
        yield False
        return
    try:
        _warn_of_another_host(path)
        holder = {"pid": os.getpid(), "host": socket.gethostname(), "since": _now()}
        path.write_text(json.dumps(holder) + "\n", encoding="utf-8")
        yield waited
    finally:
        # Still locked; a process waiting on the removed file notices, and locks the new one.
        path.unlink(missing_ok=True)
        lock.release()


def _acquire(lock: FileLock, path: Path) -> bool:
    waited = False
    while True:
        try:
            lock.acquire()
        except Timeout:
            if not waited:
                log.info("%s is already working on this job: waiting for it to end", _holder(path))
            waited = True
            time.sleep(_SECONDS_BETWEEN_LOOKS * random.uniform(0.5, 1.5))
        else:
            return waited


def _warn_of_another_host(path: Path) -> None:
    holder = _read(path)
    if holder.get("host", socket.gethostname()) != socket.gethostname():
        log.warning(
            "%s started this job and did not finish it; if it is still running there, stop one of"
            " the two: locks may not reach from host to host on this file system",
            _holder(path),
        )


def _holder(path: Path) -> str:
    holder = _read(path)
    if not holder:
        return "another process"
    return "process {pid} on {host} (since {since})".format_map(holder)


def _read(path: Path) -> dict[str, str | int]:
    """The current or last holder of the lock; empty while it is being written."""
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}


def _now() -> str:
    return datetime.now().astimezone().isoformat(sep=" ", timespec="seconds")

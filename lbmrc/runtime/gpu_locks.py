"""One GPU per process: concurrent jobs on a machine use different GPUs.

Snakemake counts GPUs (``--resources gpu=4``) but does not assign them. So a job locks one of those
it may see (or one per process) and makes CUDA show only these. The lock is on a file; the system
releases it when the process ends, however it ends.
"""

import logging
import os
import random
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from filelock import FileLock, Timeout

from lbmrc.common.errors import UserError

_VISIBLE = "CUDA_VISIBLE_DEVICES"
_DRIVER = Path("/proc/driver/nvidia/gpus")
_SECONDS_BETWEEN_LOOKS = 0.5
_held: list[FileLock] = []  # a lock is released when nothing refers to it
log = logging.getLogger(__name__)


def visible_gpus() -> list[str]:
    """The GPUs that this process may use, without initialising CUDA, which looks only once."""
    if _VISIBLE in os.environ:
        return [name.strip() for name in os.environ[_VISIBLE].split(",") if name.strip()]
    return [str(n) for n in range(len(list(_DRIVER.glob("*"))))]


def take_gpus(count: int = 1, folder: str | Path | None = None) -> list[str]:
    """Lock GPUs for the life of this process and hide the others; wait until they are free.

    Args:
        count: how many, all at once: a process that waits holds none, so there is no deadlock.
        folder: of the locks; by default one per user in the system's temporary folder.

    Returns:
        Their names as in ``CUDA_VISIBLE_DEVICES``; empty if there is no GPU.

    Raises:
        UserError: if there are GPUs, but fewer than ``count``.
    """
    gpus = visible_gpus()
    if not gpus:
        return []
    if count > len(gpus):
        raise UserError(
            f"training.num_processes is {count}, and this job sees {len(gpus)} GPUs "
            f"({', '.join(gpus)}): one for each process is needed, so set it to {len(gpus)}"
        )
    folder = Path(folder or f"{tempfile.gettempdir()}/lbmrc-gpus-{os.getuid()}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    taken = _lock(count, gpus, folder)
    if not taken:
        log.warning("GPUs %s are all taken: waiting", ", ".join(gpus))
    while not taken:
        time.sleep(_SECONDS_BETWEEN_LOOKS * random.uniform(0.5, 1.5))
        taken = _lock(count, gpus, folder)
    os.environ[_VISIBLE] = ",".join(taken)
    return taken


def _lock(count: int, gpus: Sequence[str], folder: Path) -> list[str]:
    """``count`` of the GPUs, locked; or none."""
    locked: dict[str, FileLock] = {}
    for gpu in gpus:
        # Not a soft lock (a file that means "locked"): a killed process would leave it behind.
        lock = FileLock(folder / f"{gpu}.lock", timeout=0, mode=0o600, fallback_to_soft=False)
        try:
            lock.acquire()
        except Timeout:
            continue
        locked[gpu] = lock
        if len(locked) == count:
            _held.extend(locked.values())
            return list(locked)
    for lock in locked.values():
        lock.release()
    return []

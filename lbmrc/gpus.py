"""One GPU a job: jobs that run at once on a machine each take another one.

Snakemake counts GPUs (``--resources gpu=4``) and hands out none. So a job locks one of those it may
see, by a lock on a file that the system itself gives up when the process ends, however it ends, and
makes it the only one that CUDA shows.
"""

import fcntl
import logging
import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

_VISIBLE = "CUDA_VISIBLE_DEVICES"
_DRIVER = Path("/proc/driver/nvidia/gpus")
_SECONDS_BETWEEN_LOOKS = 0.5
_held: list[int] = []
log = logging.getLogger(__name__)


def visible_gpus() -> list[str]:
    """The GPUs that this process may use, found without waking CUDA, which looks only once."""
    if _VISIBLE in os.environ:
        return [name.strip() for name in os.environ[_VISIBLE].split(",") if name.strip()]
    return [str(n) for n in range(len(list(_DRIVER.glob("*"))))]


def take_gpu(folder: str | Path | None = None) -> str | None:
    """Lock a GPU for the life of this process and hide the others; wait until one is free.

    Args:
        folder: of the locks; by default one a user in the system's temporary folder.

    Returns:
        Its name as in ``CUDA_VISIBLE_DEVICES``; nothing where there is none.
    """
    gpus = visible_gpus()
    if not gpus:
        return None
    folder = Path(folder or f"{tempfile.gettempdir()}/lbmrc-gpus-{os.getuid()}")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    gpu = _lock_one(gpus, folder)
    if gpu is None:
        log.warning("GPUs %s are all taken: waiting", ", ".join(gpus))
    while gpu is None:
        time.sleep(_SECONDS_BETWEEN_LOOKS)
        gpu = _lock_one(gpus, folder)
    os.environ[_VISIBLE] = gpu
    return gpu


def _lock_one(gpus: Sequence[str], folder: Path) -> str | None:
    for gpu in gpus:
        descriptor = os.open(folder / f"{gpu}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
        else:
            _held.append(descriptor)
            return gpu
    return None

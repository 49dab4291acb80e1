"""Which device a model computes on; knows GPUs without importing torch."""

import ctypes

from lbmrc.errors import UserError
from lbmrc.gpus import take_gpus


def gpu_count() -> int:
    """Number of NVIDIA GPUs that this process may use, asked of the driver itself."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return 0
    count = ctypes.c_int(0)
    if driver.cuInit(0) != 0 or driver.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return 0
    return count.value


def resolve(kind: str, gpus: int = 1) -> str:
    """``"cuda"`` or ``"cpu"`` for the config's ``device.kind``; takes GPUs for this process.

    Raises:
        UserError: if ``kind`` is ``"cuda"`` and torch sees no GPU, or fewer than ``gpus``.
    """
    import torch

    if kind == "cpu":
        return "cpu"
    take_gpus(gpus)
    if torch.cuda.is_available():
        return "cuda"
    if kind == "cuda":
        build = torch.version.cuda or "none: this is a CPU build"
        raise UserError(
            f"device.kind is `cuda`, but torch {torch.__version__} sees no GPU (CUDA: {build}); "
            "run on a machine with one, install torch's CUDA build, or set `device: {kind: cpu}`"
        )
    return "cpu"

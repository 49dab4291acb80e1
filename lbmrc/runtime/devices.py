"""Selects the device that a model computes on; finds GPUs without importing torch."""

import ctypes
from typing import NamedTuple

from lbmrc.common.errors import UserError
from lbmrc.runtime.gpu_locks import take_gpus


class Gpu(NamedTuple):
    """A device as the driver names it; ``memory`` in bytes."""

    name: str
    memory: int


class Driver(NamedTuple):
    """The NVIDIA driver: the CUDA version (major, minor) it supports, and the GPUs it lists."""

    cuda: tuple[int, int]
    gpus: list[Gpu]


def driver() -> Driver | None:
    """The driver as this process sees it; None if there is none."""
    try:
        cuda = ctypes.CDLL("libcuda.so.1")
    except OSError:
        return None
    version, count = ctypes.c_int(0), ctypes.c_int(0)
    if cuda.cuInit(0) != 0 or cuda.cuDeviceGetCount(ctypes.byref(count)) != 0:
        return None
    cuda.cuDriverGetVersion(ctypes.byref(version))
    major, rest = divmod(version.value, 1000)
    return Driver((major, rest // 10), [_gpu(cuda, number) for number in range(count.value)])


def _gpu(cuda: ctypes.CDLL, number: int) -> Gpu:
    device, memory, name = ctypes.c_int(0), ctypes.c_size_t(0), ctypes.create_string_buffer(256)
    cuda.cuDeviceGet(ctypes.byref(device), number)
    cuda.cuDeviceGetName(name, len(name), device)
    cuda.cuDeviceTotalMem_v2(ctypes.byref(memory), device)
    return Gpu(name.value.decode(), memory.value)


def gpu_count() -> int:
    """Number of NVIDIA GPUs that this process may use."""
    found = driver()
    return len(found.gpus) if found else 0


def resolve(kind: str, gpus: int = 1) -> str:
    """``"cuda"`` or ``"cpu"`` for the config's ``device.kind``; locks GPUs for this process.

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
            f"the device is `cuda`, but torch {torch.__version__} sees no GPU (CUDA: {build}); "
            "run on a machine with one, install torch's CUDA build, or compute on the CPU "
            "(`device: {kind: cpu}` in the config, `--device cpu` on the command line)"
        )
    return "cpu"

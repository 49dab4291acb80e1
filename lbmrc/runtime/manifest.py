"""``manifest.json``: a stage's inputs and settings, its machine, and its time and memory.

Written next to the outputs, at the end and in one step: a stage that fails leaves none.
"""

import json
import math
import os
import platform
import resource
import sys
import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from lbmrc.common.atomic import write_text
from lbmrc.common.errors import UserError
from lbmrc.common.hashing import file_digest, folder_fingerprint
from lbmrc.common.json_io import read_json
from lbmrc.runtime.devices import driver
from lbmrc.runtime.version import commit, version

_LIBRARIES = [
    "accelerate",
    "datasets",
    "numpy",
    "pandas",
    "pyarrow",
    "sacremoses",
    "safetensors",
    "sentencepiece",
    "tokenizers",
    "torch",
    "transformers",
]


class Manifest:
    """Context manager around a stage: measures it, and writes the manifest if it succeeds.

    Args:
        path: the manifest's file.
        inputs: what the stage reads, files and folders by name.
        settings: the part of the config that determines its result, the seed included.
        code: ``lbmrc.runtime.code_fingerprint.code_fingerprint`` of its script.

    Set ``result`` to what the stage reports (counts, a summary), and ``device`` to `device_used` if
    it ran a model.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        inputs: Mapping[str, Sequence[str | Path]],
        settings: Mapping[str, Any],
        code: str,
    ):
        self.path = Path(path)
        self.inputs = inputs
        self.settings = settings
        self.code = code
        self.result: Mapping[str, Any] | None = None
        self.device: Mapping[str, Any] | None = None

    def __enter__(self) -> "Manifest":
        self._begun = datetime.now(UTC)
        self._clock = time.monotonic()
        self._cpu = _cpu_seconds()
        return self

    def __exit__(self, kind, error, trace) -> None:
        if kind is not None:
            return
        content = {
            "result": self.result or {},
            **({"device": dict(self.device)} if self.device else {}),
            "settings": dict(self.settings),
            "inputs": {
                name: {str(path): _fingerprint(Path(path)) for path in paths}
                for name, paths in self.inputs.items()
            },
            "code": self.code,
            "commit": commit(),
            "modules": sorted(name for name in sys.modules if name.partition(".")[0] == "lbmrc"),
            "versions": _versions(),
            "machine": _machine(),
            "began": self._begun.isoformat(timespec="seconds"),
            "seconds": round(time.monotonic() - self._clock, 2),
            "cpu_seconds": round(_cpu_seconds() - self._cpu, 2),
            "peak_memory_mib": _peak_memory_mib(),
        }
        text = json.dumps(content, indent=2, ensure_ascii=False, default=str) + "\n"
        write_text(self.path, text)

    def of_same_job(self) -> dict[str, Any] | None:
        """The existing manifest at this path, if it was written for the same job.

        That means the same settings and code, and inputs older than its start; the manifest itself
        lists which paths are inputs.
        """
        try:
            other = json.loads(self.path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        settings = json.loads(json.dumps(self.settings, default=str))
        began = datetime.fromisoformat(other["began"]).timestamp()
        inputs = [Path(path) for files in other["inputs"].values() for path in files]
        same = other["settings"] == settings and other["code"] == self.code
        return other if same and all(_changed_at(path) < began for path in inputs) else None


def _changed_at(path: Path) -> float:
    """When a file, or any file in a folder, was last written; infinity if it does not exist."""
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    return max((file.stat().st_mtime for file in files if file.exists()), default=math.inf)


def device_used(device: str, precision: str) -> dict[str, Any]:
    """Where a model ran: kind (cpu or cuda), name, precision, and on a CPU the threads.

    Args:
        device: torch's name of the device, such as ``cpu`` or ``cuda:0``.
        precision: that of the computation, such as ``bf16 autocast``.
    """
    kind = device.partition(":")[0]
    if kind != "cpu":
        found = driver()
        name = found.gpus[0].name if found and found.gpus else kind
        return {"kind": kind, "name": name, "precision": precision}
    used: dict[str, Any] = {"kind": kind, "name": _cpu_name(), "precision": precision}
    if torch := sys.modules.get("torch"):
        used["threads"] = torch.get_num_threads()
    return used


def device_of_shards(manifests: Sequence[str | Path]) -> dict[str, Any]:
    """Where the models of several shards ran: `device_used` of the first.

    Raises:
        UserError: if they ran on several kinds of device or in several precisions, which give
            different numbers, or a manifest cannot be read.
    """
    first, *others = [read_json(path).get("device") or {} for path in manifests]
    for path, other in zip(manifests[1:], others, strict=True):
        if any(other.get(key) != first.get(key) for key in ("kind", "precision")):
            raise UserError(
                f"{path}: made on {other.get('kind')} in {other.get('precision')}, but "
                f"{manifests[0]} on {first.get('kind')} in {first.get('precision')}; delete the "
                "shards of one of them and run again"
            )
    return first


def _cpu_name() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _fingerprint(path: Path) -> str:
    return folder_fingerprint(path) if path.is_dir() else file_digest(path)


def _versions() -> dict[str, str]:
    """Versions of Python, lbmrc, and those libraries that the stage has loaded."""
    loaded = [name for name in _LIBRARIES if name in sys.modules]
    return {
        "python": platform.python_version(),
        "lbmrc": version(),
        **{name: metadata.version(name) for name in loaded},
    }


def _machine() -> dict[str, Any]:
    """Kind of machine, malloc settings, threads, and the GPU if the stage has used one."""
    machine: dict[str, Any] = {"system": platform.platform(terse=True), "cpus": os.cpu_count()}
    if malloc := {x: os.environ[x] for x in sorted(os.environ) if x.startswith("MALLOC_")}:
        machine["malloc"] = malloc
    torch = sys.modules.get("torch")
    if torch is not None:
        machine["threads"] = torch.get_num_threads()
        if torch.cuda.is_initialized():
            machine["gpu"] = torch.cuda.get_device_name()
            machine["gpu_peak_memory_mib"] = torch.cuda.max_memory_allocated() >> 20
    return machine


def _peak_memory_mib() -> dict[str, int]:
    """Peak resident memory of this process and of the largest of its children.

    The system attributes to a child the memory it shared with this process when it was started.
    """
    unit = 1 if sys.platform == "darwin" else 1024
    of = {"process": resource.RUSAGE_SELF, "largest_child": resource.RUSAGE_CHILDREN}
    return {name: resource.getrusage(who).ru_maxrss * unit >> 20 for name, who in of.items()}


def _cpu_seconds() -> float:
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system

"""Shared by the benchmarks: alternating ways of doing the same work, the machine, the results.

A ratio compares two times measured one after the other in the same round, so that a machine that is
briefly busy slows both. Reported are the median and the range of the rounds' ratios.
"""

import json
import os
import platform
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

RESULTS = Path(__file__).parent / "results"


def in_turns(
    ways: Mapping[str, Callable[[], float | None]], rounds: int, warm_up: bool = True
) -> pd.DataFrame:
    """Seconds that each way takes: one column per way, one row per round, after one untimed round.

    Every other round runs the ways in reverse order. GPU work is synchronised. A way that returns
    a number has timed itself, without its preparation.
    """
    names = list(ways)
    rows = []
    for number in range(not warm_up, rounds + 1):
        seconds = {}
        for name in names if number % 2 else reversed(names):
            _wait_for_gpu()
            started = time.perf_counter()
            own = ways[name]()
            _wait_for_gpu()
            seconds[name] = time.perf_counter() - started if own is None else own
        rows.append(seconds)
    return pd.DataFrame(rows[-rounds:], columns=names)


def compare(seconds: pd.DataFrame, usual: str, work: float = 1) -> pd.DataFrame:
    """One row per way: its rate at ``work`` units per round, and how much faster it is.

    Columns: seconds (median per round), rate (units per second), ratio to the usual way (median of
    the paired ratios), lowest, highest.
    """
    ratios = seconds.rdiv(seconds[usual], axis=0)
    return pd.DataFrame(
        {
            "seconds": seconds.median(),
            "rate": work / seconds.median(),
            "ratio": ratios.median(),
            "lowest": ratios.min(),
            "highest": ratios.max(),
        }
    )


def machine() -> dict[str, Any]:
    """The machine that the numbers were measured on."""
    import torch

    found = {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "threads": torch.get_num_threads(),
        "load": round(os.getloadavg()[0], 1),
        "python": platform.python_version(),
        "torch": torch.__version__,
        "date": date.today().isoformat(),
    }
    if torch.cuda.is_available():
        gpu = torch.cuda.get_device_properties(0)
        found |= {"gpu": gpu.name, "gpu_gib": round(gpu.total_memory / 2**30)}
    return found


def table(compared: pd.DataFrame, unit: str, title: str) -> str:
    """The result of `compare`, readable."""
    lines = [title, f"{'':38}{'seconds':>9}{unit + '/s':>14}{'ratio':>8}  (range)"]
    for name, row in compared.iterrows():
        spread = f"({row.lowest:.2f}-{row.highest:.2f})"
        lines.append(f"{name:38}{row.seconds:9.3g}{row.rate:14,.4g}{row.ratio:8.2f}  {spread}")
    return "\n".join(lines) + "\n"


def matrix_rate() -> float:
    """Floating-point operations per second of a large matrix product: bf16 on GPU, else float32."""
    import torch

    gpu = torch.cuda.is_available()
    size = 8192 if gpu else 2048
    kind = {"device": "cuda", "dtype": torch.bfloat16} if gpu else {}
    a, b = torch.randn(size, size, **kind), torch.randn(size, size, **kind)
    out = torch.empty_like(a)

    def product() -> None:
        torch.matmul(a, b, out=out)

    seconds = in_turns({"product": product}, rounds=10)["product"].min()
    return 2 * size**3 / seconds


def publish(name: str, results: Mapping[str, Any]) -> Path:
    """Save results as ``benchmarks/results/<name>.json``, with the machine that gave them."""
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    text = json.dumps({"machine": machine()} | dict(results), indent=1, default=float)
    path.write_text(text + "\n")
    return path


def _wait_for_gpu() -> None:
    import torch

    if torch.cuda.is_available():
        torch.cuda.synchronize()


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.split(":")[1].strip() for line in lines if "model name" in line), "unknown")

"""Step 6: the main systems of config/real-full.yaml run by the workflow, in the time left."""

import importlib.util
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from gpu.scale import Setting
from gpu.steps import Findings, LeftOut, Measurement

ROOT = Path(__file__).parents[2]
CONFIG = Path("config/real-full.yaml")


def real_full(setting: Setting, findings: Findings) -> Iterator[Measurement]:
    """The share of the workflow's jobs done, over time; results are kept."""
    if not setting.on_gpu:
        raise LeftOut("needs a GPU")
    if not (ROOT / CONFIG).exists():
        raise LeftOut(f"{CONFIG}: not there")
    if importlib.util.find_spec("snakemake") is None:
        raise LeftOut("Snakemake is not installed here")
    command = ["-m", "snakemake", "--cores", "all", "--keep-going", "--configfile", str(CONFIG)]
    started = time.monotonic()
    with subprocess.Popen(
        [sys.executable, *command], cwd=ROOT, stderr=subprocess.PIPE, text=True
    ) as process:
        last = ""
        for line in process.stderr or ():
            last = line.strip() or last
            if found := re.match(r"(\d+) of (\d+) steps", line):
                done, all_jobs = map(int, found.groups())
                seconds = time.monotonic() - started
                yield {"name": "jobs done", "done": done, "of": all_jobs, "seconds": seconds}
    if process.returncode:
        raise RuntimeError(f"snakemake ended with {process.returncode}: {last}")

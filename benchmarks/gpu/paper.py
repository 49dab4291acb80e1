"""GPU hours of the paper's matrix, from `lbmrc plan`'s operations and the measured rates."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path

from gpu.report import TRAINING, fastest, rows_of
from gpu.scale import Setting
from gpu.steps import Findings, LeftOut, Measurement
from lbmrc.config.loading import load
from lbmrc.planning.plan import jobs

CONFIG = Path(__file__).parents[2] / "config/config.yaml"
TRAININGS = ("train", "distil")


def papers_matrix(setting: Setting, findings: Findings) -> Iterator[Measurement]:
    """GPU hours of all systems: with lbmrc's training, and at the speed of the fastest exact step.

    Translation, fetching and scores are not included.
    """
    shape, *_ = setting.scale.shapes
    batch = setting.scale.batch_sizes[0]
    flops: dict[str, float] = defaultdict(float)
    for job in jobs(load(CONFIG)):
        flops["train" if job.stage in TRAININGS else job.stage] += job.flops
    of_shape = [m for m in findings.measured if m.get("shape") == shape]
    inference = {
        stage: _fastest([m for m in of_shape if m["name"].startswith(name)], name)
        for stage, name in [("logits", "teacher logits"), ("predict", "prediction")]
    }
    rest = sum(flops[stage] / rate for stage, rate in inference.items())
    ways = {
        "as lbmrc trains": [m for m in of_shape if m["name"].startswith(TRAINING)],
        "at the fastest exact step": [
            row for row in [fastest(rows_of(findings.measured), shape, batch)] if row
        ],
    }
    for way, rows in ways.items():
        rows = [row for row in rows if row["batch"] == batch]
        hours = (flops["train"] / _fastest(rows, way) + rest) / 3600
        yield {"name": f"the paper's matrix, {way}", "gpu_hours": hours}


def _fastest(rows: Sequence[Measurement], what: str) -> float:
    if not rows:
        raise LeftOut(f"{what}: not measured")
    return max(row["flops_per_second"] for row in rows)

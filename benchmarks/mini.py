"""The whole mini run: how long it takes, and how much of that is starting Python.

    python benchmarks/mini.py [--config config/mini.yaml] [--rounds 1] [--cores 2]

Runs the workflow from scratch in separate folders, alternating: with transformers' own encoder
(without `lbmrc.model.unpadded`), and unchanged. Then, for ours, one row per kind of job: number of
jobs, their total seconds (from Snakemake's benchmark files), and the seconds spent on imports (from
Python's own reports in the jobs' logs). The rest of cores x wall time is Snakemake itself and cores
waiting for other jobs' results.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path

import pandas as pd
from paired import compare, in_turns, publish, table

REPOSITORY = Path(__file__).parents[1]
CHECKOUT = (
    "Snakefile",
    "workflow",
    "profiles",
    "environment.yml",
    "config",
    "lbmrc",
    "tests",
    "README.md",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--config", default="config/mini.yaml")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--cores", type=int, default=2)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="mini-"))

    ways = {
        "transformers' encoder": partial(run, folder / "usual", options, unpadded=False),
        "ours": partial(run, folder / "ours", options, unpadded=True),
    }
    seconds = in_turns(ways, options.rounds, warm_up=False)
    compared = compare(seconds, "transformers' encoder")
    print(table(compared, "runs", f"{options.config}, {options.cores} cores"))

    jobs = by_kind(next((folder / "ours/results").iterdir()))
    rest = options.cores * seconds["ours"].iloc[-1] - jobs.seconds.sum()
    print(f"{'of ours':20}{'jobs':>6}{'seconds':>9}{'imports':>9}")
    for kind, row in jobs.iterrows():
        print(f"{kind:20}{row.number:6.0f}{row.seconds:9.1f}{row.imports:9.1f}")
    total = jobs.sum()
    print(f"{'all jobs':20}{total.number:6.0f}{total.seconds:9.1f}{total.imports:9.1f}")
    print(f"{'no job on a core':20}{'':6}{rest:9.1f}")
    publish(
        "mini",
        {
            "config": options.config,
            "cores": options.cores,
            "runs": compared.to_dict("index"),
            "jobs": jobs.to_dict("index"),
            "no_job_on_a_core": rest,
        },
    )
    shutil.rmtree(folder)


def run(folder: Path, options: argparse.Namespace, unpadded: bool) -> float:
    """Seconds of a run from scratch; its results are kept."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name in CHECKOUT:
        source, target = REPOSITORY / name, folder / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy2(source, target)
    if not unpadded:
        with (folder / "lbmrc/model/unpadded.py").open("a") as file:
            file.write("\n\ndef remove_padding(model):\n    pass\n")
    begun = time.perf_counter()
    done = subprocess.run(
        [
            *(sys.executable, "-m", "snakemake"),
            *("--cores", str(options.cores), "--configfile", options.config),
        ],
        cwd=folder,
        env=os.environ | {"PYTHONPROFILEIMPORTTIME": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    if done.returncode:
        sys.exit(done.stdout.decode()[-3000:])
    return time.perf_counter() - begun


def by_kind(results: Path) -> pd.DataFrame:
    """One row per kind of job, longest first: number of jobs, their seconds, import seconds."""
    rows = []
    for path in (results / "benchmarks").rglob("*.tsv"):
        job = path.relative_to(results / "benchmarks").with_suffix("")
        (seconds,) = pd.read_csv(path, sep="\t")["s"]
        rows.append((job.parts[0], seconds, imports(results / "logs" / f"{job}.log")))
    jobs = pd.DataFrame(rows, columns=["kind", "seconds", "imports"]).groupby("kind")
    return jobs.agg(
        number=("seconds", "size"), seconds=("seconds", "sum"), imports=("imports", "sum")
    ).sort_values("seconds", ascending=False)


def imports(log: Path) -> float:
    """Seconds that a job spent on imports."""
    text = log.read_text(encoding="utf-8")
    return sum(map(int, re.findall(r"^import time: +(\d+) \|", text, re.M))) / 1e6


if __name__ == "__main__":
    main()

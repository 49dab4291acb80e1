"""Kill the whole workflow again and again: does it end in the same bytes?

    python benchmarks/kills.py [--kills 20] [--seed 5] [--cores 2] [--folder DIR]

Runs the micro run (tests/micro.yaml) once undisturbed. Then runs it from scratch, killing snakemake
and all its jobs with SIGKILL at random moments until the run finishes, compares every result, and
repeats until ``--kills`` is reached. Moments are drawn between the first second and a third of the
undisturbed run's time, so that each attempt makes progress.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "tests/helpers"))

from micro import checkout, command, results, snakemake


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=5, help="of the moments")
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--folder", type=Path, help="to work in (a temporary one)")
    options = parser.parse_args()
    folder = options.folder or Path(tempfile.mkdtemp(prefix="kills-"))

    undisturbed = checkout(folder / "undisturbed")
    begun = time.monotonic()
    snakemake(undisturbed, cores=options.cores)
    whole = time.monotonic() - begun
    print(f"undisturbed: {whole:.0f} s", flush=True)

    expected = results(undisturbed)
    chance = random.Random(options.seed)
    kills, runs, wrong = 0, 0, 0
    while kills < options.kills:
        runs += 1
        killed = checkout(folder / f"killed-{runs}")
        kills += run_killed(killed, options.kills - kills, chance, whole / 3, options.cores)
        found = results(killed)
        different = sorted(
            name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)
        )
        print(
            f"{len(expected)} results, {len(different)} differ", *different, sep="\n  ", flush=True
        )
        wrong += bool(different)
    print(f"{kills} kills in {runs} runs; {wrong} runs differ from the undisturbed one")
    return 1 if wrong else 0


def run_killed(folder: Path, most: int, chance: random.Random, longest: float, cores: int) -> int:
    """Run the workflow to its end, killing it at most ``most`` times; the number of kills."""
    for kills in range(most):
        process = subprocess.Popen(
            command(cores),
            cwd=folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(moment := chance.uniform(1, longest))
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            print(f"killed after {moment:.1f} s: {len(results(folder))} results", flush=True)
            snakemake(folder, "--unlock")
        else:
            return kills
    snakemake(folder, cores=cores)
    return most


if __name__ == "__main__":
    sys.exit(main())

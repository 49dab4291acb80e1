"""Kill the whole workflow again and again: does it end in the same bytes?

    python benchmarks/kills.py [--kills 20] [--seed 5] [--cores 2] [--folder DIR]

Runs the micro world (tests/micro.yaml) once undisturbed and once with snakemake and all its jobs
killed by SIGKILL at random moments, then compares every result. The moments are drawn between the
first second and a third of the undisturbed run, so that each stretch gets somewhere.
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

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))

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

    killed = checkout(folder / "killed")
    chance = random.Random(options.seed)
    kills, begun = 0, time.monotonic()
    while kills < options.kills:
        process = subprocess.Popen(
            command(options.cores),
            cwd=killed,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        try:
            process.wait(moment := chance.uniform(1, whole / 3))
            break
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
            print(f"kill {kills} after {moment:.1f} s: {len(results(killed))} results", flush=True)
            snakemake(killed, "--unlock")
    snakemake(killed, cores=options.cores)
    print(f"killed {kills} times: {time.monotonic() - begun:.0f} s", flush=True)

    expected, found = results(undisturbed), results(killed)
    different = sorted(
        name for name in expected.keys() | found.keys() if expected.get(name) != found.get(name)
    )
    print(f"{len(expected)} results, {len(different)} differ", *different, sep="\n  ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())

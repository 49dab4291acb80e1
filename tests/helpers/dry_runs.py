"""The jobs that `snakemake -n` plans, without the second that each start of it costs."""

import contextlib
import multiprocessing
import os
import re
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from micro import command

AT_ONCE = min(8, os.cpu_count() or 1)
"""Dry runs: a container may count all the processors of its host, and have few of them."""


@contextlib.contextmanager
def planners() -> Iterator[ProcessPoolExecutor]:
    """Processes for `plan`, each forked for one dry run from one that has imported Snakemake."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["snakemake.cli"])
    with ProcessPoolExecutor(AT_ONCE, context, max_tasks_per_child=1) as pool:
        yield pool


def plan(folder: Path, *arguments: str) -> set[str]:
    """The messages of the jobs that a dry run there plans. Only in a process of its own."""
    from snakemake.cli import main

    os.chdir(folder)
    sys.argv = ["snakemake", *command()[3:], "-n", *arguments]
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        with contextlib.suppress(SystemExit):
            main(sys.argv[1:])
        sys.stdout.flush()
        file.seek(0)
        output = file.read().decode()
    assert "This was a dry-run" in output or "Nothing to be done" in output, output[-8000:]
    return jobs(output)


def jobs(output: str) -> set[str]:
    """The messages of the jobs in what Snakemake printed."""
    return set(re.findall(r"^Job \d+: (.*)$", output, re.MULTILINE))

"""What `snakemake -n` would run: rule, message and reason of each job, in the order of the DAG.

Snakemake prints either a job's message or its rule, never both; its log records have both. It runs
in a separate process (this module as a program), since one process can hold only one workflow.
"""

import json
import logging
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from lbmrc.common.errors import UserError

_LINES_OF_AN_ERROR = 8
_OURS = "error: "  # prefix of the workflow's own error messages


class PlannedJob(NamedTuple):
    """A job that would run: its rule, its message (or the rule) and Snakemake's reason."""

    rule: str
    message: str
    reason: str


def planned_jobs(root: str | Path, arguments: Sequence[str]) -> list[PlannedJob]:
    """The jobs that would run in a folder, without targets, which compute nothing.

    Args:
        root: where to run snakemake.
        arguments: for snakemake: targets, ``--configfile`` and ``--config``.

    Raises:
        UserError: if there is no workflow, or it rejects the arguments.
    """
    with tempfile.TemporaryDirectory() as folder:
        records = Path(folder, "jobs.jsonl")
        command = [sys.executable, "-m", __name__, str(records), "-n", *arguments]
        ran = subprocess.run(command, cwd=root, capture_output=True, text=True)
        if ran.returncode != 0:
            lines = (ran.stdout + ran.stderr).strip().splitlines()
            ours = [number for number, line in enumerate(lines) if line.startswith(_OURS)]
            start = ours[0] if ours else -_LINES_OF_AN_ERROR
            raise UserError("\n".join(lines[start:]).removeprefix(_OURS))
        lines = records.read_text(encoding="utf-8").splitlines() if records.exists() else []
    return [PlannedJob(*json.loads(line)) for line in lines]


class _Recorder(logging.Filter):
    """Writes one line per job that Snakemake logs."""

    def __init__(self, path: str):
        super().__init__()
        self.path = path

    def filter(self, record: logging.LogRecord) -> bool:
        if getattr(record, "rule_msg", None):
            job = [getattr(record, key) for key in ("rule_name", "rule_msg", "reason")]
            with open(self.path, "a", encoding="utf-8") as file:
                file.write(json.dumps(job) + "\n")
        return True


if __name__ == "__main__":
    from snakemake.cli import main
    from snakemake.logging import logger

    logger.addFilter(_Recorder(sys.argv.pop(1)))
    main(sys.argv[1:])

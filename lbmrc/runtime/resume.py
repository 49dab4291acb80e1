"""The folder where a long stage keeps what must survive a kill, known by the job it belongs to."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lbmrc.common.atomic import remove, write_text

_JOB = "job.json"
log = logging.getLogger(__name__)


def claim(folder: str | Path, job: Mapping[str, Any]) -> Path:
    """Open a state folder for a job, given all that decides its result.

    What a killed run of the same job left there stays; what another job left is removed, so that
    it can never be used in place of this one's. A stage does this under the lock of its job
    (`lbmrc.runtime.job_lock`), so what is removed is never the work of a live job.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    identity = json.dumps(job, sort_keys=True, indent=1)
    mark = folder / _JOB
    if not mark.exists() or mark.read_text(encoding="utf-8") != identity:
        if leftovers := [path for path in folder.iterdir() if path.name != _JOB]:
            log.info("%s holds unfinished work of another job: removed", folder)
        for path in leftovers:
            remove(path)
        write_text(mark, identity)
    return folder

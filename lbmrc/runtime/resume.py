"""The folder where a long stage keeps state that must survive a kill, identified by its job."""

import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lbmrc.common.atomic import remove, write_text

_JOB = "job.json"
log = logging.getLogger(__name__)


def claim(folder: str | Path, job: Mapping[str, Any]) -> Path:
    """Open a state folder for a job, identified by everything that determines its result.

    State left by a killed run of the same job is kept; state of another job is removed, so that it
    can never be used for this one. A stage calls this under the lock of its job
    (`lbmrc.runtime.job_lock`), so the state of a running job is never removed.
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

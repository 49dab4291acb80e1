"""A job's progress, from the last progress line in its log (`lbmrc.common.progress`).

Stages do not know this: a log without such a line, or with other wording, shows no progress.
"""

import os
import re
from pathlib import Path
from typing import NamedTuple

_TAIL = 4096  # bytes
_LINE = re.compile(
    r"^(?P<label>.+): (?P<done>\d+)/(?P<total>\d+) \(\d+%\), .*, "
    r"(?P<left>[\d:]+|\?) left",
    re.MULTILINE,
)
_ALMOST = 0.99
"""The largest share shown for unfinished work: between two lines progress is an estimate."""


class JobProgress(NamedTuple):
    """The activity, the share of it that is done, and the seconds left (None: unknown)."""

    label: str
    share: float
    seconds_left: float | None


def job_progress(log: str | Path, now: float) -> JobProgress | None:
    """The progress of a job at the time ``now``; None if its log has none.

    Lines are up to half a minute apart, so progress since the last one is estimated at its rate.
    """
    try:
        with Path(log).open("rb") as file:
            written = os.fstat(file.fileno()).st_mtime
            file.seek(max(0, os.fstat(file.fileno()).st_size - _TAIL))
            text = file.read().decode(errors="replace")
    except OSError:
        return None
    lines = list(_LINE.finditer(text))
    if not lines:
        return None
    last = lines[-1]
    done, total = int(last["done"]), int(last["total"])
    if done >= total:
        return JobProgress(last["label"], 1.0, 0.0)
    share = done / total
    if last["left"] == "?":
        return JobProgress(last["label"], share, None)
    left = _seconds(last["left"])
    since = min(max(now - written, 0.0), left)
    if left:
        share = min(share + (1 - share) * since / left, _ALMOST)
    return JobProgress(last["label"], share, left - since)


def _seconds(clock: str) -> float:
    """Seconds of ``1:02:03`` or ``02:03``."""
    seconds = 0
    for part in clock.split(":"):
        seconds = 60 * seconds + int(part)
    return float(seconds)

"""How far a job is, from the last line of progress in its log (`lbmrc.common.progress`).

No stage knows of this: a log without such a line, or a line in other words, shows no progress.
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
"""The most that is shown of what is not finished: between two lines progress is a guess."""


class JobProgress(NamedTuple):
    """What is being done, the share of it that is done, and the seconds left (None: not known)."""

    label: str
    share: float
    seconds_left: float | None


def job_progress(log: str | Path, now: float) -> JobProgress | None:
    """The progress of a job at the time ``now``; None if its log has none.

    Lines come up to half a minute apart, so time since the last one counts at its rate.
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
    """Of ``1:02:03`` or ``02:03``."""
    seconds = 0
    for part in clock.split(":"):
        seconds = 60 * seconds + int(part)
    return float(seconds)

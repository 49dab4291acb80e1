"""Durations in human-readable form."""

import math


def duration(seconds: float, decimals: int = 1) -> str:
    """``8.4 s``, ``3 min 20 s``, ``5 h 07 min``; "-" for NaN.

    ``decimals``: of durations below one minute.
    """
    if math.isnan(seconds):
        return "-"
    if round(seconds, decimals) < 60:
        return f"{seconds:.{decimals}f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"

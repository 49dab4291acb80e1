"""A progress bar that is readable in a log file too."""

import sys

from tqdm import tqdm

_SECONDS_BETWEEN_LINES = 30
_SECONDS_TO_FIRST_LINE = 1


class _Lines(tqdm):
    """Prints each report on a new line, for outputs where a line cannot be redrawn.

    The first intervals are short, each twice the one before, so short jobs show progress too.
    """

    mininterval: float

    def display(self, *args, **kwargs) -> bool:
        self.mininterval = min(2 * self.mininterval, _SECONDS_BETWEEN_LINES)
        return super().display(*args, **kwargs)

    @staticmethod
    def status_printer(file):
        def print_status(status: str) -> None:
            file.write(" ".join(status.split()) + "\n")
            file.flush()

        return print_status


def progress(total: int, label: str, unit: str, initial: int = 0) -> tqdm:
    """A bar on standard error, for ``with``; call ``update(n)`` and ``set_postfix(...)``."""
    if sys.stderr.isatty():
        return tqdm(total=total, desc=label, unit=f" {unit}", initial=initial, dynamic_ncols=True)
    return _Lines(
        total=total,
        desc=label,
        unit=f" {unit}",
        initial=initial,
        mininterval=_SECONDS_TO_FIRST_LINE,
        maxinterval=_SECONDS_BETWEEN_LINES,
        bar_format="{desc}: {n_fmt}/{total_fmt} ({percentage:.0f}%), {rate_noinv_fmt}, "
        "{elapsed} so far, {remaining} left{postfix}",
    )

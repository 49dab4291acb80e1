"""Signals that ask a stage to stop: it ends cleanly, with one line instead of a traceback.

``with`` blocks are exited, so finished work is kept: blocks of logits, answered benchmarks,
translations in the store. A training handles these signals itself
(`lbmrc.training.checkpoints`).
"""

import signal
import sys
from collections.abc import Callable, Iterable
from types import FrameType, TracebackType
from typing import Any

INTERRUPTS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Ctrl-C; the signal of schedulers and ``kill``; a closed terminal."""

Handler = Callable[[int, FrameType | None], Any]


class Interrupted(BaseException):
    """One of `INTERRUPTS` arrived. Not an `Exception`, so that nothing treats it as a failure."""

    def __init__(self, number: int):
        self.signal = signal.Signals(number)
        super().__init__(self.signal.name)


def handle(numbers: Iterable[signal.Signals], handler: Handler | int) -> dict[signal.Signals, Any]:
    """Set a handler for signals; returns the previous handlers.

    SIGINT and SIGHUP stay ignored if this process was started so (``nohup``, a script's ``&``).
    SIGUSR1 does not: snakemake ignores it, which its jobs inherit (``workflow/rules/common.smk``).
    """
    former = {number: signal.getsignal(number) for number in numbers}
    for number in (signal.SIGINT, signal.SIGHUP):
        if former.get(number) == signal.SIG_IGN:
            del former[number]
    for number in former:
        signal.signal(number, handler)
    return former


def restore(former: dict[signal.Signals, Any]) -> None:
    """Set the handlers that `handle` replaced."""
    for number, handler in former.items():
        signal.signal(number, handler)


def interrupt(number: int, frame: FrameType | None) -> None:
    """A handler that raises `Interrupted`."""
    raise Interrupted(number)


def report_early_interrupt(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    """An ``excepthook`` for Ctrl-C while a stage is still importing its modules."""
    if issubclass(kind, KeyboardInterrupt):
        print("SIGINT: stopped before it began", file=sys.stderr)
    else:
        sys.__excepthook__(kind, error, trace)

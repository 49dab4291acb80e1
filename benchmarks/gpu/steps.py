"""Runs steps one after the other, each in its own process with its own time limit.

A step yields measurements, and each is written to the JSON file before the next one begins. A step
that fails, ends its process or takes too long loses only what it had not yet measured. Its output
goes to a log next to the JSON file.
"""

import json
import multiprocessing
import os
import signal
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any, NamedTuple

from lbmrc.common.atomic import write_text

Measurement = dict[str, Any]
_PATIENCE = 10.0


class LeftOut(Exception):
    """Why something cannot be measured on this machine."""


@dataclass(frozen=True)
class Step:
    """What to measure, and how many seconds it may take at most; ``measure`` can be pickled."""

    name: str
    seconds: float
    measure: Callable[["Findings"], Iterator[Measurement]]


class _Ended(NamedTuple):
    how: str
    reason: str = ""


@dataclass
class Findings:
    """All measurements so far, and how each step ended; kept in a JSON file.

    ``steps`` holds step, ended ("done", "left out", "failed", "stopped" or "no time left"), reason,
    seconds.
    """

    path: Path
    facts: dict[str, Any] = field(default_factory=dict)
    measured: list[Measurement] = field(default_factory=list)
    steps: list[dict[str, Any]] = field(default_factory=list)

    def add(self, step: str, measurement: Measurement) -> None:
        """Record a measurement of a step, with its MFU if the matrix rate is known."""
        measurement = {"step": step, **measurement}
        rate = self.value("matrix product", "flops_per_second")
        if rate and "flops_per_second" in measurement:
            measurement["mfu"] = measurement["flops_per_second"] / rate
        self.measured.append(measurement)
        self.save()

    @property
    def log(self) -> Path:
        """The log of the steps' output."""
        return self.path.with_suffix(".log")

    def value(self, name: str, key: str) -> Any:
        """A value of the measurement of this name; None if it was not measured."""
        return next((m.get(key) for m in self.measured if m["name"] == name), None)

    def save(self) -> None:
        content = {**self.facts, "steps": self.steps, "measured": self.measured}
        write_text(self.path, json.dumps(content, indent=1, default=float) + "\n")


def run_steps(
    steps: Sequence[Step],
    findings: Findings,
    seconds: float,
    context: BaseContext,
    show: Callable[[str], None] = print,
) -> None:
    """Run the steps in their order, in at most ``seconds``; steps not run are recorded, too."""
    deadline = time.monotonic() + seconds
    findings.log.parent.mkdir(parents=True, exist_ok=True)
    findings.log.unlink(missing_ok=True)
    for step in steps:
        started = time.monotonic()
        limit = min(step.seconds, deadline - started)
        show(f"== {step.name}")
        ended = _Ended("no time left")
        if limit > 0:
            ended = _run(step, findings, started + limit, context, show)
        took = round(time.monotonic() - started, 2)
        findings.steps.append(
            {"step": step.name, "ended": ended.how, "reason": ended.reason, "seconds": took}
        )
        findings.save()
        if ended.how != "done":
            show(f"   {ended.how} {ended.reason}")


def _run(
    step: Step,
    findings: Findings,
    deadline: float,
    context: BaseContext,
    show: Callable[[str], None],
) -> _Ended:
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_measure, args=(step, findings, theirs))
    process.start()
    theirs.close()
    try:
        while ours.poll(max(0.0, deadline - time.monotonic())):
            try:
                found = ours.recv()
            except EOFError:
                process.join(_PATIENCE)
                return _Ended("failed", f"its process ended with exit code {process.exitcode}")
            if isinstance(found, _Ended):
                return found
            findings.add(step.name, found)
            show(f"   {_line(found)}")
        return _Ended("stopped", f"after its {step.seconds:g} s, or at the end of the run's time")
    finally:
        _end(process)


def _measure(step: Step, findings: Findings, connection: Connection) -> None:
    """In the step's process: send each measurement, and how the step ended."""
    os.setpgid(0, 0)
    with findings.log.open("a") as log:
        print(f"== {step.name}", file=log, flush=True)
        for stream in (1, 2):
            os.dup2(log.fileno(), stream)
    try:
        for measurement in step.measure(findings):
            connection.send(measurement)
        ended = _Ended("done")
    except LeftOut as reason:
        ended = _Ended("left out", str(reason))
    except BaseException as error:
        os.write(2, traceback.format_exc().encode())
        words = str(error).strip().splitlines() or [""]
        ended = _Ended("failed", f"{type(error).__name__}: {words[0]}")
    connection.send(ended)


def _end(process: multiprocessing.process.BaseProcess) -> None:
    """End a step's process and those that it started: data loaders, compilers."""
    process.join(1.0)
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.join(_PATIENCE)


def _line(measurement: Measurement) -> str:
    def shown(value: Any) -> str:
        return f"{value:.4g}" if isinstance(value, float) else str(value)

    return ", ".join(f"{key} {shown(value)}" for key, value in measurement.items())

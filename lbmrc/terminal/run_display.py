"""The terminal during a run: one line per job that ended, and below them the running jobs.

A log handler that replaces Snakemake's own. Snakemake also supports such handlers as logger
plug-ins, but finds only installed packages, and a checkout of this workflow is not installed.
Without a terminal (a file, a pipe, CI), only the lines are printed.
"""

import logging
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rich.bar import Bar
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.table import Table
from rich.text import Text
from snakemake_interface_logger_plugins.common import LogEvent

from lbmrc.common.durations import duration
from lbmrc.terminal.job_progress import JobProgress, job_progress
from lbmrc.terminal.run_progress import Job, RunProgress

_SILENT_EVENTS = {
    LogEvent.WORKFLOW_STARTED,
    LogEvent.RESOURCES_INFO,
    LogEvent.JOB_STARTED,
    LogEvent.GROUP_INFO,
    LogEvent.SHELLCMD,
    LogEvent.PROGRESS,
}
_SILENT_TEXTS = (
    "Assuming unrestricted shared filesystem usage",
    "Building DAG of jobs",
    "Using shell: ",
    "Conda environments: ignored",
    "Group jobs: inactive",
    "Select jobs to execute",
    "Elapsed time: ",
    "Shutting down, this might take",
)
_REFRESHES_PER_SECOND = 2
_BAR = 24  # columns
_STAGES = 6


class RunDisplay(logging.Handler):
    """Shows a run from the records of Snakemake's log.

    Args:
        default: Snakemake's own handler, which this one replaces: it filters and formats all
            records that are not about single jobs.
        console: where to show it; by default where ``default`` writes.
    """

    def __init__(self, default: logging.StreamHandler, console: Console | None = None):
        super().__init__()
        self.addFilter(lambda record: bool(default.filter(record)))
        self._default = default
        self._console = console or Console(
            file=default.stream,
            no_color=getattr(default, "nocolor", None),
            highlight=False,
            soft_wrap=True,
        )
        self._live: Live | None = None
        self.progress = RunProgress()

    # ------------------------------------------------------------------------------------ records

    def emit(self, record: logging.LogRecord) -> None:
        try:
            self._show(record)
        except Exception:
            self.handleError(record)

    def _show(self, record: logging.LogRecord) -> None:
        event = getattr(record, "event", None)
        handlers = {
            LogEvent.RUN_INFO: self._plan,
            LogEvent.JOB_INFO: self._start,
            LogEvent.JOB_FINISHED: self._finish,
            LogEvent.JOB_ERROR: self._fail,
        }
        if event in handlers:
            handlers[event](record)
        elif event not in _SILENT_EVENTS and not _is_failed_command(record):
            text = self._default.format(record)
            if text and not text.startswith(_SILENT_TEXTS):
                self._line(text, _style(record.levelno))

    def _plan(self, record: Any) -> None:
        planned = dict(record.stats)
        planned.pop("total", None)
        self.progress.planned = planned
        count = self.progress.total
        self._line(f"{count} {'job' if count == 1 else 'jobs'} to do")

    def _start(self, record: Any) -> None:
        log = record.log[0] if record.log else ""
        title = record.rule_msg or record.rule_name
        self.progress.start(Job(record.jobid, record.rule_name, title, log, time.time()))
        if log:
            self._watch()
        else:
            self.pause()  # it writes to the terminal itself

    def _finish(self, record: Any) -> None:
        job = self.progress.finish(record.job_id, time.time())
        if job and job.log:
            counted = f"{self.progress.finished} of {self.progress.total}"
            seconds = self.progress.seconds[job.rule][-1]
            self._line(f"{counted}: {job.title}, {duration(seconds, 0)}")

    def _fail(self, record: Any) -> None:
        job = self.progress.fail(record.jobid)
        title = job.title if job else record.rule_name
        took = f" after {duration(time.time() - job.began, 0)}" if job else ""
        self._line(f"Failed{took}: {title}", "bold red")
        for log in map(Path, record.log):
            self._line(f"  its log, {log}:")
            try:
                self._line(log.read_text(encoding="utf-8", errors="replace").rstrip())
            except OSError:
                self._line("  (there is none)")

    # ----------------------------------------------------------------------------------- terminal

    def _line(self, text: str, style: str = "") -> None:
        self._console.print(Text(text, style=style))

    def _watch(self) -> None:
        if self._live is None and self._console.is_terminal:
            self._live = Live(
                get_renderable=self._picture,
                console=self._console,
                refresh_per_second=_REFRESHES_PER_SECOND,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=True,
            )
            self._live.start()

    def pause(self) -> None:
        """Hide the running jobs until the next one is started."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def close(self) -> None:
        self.pause()
        super().close()

    def _picture(self) -> RenderableType:
        now = time.time()
        jobs = [job for job in list(self.progress.running.values()) if job.log]
        found = {job.id: job_progress(job.log, now) for job in jobs}
        rows = Table.grid(padding=(0, 2))
        rows.add_column(no_wrap=True, overflow="ellipsis")
        rows.add_column(width=_BAR)
        rows.add_column(no_wrap=True)
        for job in jobs:
            rows.add_row(f"  {job.title}", *_how_far(job, found[job.id], now))
        return Group(Text(self._headline(now, found), style="bold"), rows)

    def _headline(self, now: float, found: dict[int, JobProgress | None]) -> str:
        progress = self.progress
        parts = [f"{progress.finished} of {progress.total} jobs"]
        parts += [f"{duration(now - progress.began, 0)} so far"] if progress.began else []
        left = progress.time_left(now, lambda job: found.get(job.id))
        if left and left.seconds >= 1:
            about = "more than" if left.uncounted else "about"
            parts.append(f"{about} {duration(left.seconds, 0)} left")
        return ", ".join(parts)

    # ---------------------------------------------------------------------------------- afterwards

    def what_ran(self) -> str:
        """The number of jobs and how long they took, the stages that took longest first."""
        progress = self.progress
        whole = duration(0.0 if progress.began is None else time.time() - progress.began, 0)
        stages = sorted(progress.seconds.items(), key=lambda item: -sum(item[1]))
        rows = [(rule, len(seconds), duration(sum(seconds), 0)) for rule, seconds in stages]
        if rest := rows[_STAGES:]:
            seconds = sum(sum(seconds) for _, seconds in stages[_STAGES:])
            others = (f"{len(rest)} other rules", sum(count for _, count, _ in rest))
            rows = [*rows[:_STAGES], (*others, duration(seconds, 0))]
        jobs = "job" if progress.finished == 1 else "jobs"
        lines = [f"{progress.finished} {jobs} in {whole}", *_columns(rows)]
        return "\n".join(lines) + "\n"


def replace_handler(logger: logging.Logger) -> RunDisplay | None:
    """Replace Snakemake's own handler with a display; None if there is no such handler."""
    for default in list(logger.handlers):
        if default.name == "DefaultStreamHandler" and isinstance(default, logging.StreamHandler):
            display = RunDisplay(default)
            logger.removeHandler(default)
            logger.addHandler(display)
            return display
    return None


def _is_failed_command(record: Any) -> bool:
    """Whether a record repeats, with the shell command, a failure that its job's record reports."""
    is_of_a_rule = getattr(record, "exception", None) == "RuleException"
    return is_of_a_rule and "CalledProcessError in file" in record.getMessage()


def _how_far(job: Job, progress: JobProgress | None, now: float) -> tuple[RenderableType, str]:
    if progress is None:
        return "", f"{duration(now - job.began, 0)} so far"
    bar = Bar(1.0, 0.0, progress.share, width=_BAR, color="green", bgcolor="bright_black")
    text = f"{progress.share:4.0%} {progress.label}"
    if progress.seconds_left is not None:
        text += f", {duration(progress.seconds_left, 0)} left"
    return bar, text


def _columns(rows: Iterable[tuple[str, int, str]]) -> list[str]:
    rows = list(rows)
    names, counts = (max((len(str(row[n])) for row in rows), default=0) for n in (0, 1))
    return [f"  {name:<{names}}  {count:>{counts}}  {took}" for name, count, took in rows]


def _style(level: int) -> str:
    if level >= logging.ERROR:
        return "red"
    return "yellow" if level >= logging.WARNING else ""

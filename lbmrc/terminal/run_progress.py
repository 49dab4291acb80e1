"""The progress of a run: its jobs, how long they took, and the time left."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from lbmrc.terminal.job_progress import JobProgress


@dataclass(frozen=True)
class Job:
    """A job with its start time in seconds; ``log`` is empty if it has none."""

    id: int
    rule: str
    title: str
    log: str
    began: float


class TimeLeft(NamedTuple):
    """Seconds, and how many jobs are not included because no job of their rule has finished."""

    seconds: float
    uncounted: int


@dataclass
class RunProgress:
    """The jobs of a run.

    Attributes:
        planned: how many jobs each rule has in this run.
        running: the running jobs, by id.
        seconds: durations of the finished jobs, by rule.
        began: when the first job was started.
    """

    planned: Mapping[str, int] = field(default_factory=dict)
    running: dict[int, Job] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    began: float | None = None

    @property
    def total(self) -> int:
        return sum(self.planned.values())

    @property
    def finished(self) -> int:
        return sum(map(len, self.seconds.values()))

    def start(self, job: Job) -> None:
        self.began = job.began if self.began is None else self.began
        self.running[job.id] = job

    def finish(self, id: int, now: float) -> Job | None:
        """The job with this id, which has succeeded; None if it was not started here."""
        job = self.running.pop(id, None)
        if job:
            self.seconds.setdefault(job.rule, []).append(now - job.began)
        return job

    def fail(self, id: int) -> Job | None:
        """The job with this id, which may be tried again; None if it was not started here."""
        return self.running.pop(id, None)

    def time_left(
        self, now: float, progress_of: Callable[[Job], JobProgress | None]
    ) -> TimeLeft | None:
        """Until the run ends; None as long as nothing is known.

        A job is assumed to take the mean time of its rule, or what its own progress implies, with
        as many jobs at once as so far.
        """
        jobs = list(self.running.values())
        so_far = {job.id: now - job.began for job in jobs}
        work, known = 0.0, {rule: list(seconds) for rule, seconds in self.seconds.items()}
        unknown = []
        for job in jobs:
            progress = progress_of(job)
            if progress and progress.seconds_left is not None:
                work += progress.seconds_left
                known.setdefault(job.rule, []).append(so_far[job.id] + progress.seconds_left)
            else:
                unknown.append(job)
        mean = {rule: sum(seconds) / len(seconds) for rule, seconds in known.items()}
        uncounted = 0
        for job in unknown:
            work += max(mean.get(job.rule, 0.0) - so_far[job.id], 0.0)
            uncounted += job.rule not in mean
        for rule, count in self.planned.items():
            here = sum(job.rule == rule for job in jobs)
            waiting = max(count - len(self.seconds.get(rule, [])) - here, 0)
            work += waiting * mean.get(rule, 0.0)
            uncounted += waiting * (rule not in mean)
        if not mean or self.began is None:
            return None
        done = sum(map(sum, self.seconds.values())) + sum(so_far.values())
        at_once = max(done / max(now - self.began, 1e-9), 1.0)
        longest = max((progress_left(progress_of(job)) for job in jobs), default=0.0)
        return TimeLeft(max(work / at_once, longest), uncounted)


def progress_left(progress: JobProgress | None) -> float:
    """Seconds that a job still needs according to its progress; 0 if unknown."""
    return (progress.seconds_left if progress else None) or 0.0

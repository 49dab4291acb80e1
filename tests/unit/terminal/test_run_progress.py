"""Time left, from jobs of known lengths."""

import pytest

from lbmrc.terminal.job_progress import JobProgress
from lbmrc.terminal.run_progress import Job, RunProgress


def none(job):
    return None


def run(planned, finished=(), running=()):
    """A run from jobs (rule, began, ended) and (rule, began)."""
    progress = RunProgress(planned)
    for id, (rule, began, *ended) in enumerate([*finished, *running]):
        progress.start(Job(id, rule, rule, "log", began))
        if ended:
            progress.finish(id, *ended)
    return progress


def test_counts():
    progress = run({"train": 3, "score": 1}, [("train", 0, 10)], [("train", 5)])
    assert (progress.total, progress.finished, list(progress.running)) == (4, 1, [1])
    assert progress.finish(7, 11) is None
    assert progress.fail(1).rule == "train" and not progress.running


def test_nothing_is_said_as_long_as_nothing_is_known():
    assert run({"train": 2}).time_left(0, none) is None
    assert run({"train": 2}, running=[("train", 0)]).time_left(5, none) is None


def test_the_jobs_left_take_as_long_as_those_of_their_rule_did():
    progress = run({"train": 4}, [("train", 0, 10), ("train", 10, 30)])
    assert progress.time_left(30, none) == (2 * 15, 0)


def test_a_running_job_has_what_it_has_not_run_yet_and_never_less_than_nothing():
    progress = run({"train": 2}, [("train", 0, 10)], [("train", 10)])
    assert progress.time_left(14, none) == (6, 0)
    assert progress.time_left(40, none) == (0, 0)


def test_what_a_job_says_itself_comes_first_and_tells_of_its_rule():
    progress = run({"train": 3}, running=[("train", 0)])
    left = progress.time_left(10, lambda job: JobProgress("training", 0.25, 30))
    assert left == (30 + 2 * 40, 0)


def test_as_many_run_at_once_as_have_so_far():
    finished = [("train", 0, 10), ("train", 0, 10)]
    assert run({"train": 6}, finished).time_left(10, none) == (20, 0)


def test_no_sooner_than_the_longest_job_that_runs():
    progress = run({"train": 2, "score": 9}, [("score", 0, 10)] * 8, [("train", 0)])
    left = progress.time_left(10, lambda job: JobProgress("training", 0.1, 90))
    assert left.seconds == pytest.approx(90)


def test_jobs_of_rules_that_none_has_finished_of_are_counted_apart():
    progress = run({"train": 2, "score": 3}, [("train", 0, 10)], [("score", 10)])
    assert progress.time_left(10, none) == (10, 3)

"""The display, from records as Snakemake logs them."""

import io
import logging

import pytest
from rich.console import Console
from snakemake.logging import ColorizingTextHandler, DefaultFilter, DefaultFormatter
from snakemake_interface_logger_plugins.common import LogEvent

from lbmrc.terminal.run_display import RunDisplay, replace_handler


class Screen:
    """A display and what it wrote."""

    def __init__(self, is_terminal=False):
        self.file = io.StringIO()
        default = ColorizingTextHandler(stream=self.file)
        default.name = "DefaultStreamHandler"
        default.addFilter(DefaultFilter(set(), False, False, False, False))
        default.setFormatter(DefaultFormatter())
        self.logger = logging.Logger("a run", logging.INFO)
        self.logger.addHandler(default)
        replace_handler(self.logger)
        (self.display,) = self.logger.handlers
        if is_terminal:
            console = Console(file=self.file, force_terminal=True, width=100, highlight=False)
            self.display = RunDisplay(default, console)
            self.logger.handlers = [self.display]

    def log(self, message, event=None, level=logging.INFO, **values):
        self.logger.log(level, message, extra={"event": event, **values})

    def start(self, id, rule, title, log=("a.log",)):
        values = {"jobid": id, "rule_name": rule, "rule_msg": title, "log": list(map(str, log))}
        self.log(f"Rule: {rule}", LogEvent.JOB_INFO, **values)

    def finish(self, id):
        self.log(f"Finished jobid: {id}", LogEvent.JOB_FINISHED, job_id=id)

    def lines(self):
        return self.file.getvalue().splitlines()


@pytest.fixture
def screen():
    screen = Screen()
    yield screen
    screen.display.close()


def test_a_run_is_a_line_for_each_job_that_ended_and_no_line_that_says_nothing(screen):
    screen.log("Workflow has started!", LogEvent.WORKFLOW_STARTED)
    screen.log("Building DAG of jobs...")
    screen.log("Using shell: /usr/bin/bash")
    screen.log("Provided cores: 2", LogEvent.RESOURCES_INFO)
    screen.log("Job stats:", LogEvent.RUN_INFO, stats={"train": 1, "all": 1, "total": 2})
    screen.log("Select jobs to execute...")
    screen.log("Execute 1 jobs...", LogEvent.JOB_STARTED, jobs=[1])
    screen.start(1, "train", "train [baseline] on gold labels")
    screen.log("Shell command", LogEvent.SHELLCMD)
    screen.finish(1)
    screen.log(None, LogEvent.PROGRESS, done=1, total=2)
    screen.start(0, "all", None, log=[])
    screen.finish(0)
    screen.log("Elapsed time: 0:01")
    assert screen.lines() == ["2 jobs to do", "1 of 2: train [baseline] on gold labels, 0 s"]


def test_other_messages_and_errors_are_shown(screen):
    screen.log("Nothing to be done")
    screen.log("a hint", level=logging.WARNING)
    screen.log("Exiting", level=logging.ERROR)
    failed = {"level": logging.ERROR, "exception": "RuleException"}
    screen.log("KeyError in file train.smk", LogEvent.ERROR, **failed)
    shown = ["Nothing to be done", "a hint", "Exiting", "KeyError in file train.smk"]
    assert screen.lines() == shown


def test_a_job_that_failed_shows_its_log_and_not_its_command(screen, tmp_path):
    log = tmp_path / "train.log"
    log.write_text("reading\nerror: no windows\n")
    screen.start(1, "train", "train baseline", [log])
    place = 'RuleException:\nCalledProcessError in file "train.smk", line 7:\n'
    failed = {"level": logging.ERROR, "exception": "RuleException"}
    screen.log(f"{place}Command 'stage train.py' returned 1.", LogEvent.ERROR, **failed)
    values = {"jobid": 1, "rule_name": "train", "log": [str(log)], "shellcmd": "stage train.py"}
    screen.log("Error in rule", LogEvent.JOB_ERROR, level=logging.ERROR, **values)
    assert screen.lines() == [
        "Failed after 0 s: train baseline",
        f"  its log, {log}:",
        "reading",
        "error: no windows",
    ]
    assert not screen.display.progress.running
    values["log"] = [str(tmp_path / "gone.log")]
    screen.log("Error in rule", LogEvent.JOB_ERROR, level=logging.ERROR, **values)
    assert screen.lines()[-3:] == [
        "Failed: train", f"  its log, {tmp_path / 'gone.log'}:", "  (there is none)"
    ]  # fmt: skip


def test_a_terminal_shows_the_jobs_that_run_and_how_far_they_are(tmp_path):
    screen = Screen(is_terminal=True)
    log = tmp_path / "train.log"
    log.write_text("training: 50/100 (50%), 5.00 step/s, 01:40 so far, 1:00:00 left\n")
    screen.log("Job stats:", LogEvent.RUN_INFO, stats={"train": 2, "total": 2})
    screen.start(1, "train", "train baseline", [log])
    screen.start(2, "train", "train mixmrc", [tmp_path / "other.log"])
    screen.display.pause()
    shown = screen.file.getvalue()
    assert "0 of 2 jobs, " in shown and "so far, about " in shown
    assert "train baseline" in shown and "50% training, " in shown
    assert "train mixmrc" in shown
    screen.display.close()


def test_a_job_that_writes_to_the_terminal_itself_has_it_alone():
    screen = Screen(is_terminal=True)
    screen.start(1, "train", "train baseline")
    screen.start(2, "help", None, log=[])
    before = screen.file.getvalue()
    assert screen.display._live is None
    screen.finish(2)
    assert screen.file.getvalue() == before
    screen.display.close()


def test_at_the_end_it_says_what_ran_the_longest_first(screen):
    screen.log("Job stats:", LogEvent.RUN_INFO, stats={"total": 0})
    progress = screen.display.progress
    progress.seconds = {f"rule{n}": [n * 10.0, 2.0] for n in range(1, 9)}
    assert screen.display.what_ran().splitlines() == [
        "16 jobs in 0 s",
        "  rule8          2  1 min 22 s",
        "  rule7          2  1 min 12 s",
        "  rule6          2  1 min 02 s",
        "  rule5          2  52 s",
        "  rule4          2  42 s",
        "  rule3          2  32 s",
        "  2 other rules  4  34 s",
    ]
    progress.seconds = {"train": [3.0]}
    assert screen.display.what_ran().splitlines() == ["1 job in 0 s", "  train  1  3 s"]


def test_what_snakemake_is_told_to_be_quiet_about_stays_out():
    screen = Screen()
    (display,) = screen.logger.handlers
    display._default.addFilter(lambda record: record.levelno >= logging.ERROR)
    screen.start(1, "train", "train baseline")
    screen.finish(1)
    screen.log("a message")
    screen.log("an error", level=logging.ERROR)
    assert screen.lines() == ["an error"]


def test_a_logger_without_snakemakes_handler_keeps_its_own():
    logger = logging.Logger("another")
    handler = logging.NullHandler()
    logger.addHandler(handler)
    assert replace_handler(logger) is None and logger.handlers == [handler]

"""Fixtures that several test files share."""

import logging
import os
import signal
from pathlib import Path

import micro
import pytest
from hypothesis import settings

from lbmrc.common.paths import RunPaths

# A busy machine is no failure, and the same examples each time make a failure one that stays.
settings.register_profile("lbmrc", deadline=None, derandomize=True)
settings.load_profile("lbmrc")

# A shell's background ignores SIGINT and nohup SIGHUP, and so would the processes that tests stop.
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# Servers of the tests are on this machine: no proxy of its environment knows them.
_WITHOUT_PROXY = [os.environ.get("no_proxy") or os.environ.get("NO_PROXY"), "127.0.0.1,localhost"]
os.environ["no_proxy"] = ",".join(filter(None, _WITHOUT_PROXY))

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(autouse=True)
def _logging_stays_as_it_was():
    """Code that quiets the root logger for good would blind the tests that follow."""
    before = logging.root.level, logging.root.manager.disable
    yield
    assert (logging.root.level, logging.root.manager.disable) == before


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


@pytest.fixture(scope="session")
def xquad_folder() -> Path:
    """The real XQuAD (xquad.{language}.json), which is never committed."""
    folder = Path(os.environ.get("LBMRC_XQUAD", REPOSITORY.parent / "shared/data/xquad"))
    if not (folder / "xquad.en.json").exists():
        pytest.skip(
            f"the real XQuAD is not in {folder} (set LBMRC_XQUAD to a folder that holds it)"
        )
    return folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory) -> tuple[Path, str]:
    """A finished micro run: its folder, and what the command printed. Read only.

    LBMRC_FINISHED_RUN names a folder that keeps it: the next session runs there what changed.
    """
    kept = os.environ.get("LBMRC_FINISHED_RUN")
    folder = micro.checkout(Path(kept) if kept else tmp_path_factory.mktemp("micro"))
    # made in any case, so that the tables are printed
    (folder / RunPaths.of("micro").summary).unlink(missing_ok=True)
    return folder, micro.snakemake(folder)

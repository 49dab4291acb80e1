"""Run a stage's script in several worker processes, as torchrun does, and report their failures.

The launcher locks the GPUs, forwards signals, and exits with the workers' exit code; all write to
the same log. Each worker runs the same command line through `run_worker`. Workers connect over the
loopback device and need no other network; without it, only single-process training works.
"""

import argparse
import ctypes
import json
import logging
import os
import signal
import socket
import sys
import tempfile
import time
import traceback
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from lbmrc.common.errors import UserError
from lbmrc.runtime.interrupts import INTERRUPTS, Interrupted, handle, restore

Main = Callable[[argparse.Namespace], dict[str, Any] | None]

_LAUNCHER = "LBMRC_LAUNCHER"
_RESULT = "LBMRC_RESULT"
_FORWARDED_SIGNALS = (*INTERRUPTS, signal.SIGUSR1)
_PEER_LOST = 99  # exit code of a worker that stopped because another one did
_HEAD_START_SECONDS = 3.0
_PR_SET_PDEATHSIG = 1


def is_worker() -> bool:
    """Whether `launch` started this process."""
    return _LAUNCHER in os.environ


def launch(num_workers: int, *more_arguments: str) -> dict[str, Any]:
    """Run this command line, and ``more_arguments``, in several workers.

    Returns:
        the stage's result in the first worker.

    Raises:
        UserError: if the loopback device does not work, or a worker was killed.
        SystemExit: with the exit code of the first worker that failed, which has reported why.
    """
    _check_loopback()
    import psutil
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    forwarded = []

    def forward(number: int, frame: Any) -> None:
        forwarded.append(number)
        workers = psutil.Process().children()
        if not workers:
            raise Interrupted(number)
        for worker in workers:
            worker.send_signal(number)

    logging.disable(logging.ERROR)  # torch repeats errors that the workers have reported
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        os.environ |= {_LAUNCHER: str(os.getpid()), _RESULT: str(result)}
        threads = max(1, int(os.environ.get("OMP_NUM_THREADS", num_workers)) // num_workers)
        os.environ |= {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
        # DDP warns if a step uses every parameter; with LAKM, other steps do not
        os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
        if sys.platform == "linux":
            os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        config = LaunchConfig(
            min_nodes=1,
            max_nodes=1,
            nproc_per_node=num_workers,
            run_id=uuid.uuid4().hex,
            rdzv_backend="c10d",
            rdzv_endpoint="localhost:0",
            local_addr="localhost",
            max_restarts=0,
            signals_to_handle="SIGQUIT",  # torch requires one; this one kills the workers at once
            logs_specs=DefaultLogsSpecs(log_dir=folder),
        )
        former = handle(_FORWARDED_SIGNALS, forward)
        try:
            elastic_launch(config, sys.executable)(*sys.argv, *more_arguments)
        except ChildFailedError as error:
            _exit_as_workers(error.failures, num_workers, forwarded)
        finally:
            restore(former)
        return json.loads(result.read_text(encoding="utf-8"))


def _check_loopback() -> None:
    """Fail at once: torch would retry for minutes.

    Raises:
        UserError: if the loopback device does not work.
    """
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=10).close()
    except OSError as error:
        raise UserError(
            "the processes of a training need the loopback device, which does not work here "
            f"({error.strerror or error}); bring it up (`ip link set lo up`), or set "
            "training.num_processes to 1"
        ) from None


def _exit_as_workers(failures: dict[int, Any], num_workers: int, forwarded: list[int]) -> NoReturn:
    """Exit like the first worker that failed by itself, not because another worker failed."""
    consequences = {_PEER_LOST, -signal.SIGTERM}
    causes = [f for f in failures.values() if f.exitcode not in consequences]
    first = min(causes or failures.values(), key=lambda failure: failure.timestamp)
    if forwarded and first.exitcode < 0:
        sys.exit(128 - first.exitcode)
    if first.exitcode < 0:
        raise UserError(
            f"process {first.local_rank} of {num_workers} was killed by "
            f"{signal.Signals(-first.exitcode).name}; was there too little memory?"
        )
    sys.exit(first.exitcode)


def run_worker(main: Main, args: argparse.Namespace) -> NoReturn:
    """Run a stage as one of several workers, and exit.

    If several fail for the same reason, only the first worker reports it: the others wait until
    they are terminated.

    Raises:
        UserError: as ``main`` does.
        SystemExit: otherwise, always.
    """
    _die_with_launcher()
    rank = int(os.environ["RANK"])
    if rank > 0:
        logging.disable(logging.WARNING)
    try:
        result = main(args)
    except Exception as error:
        if _lost_peer(error):
            sys.exit(_PEER_LOST)
        time.sleep(_HEAD_START_SECONDS if rank > 0 else 0)
        raise
    if rank == 0:
        Path(os.environ[_RESULT]).write_text(json.dumps(result), encoding="utf-8")
    sys.exit(0)


def exit_without_teardown(run: Callable[[], None]) -> NoReturn:
    """Run a worker, and exit with Python's usual exit code but without interpreter shutdown.

    The destructors of torch's connections join threads that may be waiting for the GIL: a deadlock.
    """
    code: str | int | None = 0
    try:
        run()
    except SystemExit as error:
        code = error.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def _lost_peer(error: Exception) -> bool:
    """Whether a worker stopped because another one failed, which reports the reason."""
    from torch.distributed import DistError

    return isinstance(error, DistError) or (
        isinstance(error, RuntimeError) and any(w in str(error) for w in ("gloo", "NCCL"))
    )


def _die_with_launcher() -> None:
    """Never outlive the launcher: a later attempt would share its state folder with this worker."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(os.environ[_LAUNCHER]):
        os.kill(os.getpid(), signal.SIGKILL)

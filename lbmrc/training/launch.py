"""Start a stage's script again in several processes, as torchrun does, and answer for them.

This process takes the GPUs, passes signals on, and ends as they ended; what they say comes into the
same log. Each of them runs the same command line as `worker`. They meet over the loopback device:
no other network is needed, but where even that is missing there is only one process.
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

Main = Callable[[argparse.Namespace], dict[str, Any] | None]

_LAUNCHER = "LBMRC_LAUNCHER"
_RESULT = "LBMRC_RESULT"
_PASSED_ON = (signal.SIGTERM, signal.SIGUSR1)
_LEFT_BEHIND = 99  # the exit code of a process that lost another
_SECONDS_OF_PRECEDENCE = 3.0
_PR_SET_PDEATHSIG = 1
log = logging.getLogger(__name__)


def is_worker() -> bool:
    """Whether `launch` started this process."""
    return _LAUNCHER in os.environ


def launch(processes: int, *more: str) -> dict[str, Any]:
    """Run this command line, and ``more``, in several workers; what the first's stage returned.

    Raises:
        UserError: if the loopback device does not work, or a worker was killed.
        SystemExit: as the first worker that failed ended, which has said why.
    """
    _check_loopback()
    import psutil
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    passed_on = []

    def pass_on(number: int, frame: Any) -> None:
        passed_on.append(number)
        workers = psutil.Process().children()
        if not workers:
            sys.exit(128 + number)
        for worker in workers:
            worker.send_signal(number)

    logging.disable(logging.ERROR)  # torch's account of what the workers said themselves
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder, "result.json")
        os.environ |= {_LAUNCHER: str(os.getpid()), _RESULT: str(result)}
        threads = max(1, int(os.environ.get("OMP_NUM_THREADS", processes)) // processes)
        os.environ |= {"OMP_NUM_THREADS": str(threads), "MKL_NUM_THREADS": str(threads)}
        # DDP warns where no parameter is unused; in LAKM's turns there are some
        os.environ.setdefault("TORCH_CPP_LOG_LEVEL", "ERROR")
        if sys.platform == "linux":
            os.environ.setdefault("GLOO_SOCKET_IFNAME", "lo")
        config = LaunchConfig(
            min_nodes=1,
            max_nodes=1,
            nproc_per_node=processes,
            run_id=uuid.uuid4().hex,
            rdzv_backend="c10d",
            rdzv_endpoint="localhost:0",
            local_addr="localhost",
            max_restarts=0,
            signals_to_handle="SIGINT",
            logs_specs=DefaultLogsSpecs(log_dir=folder),
        )
        handlers = {number: signal.signal(number, pass_on) for number in _PASSED_ON}
        try:
            elastic_launch(config, sys.executable)(*sys.argv, *more)
        except ChildFailedError as error:
            _end_as(error.failures, processes, passed_on)
        finally:
            for number, handler in handlers.items():
                signal.signal(number, handler)
        return json.loads(result.read_text(encoding="utf-8"))


def _check_loopback() -> None:
    """Torch would look for it for minutes."""
    try:
        with socket.create_server(("127.0.0.1", 0)) as server:
            socket.create_connection(server.getsockname(), timeout=10).close()
    except OSError as error:
        raise UserError(
            "the processes of a training meet over the loopback device, and here it does not work "
            f"({error.strerror or error}); bring it up (`ip link set lo up`), or set "
            "training.num_processes to 1"
        ) from None


def _end_as(failures: dict[int, Any], processes: int, passed_on: list[int]) -> NoReturn:
    """End as the process that failed first, and not only because of another."""
    followed = {_LEFT_BEHIND, -signal.SIGTERM}
    causes = [f for f in failures.values() if f.exitcode not in followed]
    first = min(causes or failures.values(), key=lambda failure: failure.timestamp)
    if passed_on and first.exitcode < 0:
        sys.exit(128 - first.exitcode)
    if first.exitcode < 0:
        raise UserError(
            f"process {first.local_rank} of {processes} was killed by "
            f"{signal.Signals(-first.exitcode).name}; was there too little memory?"
        )
    sys.exit(first.exitcode)


def worker(main: Main, args: argparse.Namespace) -> NoReturn:
    """Run a stage as one of several processes, and end.

    Where several fail of one cause, one says so: the others wait until they are ended.

    Raises:
        UserError: as ``main`` does.
        SystemExit: always, else.
    """
    _end_with_launcher()
    rank = int(os.environ["RANK"])
    if rank > 0:
        logging.disable(logging.WARNING)
    try:
        result = main(args)
    except Exception as error:
        if _lost_another(error):
            sys.exit(_LEFT_BEHIND)
        time.sleep(_SECONDS_OF_PRECEDENCE if rank > 0 else 0)
        raise
    if rank == 0:
        Path(os.environ[_RESULT]).write_text(json.dumps(result), encoding="utf-8")
    sys.exit(0)


def end_at_once(run: Callable[[], None]) -> NoReturn:
    """Run a worker, and end the process as Python would, but without tearing anything down.

    Torch's connections to other processes, when they are given up, wait for threads of theirs that
    may be waiting for Python: both then wait for ever.
    """
    code: object = 0
    try:
        run()
    except SystemExit as ended:
        code = ended.code
    except BaseException:
        traceback.print_exc()
        code = 1
    if isinstance(code, str):
        print(code, file=sys.stderr)
        code = 1
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code or 0)


def _lost_another(error: Exception) -> bool:
    """Whether a process stopped because another did, which has to say why."""
    from torch.distributed import DistError

    return isinstance(error, DistError) or (
        isinstance(error, RuntimeError) and any(w in str(error) for w in ("gloo", "NCCL"))
    )


def _end_with_launcher() -> None:
    """Never go on alone: a later attempt would find a second one in its state folder."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != int(os.environ[_LAUNCHER]):
        os.kill(os.getpid(), signal.SIGKILL)

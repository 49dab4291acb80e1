"""What all stages of the workflow share: a command line, clean errors, a manifest.

A script declares its arguments and their types and calls one function of the library. What that
function returns (counts, funnels, a summary of the training) goes into the manifest; a stage that
ran a model also returns its ``device`` and ``precision``, which are separate in the manifest; one
that gathers shards returns the ``device`` from their manifests.
"""

import argparse
import logging
import shutil
import signal
import sys
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from lbmrc.common.errors import UserError
from lbmrc.runtime.interrupts import (
    INTERRUPTS,
    Interrupted,
    handle,
    interrupt,
    report_early_interrupt,
)
from lbmrc.runtime.job_lock import exclusive
from lbmrc.runtime.manifest import Manifest, device_used

_FREE_SPACE = "free some space there, or put results elsewhere"
_MAY_NOT = "put results where they may be written"
_DISK = {
    "No space left on device": _FREE_SPACE,
    "Disk quota exceeded": _FREE_SPACE,
    "Read-only file system": _MAY_NOT,
    "Permission denied": _MAY_NOT,
}
_FULL = 1 << 20  # bytes
Main = Callable[[argparse.Namespace], dict[str, Any] | None]
log = logging.getLogger(__name__)

sys.excepthook = report_early_interrupt


def run(
    main: Main,
    description: str,
    optional: Collection[str] = (),
    worker: bool = False,
    **kinds: Any,
) -> None:
    """Parse the command line and run ``main`` on it.

    ``kinds`` maps each argument to its parser (``Path``, ``int``, ``json.loads``), in a list if it
    takes several values; an ``optional`` one that is not given is an empty list or None.
    ``--manifest FILE`` and ``--code FINGERPRINT`` are also understood. A `UserError`, or a disk
    that is full or not writable, ends the process with only a message and status 1; Ctrl-C and
    SIGTERM end it with one line and status 128 + signal.

    Args:
        worker: this process is one of several that run the stage; the one that started them holds
            the lock and writes the manifest.
    """
    parser = argparse.ArgumentParser(description=description)
    for name, kind in kinds.items():
        several = isinstance(kind, list)
        parser.add_argument(
            "--" + name.replace("_", "-"),
            type=kind[0] if several else kind,
            nargs="*" if several else None,
            required=name not in optional,
            default=[] if several else None,
        )
    parser.add_argument("--manifest", type=Path)
    parser.add_argument("--code", default="")
    args = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    logging.getLogger("lbmrc").setLevel(logging.INFO)
    handle(INTERRUPTS, interrupt)
    try:
        if worker or args.manifest is None:
            main(args)
        else:
            _run(main, args)
    except Interrupted as stop:
        handle(INTERRUPTS, signal.SIG_IGN)  # it is ending
        log.warning("%s: stopped; what is finished is kept: rerun the same command", stop)
        sys.exit(128 + stop.signal)
    except UserError as error:
        sys.exit(f"error: {error}")
    except Exception as error:
        if problem := _disk_problem(error, args.manifest):
            sys.exit(f"error: {problem}. What is finished is kept: run the same command again")
        raise


def _disk_problem(error: BaseException, manifest: Path | None) -> str:
    """The message if the disk is at fault, whichever library met it; otherwise empty."""
    cause: BaseException | None = error
    while cause is not None:
        for text, remedy in _DISK.items():
            if text in str(cause):
                return f"{cause}; {remedy}"
        cause = cause.__cause__ or cause.__context__
    # torch reports a full disk as "iostream error"
    if manifest and manifest.parent.exists():
        free = shutil.disk_usage(manifest.parent).free
        if free < _FULL:
            return f"{manifest.parent}: No space left on device ({error}); {_FREE_SPACE}"
    return ""


def _run(main: Main, args: argparse.Namespace) -> None:
    paths = {name: _paths(value) for name, value in vars(args).items() if _paths(value)}
    inputs = {name: found for name, found in paths.items() if all(p.exists() for p in found)}
    settings = {
        name: value
        for name, value in vars(args).items()
        if name not in {*paths, "manifest", "code"}
    }
    manifest = Manifest(args.manifest, inputs=inputs, settings=settings, code=args.code)
    with exclusive(args.manifest.with_suffix(".lock")) as waited:
        if waited and _was_made_meanwhile(manifest, paths):
            log.info("the other process has made the same results: nothing is left to do")
            return
        with manifest:
            result = dict(main(args) or {})
            if isinstance(device := result.pop("device", None), str):
                device = device_used(device, result.pop("precision"))
            manifest.device = device
            manifest.result = result


def _was_made_meanwhile(manifest: Manifest, paths: Mapping[str, Sequence[Path]]) -> bool:
    """Whether the process that was waited for has made all outputs of this one.

    Snakemake deletes outputs before it starts a job, so existing ones were written since; each file
    and folder appears only when complete (`lbmrc.common.atomic`).
    """
    other = manifest.of_same_job()
    return other is not None and all(
        path.exists()
        for name, values in paths.items()
        if name not in other["inputs"]
        for path in values
    )


def state_folder(args: argparse.Namespace) -> Path:
    """Folder for state that must survive a kill, next to the stage's manifest.

    It is not an output, so Snakemake leaves it in place; `lbmrc.runtime.resume.claim` ensures that
    only the same job reuses it, and a stage that succeeds removes it.
    """
    return args.manifest.with_suffix(".state")


def _paths(value: Any) -> list[Path]:
    values = value if isinstance(value, list) else [value]
    return values if values and all(isinstance(v, Path) for v in values) else []

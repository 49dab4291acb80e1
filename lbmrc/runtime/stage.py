"""What every stage of the workflow shares: a command line, clean errors, a manifest.

A script names its arguments and their kinds and calls one function of the library. Whatever that
function returns (counts, funnels, a summary of the training) goes into the manifest; a stage that
ran a model also returns its ``device`` and ``precision``, which the manifest has apart.
"""

import argparse
import logging
import shutil
import sys
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

from lbmrc.common.errors import UserError
from lbmrc.runtime.manifest import Manifest, device_used

_MAKE_ROOM = "make room there, or have results elsewhere"
_MAY_NOT = "have results where they may be written"
_DISK = {
    "No space left on device": _MAKE_ROOM,
    "Disk quota exceeded": _MAKE_ROOM,
    "Read-only file system": _MAY_NOT,
    "Permission denied": _MAY_NOT,
}
_FULL = 1 << 20  # bytes
Main = Callable[[argparse.Namespace], dict[str, Any] | None]


def run(main: Main, description: str, optional: Collection[str] = (), **kinds: Any) -> None:
    """Parse the command line and run ``main`` on it.

    ``kinds`` maps each argument to what reads it (``Path``, ``int``, ``json.loads``), in a list
    where it takes several; of those that are ``optional``, a list is empty where it is not given,
    and another is None. ``--manifest FILE`` and ``--code FINGERPRINT`` are understood besides.
    A `UserError` ends the process with its message alone and status 1, and so does a disk that is
    full or may not be written.
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
    try:
        _run(main, args)
    except UserError as error:
        sys.exit(f"error: {error}")
    except Exception as error:
        if problem := _disk_problem(error, args.manifest):
            sys.exit(f"error: {problem}. What is finished is kept: run the same again")
        raise


def _disk_problem(error: BaseException, manifest: Path | None) -> str:
    """What to tell where the disk is at fault, whichever library met it; nothing elsewhere."""
    cause: BaseException | None = error
    while cause is not None:
        for said, remedy in _DISK.items():
            if said in str(cause):
                return f"{cause}; {remedy}"
        cause = cause.__cause__ or cause.__context__
    # torch says "iostream error" of a full disk
    if manifest and manifest.parent.exists():
        free = shutil.disk_usage(manifest.parent).free
        if free < _FULL:
            return f"{manifest.parent}: No space left on device ({error}); {_MAKE_ROOM}"
    return ""


def _run(main: Main, args: argparse.Namespace) -> None:
    if args.manifest is None:
        main(args)
        return
    paths = {name: _paths(value) for name, value in vars(args).items() if _paths(value)}
    inputs = {name: found for name, found in paths.items() if all(p.exists() for p in found)}
    settings = {
        name: value
        for name, value in vars(args).items()
        if name not in {*paths, "manifest", "code"}
    }
    with Manifest(args.manifest, inputs=inputs, settings=settings, code=args.code) as manifest:
        result = dict(main(args) or {})
        if "device" in result:
            manifest.device = device_used(result.pop("device"), result.pop("precision"))
        manifest.result = result


def state_folder(args: argparse.Namespace) -> Path:
    """Where a stage keeps what must survive a kill, beside its manifest.

    It is no output, so Snakemake leaves it in place; `lbmrc.runtime.resume.claim` sees to it that
    only the same job uses it again, and a stage that succeeds removes it.
    """
    return args.manifest.with_suffix(".state")


def _paths(value: Any) -> list[Path]:
    values = value if isinstance(value, list) else [value]
    return values if values and all(isinstance(v, Path) for v in values) else []

"""What every stage of the workflow shares: a command line, clean errors, a manifest.

A script names its arguments and their kinds and calls one function of the library. Whatever that
function returns (counts, funnels, a summary of the training) goes into the manifest.
"""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from lbmrc.errors import UserError
from lbmrc.manifest import Manifest

Main = Callable[[argparse.Namespace], dict[str, Any] | None]


def run(main: Main, description: str, **kinds: Any) -> None:
    """Parse the command line and run ``main`` on it.

    ``kinds`` maps each argument to what reads it (``Path``, ``int``, ``json.loads``), in a list
    where it takes several. ``--manifest FILE`` and ``--code FINGERPRINT`` are understood besides.
    A `UserError` ends the process with its message alone and status 1.
    """
    parser = argparse.ArgumentParser(description=description)
    for name, kind in kinds.items():
        several = isinstance(kind, list)
        parser.add_argument(
            "--" + name.replace("_", "-"),
            type=kind[0] if several else kind,
            nargs="*" if several else None,
            required=True,
        )
    parser.add_argument("--manifest", type=Path)
    parser.add_argument("--code", default="")
    args = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    try:
        _run(main, args)
    except UserError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(1)


def _run(main: Main, args: argparse.Namespace) -> None:
    if args.manifest is None:
        main(args)
        return
    paths = {name: _paths(value) for name, value in vars(args).items() if _paths(value)}
    inputs = {name: found for name, found in paths.items() if all(p.exists() for p in found)}
    settings = {name: value for name, value in vars(args).items() if name not in {*paths, "code"}}
    with Manifest(args.manifest, inputs=inputs, settings=settings, code=args.code) as manifest:
        manifest.result = main(args)


def state_folder(args: argparse.Namespace) -> Path:
    """Where a stage keeps what must survive a kill, beside its manifest.

    It is no output, so Snakemake leaves it in place; `lbmrc.state.claim` sees to it that only the
    same job uses it again, and a stage that succeeds removes it.
    """
    return args.manifest.with_suffix(".state")


def _paths(value: Any) -> list[Path]:
    values = value if isinstance(value, list) else [value]
    return values if values and all(isinstance(v, Path) for v in values) else []

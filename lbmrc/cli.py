"""The command line `lbmrc COMMAND ...`, for use outside the workflow.

Each command is a module of `lbmrc.commands`. Imports are inside the functions that run them, so
that every command starts quickly.
"""

import argparse
import os
import signal
import sys
from collections.abc import Sequence

import lbmrc
from lbmrc.commands import ask, export, markers, predict, score, serve, workflow
from lbmrc.common.errors import UserError
from lbmrc.runtime.version import version

_INTERRUPTED = 128 + signal.SIGINT  # as shells say it
_COMMANDS = (
    score.add,
    predict.add,
    ask.add,
    serve.add,
    export.add,
    markers.add,
    workflow.add_why,
    workflow.add_plan,
)


def command_parser() -> argparse.ArgumentParser:
    """The parser of all commands; docs/cli.md is made from it."""
    parser = argparse.ArgumentParser(prog="lbmrc", description=lbmrc.__doc__)
    parser.add_argument("--version", action="version", version=f"lbmrc {version()}")
    commands = parser.add_subparsers(metavar="COMMAND", required=True)
    for add in _COMMANDS:
        add(commands)
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns 0, 1 after a `UserError`, 130 after Ctrl-C.

    argparse exits with 2 on wrong usage.
    """
    parsed = command_parser().parse_args(arguments)
    try:
        parsed.run(parsed)
        sys.stdout.flush()
    except UserError as error:
        print(f"lbmrc: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:  # the reader, such as head, closed the pipe
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


if __name__ == "__main__":
    sys.exit(main())

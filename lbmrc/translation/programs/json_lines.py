"""The conversation with `lbmrc.translation.engines.command`, seen from the program.

Standard library only: a program may run in an environment without lbmrc's requirements.
"""

import json
import os
import select
import sys
from collections.abc import Callable, Iterator, Sequence

_BLOCK = 1 << 16
_SECONDS_FOR_MORE = 0.02


def serve(translate: Callable[[Sequence[str]], Sequence[str]], at_a_time: int) -> None:
    """Answer the texts on standard input until it ends: those that are there, and of many a few at
    a time, so that an answer never keeps the engine waiting for long."""
    for lines in _waiting(sys.stdin.fileno()):
        asked = [json.loads(line) for line in lines if line.strip()]
        for start in range(0, len(asked), at_a_time):
            some = asked[start : start + at_a_time]
            translations = translate([each["text"] for each in some])
            for each, text in zip(some, translations, strict=True):
                print(json.dumps({"id": each["id"], "text": text}))
            sys.stdout.flush()


def threads() -> int:
    """The threads that a job has, which Snakemake says so; else a thread a CPU.

    No argument, since a program's arguments are part of what its translations are known by.
    """
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdecimal() and int(given) else os.cpu_count() or 1


def _waiting(file: int) -> Iterator[list[bytes]]:
    """The lines of a pipe, as many as have come."""
    rest, ended = b"", False
    while not ended:
        block = os.read(file, _BLOCK)
        ended = not block
        rest += block
        while not ended and select.select([file], [], [], _SECONDS_FOR_MORE)[0]:
            block = os.read(file, _BLOCK)
            ended = not block
            rest += block
        *lines, rest = rest.split(b"\n")
        if ended:
            lines.append(rest)
        yield lines

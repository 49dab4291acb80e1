"""The program's side of the protocol of `lbmrc.translation.engines.command`.

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
    """Answer the texts on standard input until it ends, at most ``at_a_time`` per batch, so the
    engine never waits long for an answer."""
    for lines in _waiting(sys.stdin.fileno()):
        asked = [json.loads(line) for line in lines if line.strip()]
        for start in range(0, len(asked), at_a_time):
            some = asked[start : start + at_a_time]
            translations = translate([each["text"] for each in some])
            for each, text in zip(some, translations, strict=True):
                print(json.dumps({"id": each["id"], "text": text}))
            sys.stdout.flush()


def threads() -> int:
    """The job's number of threads, as set by Snakemake (OMP_NUM_THREADS), or else one per CPU.

    Not a command-line argument, since arguments are part of the identity of the translations.
    """
    given = os.environ.get("OMP_NUM_THREADS", "")
    return int(given) if given.isdecimal() and int(given) else os.cpu_count() or 1


def _waiting(file: int) -> Iterator[list[bytes]]:
    """The lines of a pipe, as many at a time as have arrived."""
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

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


def serve(translate: Callable[[Sequence[str]], Sequence[str]]) -> None:
    """Answer the texts on standard input, those that are there at a time, until it ends."""
    for lines in _waiting(sys.stdin.fileno()):
        asked = [json.loads(line) for line in lines if line.strip()]
        translations = translate([each["text"] for each in asked])
        for each, text in zip(asked, translations, strict=True):
            print(json.dumps({"id": each["id"], "text": text}))
        sys.stdout.flush()


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

"""Any program as an engine: a service, a language model, an in-house system.

The program reads one JSON object ``{"id", "text"}`` per line from standard input and writes one
``{"id", "text"}`` per line to standard output, in any order, flushed. It is started once, gets the
texts in chunks, and exits at the end of its input. Its standard error is forwarded to ours.
"""

import itertools
import json
import logging
import os
import queue
import shlex
import subprocess
import sys
import textwrap
import threading
from collections import deque
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from lbmrc.common.errors import UserError
from lbmrc.translation.engines.base import Engine, Output

log = logging.getLogger(__name__)

_STDERR_LINES = 10
_VERSION_SECONDS = 60
_SECONDS_TO_END = 10


class Command(Engine):
    """The program that ``command`` starts; each item is one argument.

    ``timeout``: seconds within which at least one answer must arrive. A program that exits before
    it has answered all texts is restarted, at most ``restarts`` times in a row without an answer.

    Raises (`stream`):
        UserError: if the program is not found, exits too often, gives no answer within the timeout,
            or writes an invalid answer.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        timeout: float = 600.0,
        restarts: int = 3,
        texts_per_chunk: int = 256,
    ) -> None:
        self.command = list(command)
        self.name = shown(command)
        self.timeout = timeout
        self.restarts = restarts
        self.texts_per_chunk = texts_per_chunk
        self._ids = itertools.count()
        self._running: _Process | None = None

    def stream(self, texts: Sequence[str]) -> Iterator[tuple[int, Output]]:
        pending = []
        for index, text in enumerate(texts):
            if text.strip():
                pending.append(index)
            else:
                yield index, Output(text)
        for start in range(0, len(pending), self.texts_per_chunk):
            chunk = pending[start : start + self.texts_per_chunk]
            yield from self._chunk({next(self._ids): (i, texts[i]) for i in chunk})

    def close(self) -> None:
        """Stop the program."""
        if self._running is not None:
            self._running.end()
            self._running = None

    def _chunk(self, asked: dict[int, tuple[int, str]]) -> Iterator[tuple[int, Output]]:
        """The translation of each text of ``asked``, which maps ids to (index, text)."""
        waiting, starts = dict(asked), 0
        while waiting:
            if self._running is None:
                self._running = _Process(self.command)
            self._running.send({id: text for id, (_, text) in waiting.items()})
            try:
                for line in self._running.lines(self.timeout):
                    id, translation = self._answer(line, asked)
                    if id not in waiting:
                        raise UserError(f"{self.name}: two answers with the id {id}")
                    index, _ = waiting.pop(id)
                    starts = 0
                    yield index, Output(translation)
                    if not waiting:
                        return
            except queue.Empty:
                self.close()
                raise UserError(
                    f"{self.name}: no answer for {self.timeout:g} seconds, {_left(waiting)}; every "
                    "text needs an answer with its id, flushed; if it takes that long, raise the "
                    "engine's timeout"
                ) from None
            except UserError:
                self.close()
                raise
            fate = self._running.fate()
            self._running = None
            starts += 1
            if starts > self.restarts:
                raise UserError(f"{self.name}: {fate}, {_left(waiting)}")
            log.warning("%s: %s, %s; started again", self.name, fate, _left(waiting))

    def _answer(self, line: bytes, asked: Container[int]) -> tuple[int, str]:
        """The id and the text of an answer."""
        try:
            answer = json.loads(line)
        except ValueError:
            raise UserError(f"{self.name}: a line that is not JSON: {_start(line)}") from None
        id, text = (
            (answer.get("id"), answer.get("text")) if isinstance(answer, dict) else (None, None)
        )
        if not isinstance(id, int) or isinstance(id, bool) or id not in asked:
            raise UserError(
                f"{self.name}: an answer with an id that was not asked for: {_start(line)}"
            )
        if not isinstance(text, str) or any("\ud800" <= c <= "\udfff" for c in text):
            raise UserError(f"{self.name}: an answer whose `text` is not a string: {_start(line)}")
        return id, text


def shown(command: Sequence[str]) -> str:
    """A command as shown in reports: the program without its folder, and its arguments."""
    return shlex.join([Path(command[0]).name, *command[1:]])


def command_identity(command: Sequence[str], given: str | None) -> dict[str, str]:
    """The identity of a command's translations: the given one, or else the command (without its
    folder) and what it prints when ``--version`` follows its arguments.

    Raises:
        UserError: if none is given and the program is not found, fails, or prints nothing.
    """
    if given:
        return {"engine": "command", "identity": given}
    return {"engine": "command", "command": shown(command), "printed": _version(command)}


def _version(command: Sequence[str]) -> str:
    name, remedy = (
        shown([*command, "--version"]),
        "give the engine an identity, which counts instead",
    )
    try:
        done = subprocess.run(
            [*command, "--version"],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_VERSION_SECONDS,
        )
    except OSError as error:
        raise _not_started(shown(command), error) from None
    except subprocess.TimeoutExpired:
        raise UserError(
            f"{name}: did not exit within {_VERSION_SECONDS} seconds; {remedy}"
        ) from None
    if done.returncode:
        stderr = _tail(done.stderr.decode(errors="replace").splitlines())
        raise UserError(f"{name}: exit code {done.returncode}{stderr}; {remedy}")
    printed = done.stdout.decode(errors="replace").strip()
    if not printed:
        raise UserError(f"{name}: printed nothing; {remedy}")
    return printed


class _Process:
    """A running program. Its input, output and standard error each have a thread, so neither
    side blocks until the other reads."""

    def __init__(self, command: Sequence[str]) -> None:
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env={**os.environ, "PYTHONUNBUFFERED": "1"},
            )
        except OSError as error:
            raise _not_started(shown(command), error) from None
        self._output: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._last_lines: deque[str] = deque(maxlen=_STDERR_LINES)
        self._writer: threading.Thread | None = None
        self._readers = [_started(self._read), _started(self._listen)]

    def send(self, texts: Mapping[int, str]) -> None:
        """Write one line per text, without waiting for the program to read it."""
        lines = b"".join(_line(id, text) for id, text in texts.items())
        self._writer = _started(self._write, lines)

    def lines(self, timeout: float) -> Iterator[bytes]:
        """The lines it writes, until it exits.

        Raises:
            queue.Empty: if no line comes for ``timeout`` seconds.
        """
        while (line := self._output.get(timeout=timeout)) is not None:
            yield line

    def fate(self) -> str:
        """How it exited, with its last lines on standard error."""
        self.end()
        return f"ended with exit code {self._process.returncode}{_tail(self._last_lines)}"

    def end(self) -> None:
        """Let it exit; kill it if it has not read all its input or takes too long."""
        assert self._process.stdin is not None
        if self._writer is None or not self._writer.is_alive():
            with suppress(OSError):
                self._process.stdin.close()
            with suppress(subprocess.TimeoutExpired):
                self._process.wait(_SECONDS_TO_END)
        self._process.kill()
        self._process.wait()
        for thread in self._readers:
            thread.join(_SECONDS_TO_END)

    def _write(self, lines: bytes) -> None:
        assert self._process.stdin is not None
        with suppress(OSError, ValueError):  # it has exited; the reader of its output handles that
            self._process.stdin.write(lines)
            self._process.stdin.flush()

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if line.strip():
                self._output.put(line)
        self._output.put(None)

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            text = line.decode(errors="replace")
            self._last_lines.append(text.strip())
            sys.stderr.write(text)


def _started(target: Callable[..., None], *arguments: object) -> threading.Thread:
    thread = threading.Thread(target=target, args=arguments, daemon=True)
    thread.start()
    return thread


def _not_started(name: str, error: OSError) -> UserError:
    if isinstance(error, FileNotFoundError):
        return UserError(
            f"{name}: no such program ({error.filename}); install it, or give the engine's command "
            "its path"
        )
    return UserError(f"{name}: cannot be started ({error.strerror})")


def _line(id: int, text: str) -> bytes:
    return json.dumps({"id": id, "text": text}).encode() + b"\n"


def _left(waiting: Mapping[int, tuple[int, str]]) -> str:
    id, (_, text) = next(iter(waiting.items()))
    return f"{len(waiting)} texts unanswered, the first {_start(_line(id, text))}"


def _start(line: bytes) -> str:
    return textwrap.shorten(line.decode(errors="replace"), 200, placeholder=" …")


def _tail(lines: Iterable[str]) -> str:
    kept = " / ".join([line for line in lines if line][-_STDERR_LINES:])
    return f" ({kept})" if kept else ""

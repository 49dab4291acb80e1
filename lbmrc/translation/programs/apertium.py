"""``lbmrc-apertium MODE``: Apertium's rules and dictionaries as a program of JSON lines.

Apertium is a pipeline of programs, listed in a mode file. A text's translation does not depend on
the other texts: in null-flush mode the tagger carries its state over from one text to the next
(11% of sentences are then translated differently than alone), so each text gets its own tagger
process; the stages before and after the tagger process all texts at once.

With ``--markers OPEN CLOSE`` a pair of markers is not translated as text: it becomes a word-bound
blank (``[[t:b:…]]words[[/]]``), which moves with the words and does not affect the sentence around
them. In the output the markers enclose everything from the first to the last of those words.
"""

import argparse
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from lbmrc.common.errors import UserError
from lbmrc.translation.programs.json_lines import serve, threads
from lbmrc.translation.recovery.markers import Lost, recover_answer

# Increase it with any edit that changes translations: those of the old number are kept separate.
_VERSION = 1
_TAGGER = "apertium-tagger"
_TEXTS = 512  # per start of the pipeline, which takes a quarter of a CPU second
_OF_THE_STREAM = re.compile(r"[\\\[\]{}^$/@<>]")
_LAYOUT = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")
_SENTENCE_END = (".", "!", "?", "…", ":", ";")
_OPEN, _CLOSE = "[[t:b:answer]]", "[[/]]"
_PIECES = re.compile(r"\\(.)|\[\[(/?)[^\]]*\]\]|\[([^\]]*)\]", re.DOTALL)


class Apertium:
    """A mode of Apertium.

    Args:
        mode: its name, ``pt-es``.
        markers: pairs of markers that are carried as word-bound blanks.
        threads: how many taggers run at the same time.

    Raises:
        UserError: if Apertium or the mode is not installed, or (`translate`) a stage fails.
    """

    def __init__(self, mode: str, markers: Sequence[Sequence[str]] = (), threads: int = 1) -> None:
        self.mode = mode
        self.markers = markers
        self.file = _mode_file(mode)
        self._before, self._tagger, self._after = _stages(self.file)
        self._pool = ThreadPoolExecutor(threads)

    def translate(self, texts: Sequence[str]) -> list[str]:
        """The translations of ``texts``, in their order."""
        pairs = [self._pair(text) for text in texts]
        sources = [_to_stream(*each) for each in zip(texts, pairs, strict=True)]
        analysed = _run(self._before, sources)
        if self._tagger:
            tagged = list(self._pool.map(lambda text: _run(self._tagger, [text])[0], analysed))
        else:
            tagged = analysed
        outputs = _run(self._after, tagged)
        return [_to_text(*each) for each in zip(outputs, texts, pairs, strict=True)]

    def version(self) -> str:
        """What determines its translations: hash of rules and dictionaries, program versions."""
        digest = hashlib.sha256(self.file.read_bytes())
        for argument in shlex.split(self.file.read_text(encoding="utf-8")):
            if Path(argument).is_file():
                digest.update(Path(argument).read_bytes())
        programs = [_printed("apertium", "-V"), _printed("lt-proc", "-v")]
        mode = f"{self.mode} {digest.hexdigest()[:16]}"
        return ", ".join([f"lbmrc-apertium {_VERSION}: {mode}", *programs])

    def _pair(self, text: str) -> Sequence[str] | None:
        """The markers of which the text contains one well-formed pair."""
        for pair in self.markers:
            if not isinstance(recover_answer(text, pair), Lost):
                return pair
        return None


def _to_stream(text: str, pair: Sequence[str] | None) -> str:
    """A text in Apertium's stream format, with its pair of markers as a word-bound blank."""
    if pair is not None:
        found = recover_answer(text, pair)
        assert not isinstance(found, Lost)
        parts = (found.text[: found.start], found.text[found.start : found.end])
        stream = f"{_escaped(parts[0])}{_OPEN}{_escaped(parts[1])}{_CLOSE}"
        stream += _escaped(found.text[found.end :])
    else:
        stream = _escaped(text)
    # Without a sentence end the last words are tagged and translated differently; without a blank
    # the last full stop can be lost.
    return stream + ("[]" if text.rstrip().endswith(_SENTENCE_END) else ".[]")


def _escaped(text: str) -> str:
    text = _OF_THE_STREAM.sub(r"\\\g<0>", text.replace("\0", " "))
    return _LAYOUT.sub(r"[\g<0>]", text)


def _to_text(stream: str, source: str, pair: Sequence[str] | None) -> str:
    """The plain text of a translation in the stream format, with the markers around the answer."""
    stream = stream.removesuffix("[]")
    if not source.rstrip().endswith(_SENTENCE_END):
        stream = stream.removesuffix(".")
    pieces: list[str] = []
    first = last = None  # indices into pieces, around the answer
    done = 0
    for match in _PIECES.finditer(stream):
        pieces.append(stream[done : match.start()])
        done = match.end()
        character, closes, blank = match.groups()
        if closes is None:
            pieces.append(character or blank)
        elif closes:
            last = len(pieces)
        elif first is None:
            first = len(pieces)
    pieces.append(stream[done:])
    if pair is not None and first is not None and last is not None:
        pieces[first:last] = [pair[0], *pieces[first:last], pair[1]]
    return _spaced("".join(pieces), source)


def _spaced(text: str, source: str) -> str:
    """The text without the extra spaces left by omitted words, such as pronouns."""
    if not source[:1].isspace():
        text = text.lstrip(" ")
    return text if "  " in source else re.sub("  +", " ", text)


def _run(stages: Sequence[Sequence[str]], texts: Sequence[str]) -> list[str]:
    """Run the texts through some stages together, separated by NUL."""
    if not stages or not texts:
        return list(texts)
    data = "".join(f"{text}\0" for text in texts).encode()
    command = " | ".join(shlex.join(stage) for stage in stages)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        input=data,
        capture_output=True,
        env={**os.environ, "LC_ALL": "C.UTF-8"},
    )
    outputs = done.stdout.decode(errors="replace").split("\0")[: len(texts)]
    if done.returncode or len(outputs) < len(texts):
        stderr = done.stderr.decode(errors="replace").strip() or f"{len(outputs)} answers"
        raise UserError(
            f"apertium failed on {len(texts)} texts, the first {texts[0]!r} ({stderr}): {command}"
        )
    return outputs


def _mode_file(mode: str) -> Path:
    for program in ("apertium", "apertium-wblank-mode"):
        if shutil.which(program) is None:
            raise UserError(
                f"{program}: no such program; install Apertium 3.8 or newer, on Debian: apt-get "
                "install apertium, and the pair of languages"
            )
    folder = Path(os.environ.get("APERTIUM_DATADIR", "/usr/share/apertium"), "modes")
    file = folder / f"{mode}.mode"
    if not file.is_file():
        known = ", ".join(sorted(path.stem for path in folder.glob("*.mode"))) or "none"
        raise UserError(
            f'Apertium has no mode "{mode}" (installed: {known}); install its pair of languages, '
            "on Debian: apt-get install apertium-es-pt for pt-es, apertium-eng-spa for eng-spa "
            "(apt-cache search apertium- lists them)"
        )
    return file


def _stages(file: Path) -> tuple[list[list[str]], list[list[str]], list[list[str]]]:
    """The stages of a mode that carries word-bound blanks: before, at and after the tagger."""
    line = subprocess.run(
        ["apertium-wblank-mode", "-z", str(file)], capture_output=True, text=True, check=True
    ).stdout
    stages: list[list[str]] = [[]]
    for word in shlex.split(line):
        if word == "|":
            stages.append([])
        elif word == "$1":
            stages[-1].append("-n")  # no marks on unknown words
        elif word != "$2":
            stages[-1].append(word)
    taggers = [n for n, stage in enumerate(stages) if Path(stage[0]).name == _TAGGER]
    if not taggers:
        return stages, [], []
    first, last = taggers[0], taggers[-1] + 1
    return stages[:first], stages[first:last], stages[last:]


def _printed(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True)
    return (done.stdout or done.stderr).strip()


def main() -> None:
    parser = argparse.ArgumentParser("lbmrc-apertium", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("mode", help="a mode that `apertium -l` lists: pt-es, eng-spa")
    parser.add_argument(
        "--markers",
        nargs=2,
        action="append",
        default=[],
        metavar=("OPEN", "CLOSE"),
        help="carry this pair of markers as a word-bound blank",
    )
    parser.add_argument("--version", action="store_true", help="what decides the translations")
    arguments = parser.parse_args()
    try:
        engine = Apertium(arguments.mode, arguments.markers, threads())
        if arguments.version:
            print(engine.version())
        else:
            serve(engine.translate, _TEXTS)
    except UserError as error:
        sys.exit(f"error: {error}")


if __name__ == "__main__":
    main()

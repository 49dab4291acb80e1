"""Commands and snippets of the documentation, as a reader would copy them."""

import re
import shlex
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted(
    str(path.relative_to(REPOSITORY))
    for path in [
        *REPOSITORY.glob("docs/*.md"),
        REPOSITORY / "README.md",
        REPOSITORY / "CONTRIBUTING.md",
        REPOSITORY / "config/README.md",
    ]
)
CHECKED = ("snakemake", "lbmrc", "make")
"""Programs whose commands are checked in running text too."""

_FENCE = re.compile(r"^( *)```([^\n]*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(rf"`((?:{'|'.join(CHECKED)}) [^`]+)`")


class Snippet(NamedTuple):
    """A fenced block: its language, its text without indentation."""

    language: str
    text: str


def snippets(page: str, language: str | None = None) -> list[Snippet]:
    """The fenced blocks of a page, of one language or of all."""
    text = (REPOSITORY / page).read_text(encoding="utf-8")
    found = [Snippet(m[2].strip(), textwrap.dedent(m[3])) for m in _FENCE.finditer(text)]
    return [snippet for snippet in found if language in (None, snippet.language)]


def named_files(page: str) -> dict[str, str]:
    """The files that a page tells its reader to write: their first line is ``# NAME``."""
    found = {}
    for snippet in snippets(page):
        if match := re.match(r"# ([\w-]+\.yaml)\b", snippet.text):
            found[match[1]] = snippet.text
    return found


def commands(page: str) -> Iterator[list[str]]:
    """The words of each command of a page, in blocks of ``sh`` and in running text."""
    for snippet in snippets(page, "sh"):
        lines = snippet.text.replace("\\\n", " ").splitlines()
        for line in lines:
            yield from _commands(line)
    text = _FENCE.sub("", (REPOSITORY / page).read_text(encoding="utf-8"))
    for match in _INLINE.finditer(text):
        yield from _commands(" ".join(match[1].split()))


def _commands(line: str) -> Iterator[list[str]]:
    lexer = shlex.shlex(line, posix=True, punctuation_chars="&|;>")
    lexer.whitespace_split = True
    words: list[str] = []
    for word in [*lexer, ";"]:
        if not set(word) <= set("&|;>"):
            words.append(word)
        elif words:
            while "=" in words[0] and words[0].partition("=")[0].isupper():
                words.pop(0)  # a variable of the environment
            yield words
            words = ["redirected to"] if word == ">" else []

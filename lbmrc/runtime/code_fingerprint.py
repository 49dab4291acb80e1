"""What a stage's code is, as a short digest: by content, never by age.

A rule gives ``code_fingerprint`` of its script as a parameter, so that a stage runs again if and
only if a module that it imports, however indirectly, was edited. Imports are read from the text
without executing it, those inside functions too; of a statement that begins on a line of its own,
as formatters leave them. Standard library only, and quick: Snakemake asks at every start.
"""

import ast
import hashlib
import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from lbmrc.common.hashing import file_digest

_DIGITS = 16
_IMPORT = re.compile(
    r"^[ \t]*((?:from[ \t]+[.\w]+[ \t]+)?import[ \t]+(?:\([^)]*\)|(?:.*\\\n)*.*))", re.MULTILINE
)
_FOR_TYPES_ONLY = re.compile(
    r"^([ \t]*)if (?:typing\.)?TYPE_CHECKING:[^\n]*\n(?:\1[ \t]+[^\n]*\n|[ \t]*\n)+", re.MULTILINE
)


def code_fingerprint(script: str | Path, root: str | Path) -> str:
    """Digest of a script and of all modules under ``root`` that it imports, directly or not."""
    root = Path(root).resolve()
    digest = hashlib.sha256()
    for path in import_closure(script, root):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(root).as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()[:_DIGITS]


def import_closure(script: str | Path, root: str | Path) -> list[Path]:
    """The script and the modules that running it can import, sorted.

    Modules are looked for in ``root`` and beside the script; what is not found there (the standard
    library, installed packages) is left out. A package's ``__init__`` comes with its modules.
    """
    root, script = Path(root).resolve(), Path(script).resolve()
    places = (root, script.parent)
    found, waiting = {script}, [script]
    while waiting:
        path = waiting.pop()
        for name in _imported_names(path, root):
            new = set(_files_of(name, places)) - found
            found |= new
            waiting += new
    return sorted(found)


def module_fingerprints(files: Iterable[Path], root: str | Path) -> dict[str, str]:
    """Path under ``root`` and digest of each file."""
    root = Path(root).resolve()
    return {
        path.relative_to(root).as_posix(): file_digest(path)[:_DIGITS] for path in sorted(files)
    }


@cache
def _imported_names(path: Path, root: Path) -> frozenset[str]:
    """Dotted names that a file imports; ``from a import b`` counts as a and a.b."""
    text = _FOR_TYPES_ONLY.sub("", path.read_text(encoding="utf-8"))
    names = set()
    for statement in _IMPORT.findall(text):
        try:
            node = ast.parse(statement).body[0]
        except SyntaxError:
            continue  # a line of prose that begins like an import
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = ".".join(filter(None, [_package(path, root, node.level), node.module]))
            names.add(module)
            names.update(f"{module}.{alias.name}" for alias in node.names)
    return frozenset(names)


def _package(path: Path, root: Path, level: int) -> str:
    """The package that ``level`` dots mean in a file; none for an absolute import."""
    if level == 0:
        return ""
    return ".".join(path.relative_to(root).parts[:-level])


@cache
def _files_of(name: str, places: tuple[Path, ...]) -> tuple[Path, ...]:
    """The files that importing ``a.b.c`` executes: of a, a.b and a.b.c."""
    files = []
    parts = name.split(".")
    for place in places:
        for depth in range(1, len(parts) + 1):
            stem = place.joinpath(*parts[:depth])
            if (package := stem / "__init__.py").is_file():
                files.append(package)
            elif (module := stem.with_name(stem.name + ".py")).is_file():
                files.append(module)
            elif not stem.is_dir():
                break
    return tuple(files)

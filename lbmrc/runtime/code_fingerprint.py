"""A short digest of a stage's code: of what it does, never of its text or age.

A rule has the ``code_fingerprint`` of its script as a parameter, so a stage runs again if and only
if the syntax (`lbmrc.runtime.syntax`) has changed in a module that can affect a result and that it
imports, directly or indirectly. Imports are read without executing them, also inside functions.
Standard library only, and quick: Snakemake computes it at every start.
"""

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import NamedTuple

from lbmrc.runtime.syntax import Import, canonical, imports

WITHOUT_INFLUENCE = {
    "lbmrc.__init__": "names for people, which no stage uses",
    "lbmrc.common.atomic": "how a file gets its name, not what it holds",
    "lbmrc.common.columns": "describes columns to readers of files",
    "lbmrc.common.errors": "an exception that carries a text for people",
    "lbmrc.common.nearest": "hints in error messages",
    "lbmrc.common.paths": "where files are; rules name the paths of a stage",
    "lbmrc.common.visible": "the words of errors",
    "lbmrc.common.progress": "writes to standard error only",
    "lbmrc.runtime.gpu_locks": "chooses among GPUs that are free",
    "lbmrc.runtime.interrupts": "ends a stage early",
    "lbmrc.runtime.manifest": "describes a stage; no stage reads it to compute",
    "lbmrc.runtime.stage": "passes on the arguments that a script declares; reports its errors",
}
"""Modules that cannot affect a result, and why; they and their imports count for no stage."""

_DIGITS = 16


class _Module(NamedTuple):
    digest: str
    imports: frozenset[Import]


def code_fingerprint(script: str | Path, root: str | Path) -> str:
    """Digest of a script and of all modules under ``root`` that it computes with."""
    modules = module_fingerprints(import_closure(script, root), root)
    lines = "\n".join(f"{name}\0{digest}" for name, digest in modules.items())
    return hashlib.sha256(lines.encode()).hexdigest()[:_DIGITS]


def import_closure(script: str | Path, root: str | Path) -> list[Path]:
    """The script and the modules that it can import and that can affect a result, sorted.

    Modules are searched for in ``root`` and next to the script; others (the standard library,
    installed packages) are left out. A package's ``__init__`` is included with its modules, unless
    it cannot affect a result.
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
    """Path under ``root`` and digest of the syntax of each file."""
    root = Path(root).resolve()
    return {
        path.relative_to(root).as_posix(): _module(path.read_bytes()).digest
        for path in sorted(files)
    }


@cache
def _module(content: bytes) -> _Module:
    tree = ast.parse(content)
    imported = frozenset(imports(tree))
    return _Module(hashlib.sha256(canonical(tree).encode()).hexdigest()[:_DIGITS], imported)


def _imported_names(path: Path, root: Path) -> set[str]:
    """Dotted names that a file imports; ``from a import b`` counts as a and a.b."""
    names = set()
    for level, module, name in _module(path.read_bytes()).imports:
        package = path.relative_to(root).parts[:-level] if level else ()
        origin = ".".join([*package, *([module] if module else [])])
        names |= {origin, f"{origin}.{name}"} if name else {origin}
    return names


@cache
def _files_of(name: str, places: tuple[Path, ...]) -> tuple[Path, ...]:
    """The files of a, a.b and a.b.c, which importing ``a.b.c`` executes, except those that cannot
    affect a result."""
    files = []
    parts = name.split(".")
    for place in places:
        for depth in range(1, len(parts) + 1):
            if ".".join(parts[:depth]) in WITHOUT_INFLUENCE:
                break
            stem = place.joinpath(*parts[:depth])
            if (package := stem / "__init__.py").is_file():
                name = ".".join([*parts[:depth], "__init__"])
                files += [] if name in WITHOUT_INFLUENCE else [package]
            elif (module := stem.with_name(stem.name + ".py")).is_file():
                files.append(module)
            elif not stem.is_dir():
                break
    return tuple(files)

"""The syntax of a module: what changes it, what doesn't, and that all Pythons agree on it."""

import ast
import hashlib
import shutil
import subprocess
from pathlib import Path

import pytest

from lbmrc.runtime import syntax
from lbmrc.runtime.syntax import canonical

STAGE = '''"""A stage."""
import json
from pathlib import Path

LIMIT = 10


@cache
def work(path: Path, *, times=2, **more) -> list:
    """What it does."""
    # why
    if times > LIMIT and not more:
        raise ValueError(f"{path}: {times} is more than {LIMIT}")
    log.warning("%d lines", times)
    return [line.strip() for line in path.read_text().split("\\n")] * times


def text(value: float) -> str:
    return f"{value:.1f} of " f"{LIMIT}"
'''

SAME = {
    "comment": ("    # why\n", "    # another reason\n\n"),
    "blank lines": ("\n\n\n", "\n\n\n\n\n"),
    "docstring of the module": ('"""A stage."""\n', '"""Another."""\n'),
    "no docstring of the module": ('"""A stage."""\n', ""),
    "docstring of a function": ('    """What it does."""\n', '    """More\n    words."""\n'),
    "text after a value": ("LIMIT = 10\n", 'LIMIT = 10\n"""The most."""\n'),
    "pass": ("    # why\n", "    pass\n"),
    "quotes": ('"\\n"', "'\\n'"),
    "a long text in two": ('"%d lines"', '"%d " "lines"'),
    "line wrapping": ("path.read_text()", "(\n        path\n        .read_text()\n    )"),
    "line continuation": ("times > LIMIT and", "times > LIMIT \\\n        and"),
    "parentheses": ("times > LIMIT and not more", "((times > LIMIT) and (not more))"),
    "trailing comma": ("**more)", "**more,)"),
    "spelling of a number": ("LIMIT = 10", "LIMIT = 0xA"),
    "order of imports": (
        "import json\nfrom pathlib import Path\n",
        "from pathlib import Path\nimport json\n",
    ),
    "imports for type checkers": (
        "LIMIT = 10\n",
        "if TYPE_CHECKING:\n    import torch\nLIMIT = 10\n",
    ),
    "annotations of a function": ("(value: float) -> str:", "(value):"),
    "message of an error": ('f"{path}: {times} is more than {LIMIT}"', 'f"{path}: " + "too many"'),
    "message to the log": ('log.warning("%d lines", times)', 'log.info("lines: %d", times)'),
    "no message to the log": ('    log.warning("%d lines", times)\n', ""),
    "parts of an f-string": ('f"{value:.1f} of " f"{LIMIT}"', 'f"{value:.1f} " f"of {LIMIT}"'),
}

OTHER = {
    "operator": ("times > LIMIT", "times >= LIMIT"),
    "logical operator": ("LIMIT and not", "LIMIT or not"),
    "negation": ("not more", "more"),
    "number": ("LIMIT = 10", "LIMIT = 11"),
    "type of a number": ("LIMIT = 10", "LIMIT = 10.0"),
    "sign": ("LIMIT = 10", "LIMIT = -10"),
    "text": ('"\\n"', '"\\t"'),
    "name": ("LIMIT = 10", "MOST = 10"),
    "attribute": ("line.strip()", "line.rstrip()"),
    "argument": ("line.strip()", 'line.strip(" ")'),
    "default": ("times=2", "times=3"),
    "keyword-only": ("*, times", "times"),
    "decorator": ("@cache", "@lru_cache"),
    "no decorator": ("@cache\n", ""),
    "import": ("import json", "import math"),
    "name of an import": ("import json", "import json as other"),
    "place of an import": ("import json", "from . import json"),
    "kind of error": ("ValueError", "TypeError"),
    "value in an error": ("raise ValueError(", "raise ValueError(times, "),
    "text that code may read": ("raise ValueError(", "raise Lost("),
    "effect in a message to the log": ('"%d lines", times', '"%d lines", path.unlink()'),
    "format": (":.1f", ":.2f"),
    "conversion": ('f"{LIMIT}"', 'f"{LIMIT!r}"'),
    "order of statements": ("    # why\n", "    times += 1\n"),
    "annotation of a decorated function": ("path: Path", "path: str"),
    "key of a dictionary": ("LIMIT = 10", "LIMIT = {None: 10}"),
}


def digest(text: str) -> str:
    return hashlib.sha256(canonical(ast.parse(text)).encode()).hexdigest()


def edited(old: str, new: str) -> str:
    assert old in STAGE
    return STAGE.replace(old, new)


@pytest.mark.parametrize("edit", SAME)
def test_what_cannot_change_a_result_changes_nothing(edit):
    assert digest(edited(*SAME[edit])) == digest(STAGE)


@pytest.mark.parametrize("edit", OTHER)
def test_what_can_change_a_result_changes_it(edit):
    assert digest(edited(*OTHER[edit])) != digest(STAGE)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("d = {None: x}", "d = {**x}"),
        ("x = 1", "x = True"),
        ("x = 'a'", "x = b'a'"),
        ("x = 'None'", "x = None"),
        ("x = 0.0", "x = -0.0"),
        ("def f(a, *, b, c=1): ...", "def f(a, *, b=1, c): ..."),
        ("def f(a, /, b): ...", "def f(a, b): ..."),
        ("import a as x\nimport b as x", "import b as x\nimport a as x"),
        ("from a import *\nfrom b import *", "from b import *\nfrom a import *"),
        ("raise Lost('a')", "raise Lost('b')"),
        ("log.note('a')", "log.note('b')"),
        ("log.info('a', f(1))", "log.info('a', f(2))"),
        ("for x in y: pass", "async def f():\n for x in y: pass"),
        ("try: f()\nexcept E: pass", "try: f()\nexcept* E: pass"),
        ("match x:\n case None: f()", "match x:\n case True: f()"),
        ("f'{x}'", "f'{x!s}'"),
        ("f'{{x}}'", "f'{x}'"),
        ("class A: x: int", "class A: x: float"),
        ("if TYPE_CHECKING: x\nelse: y", "if TYPE_CHECKING: x\nelse: z"),
        ("global a", "nonlocal a"),
    ],
)
def test_a_difference_stays_a_difference(one, other):
    assert digest(one) != digest(other)


# What the versions of Python have trees of their own for, or other names of characters.
PECULIAR = r"""
def f(a: int, /, b: str = "1", *args: int, c, d: int = 2, **k: str) -> int: return a
class A(B, metaclass=C): ...
x = f"{x:}" f"{x=}" "b" f"{x = !r:>{w}}" f"{{{x}}}" f"{x:%H:%M{{}}}" f"{x!s:{'>'}{w}}" u"k"
y = rf"\d{x}\n" f"\N{BULLET}{x}\n" f"" "" f"{y!a}{'' f'' ''}"
z = "\U0001FAE8 \ud800" + "\u1c8a" + "é"
c = -0.0, 1e999, 1_000, 0x1F, 1j, ..., None, True
d = {**{}, None: 1}
with (open(x) as q, open(y) as r): pass
try: pass
except* ValueError: pass
match x:
    case {"a": 1, **rest} if rest: pass
    case [1, *_] | None: pass
lambda q, *, z=1: (q, z)
"""


def test_every_python_writes_the_same():
    assert digest(PECULIAR) == ("d443cd0a0f8ee44718a4ee858aea90a0e9dbbde5d26a7c643c3415709815f1b7")


PROGRAM = """
import ast, hashlib, importlib.util, sys
spec = importlib.util.spec_from_file_location("syntax", sys.argv[1])
syntax = importlib.util.module_from_spec(spec)
spec.loader.exec_module(syntax)
for path in sys.argv[2:]:
    with open(path, "rb") as file:
        print(hashlib.sha256(syntax.canonical(ast.parse(file.read())).encode()).hexdigest())
"""


@pytest.mark.parametrize("python", ["python3.11", "python3.12", "python3.13"])
def test_another_python_reads_the_same_in_the_whole_library(python, repository):
    if shutil.which(python) is None or subprocess.run([python, "-V"]).returncode != 0:
        pytest.skip(f"no {python} here")
    files = sorted((repository / "lbmrc").rglob("*.py"))
    ran = subprocess.run(
        [python, "-c", PROGRAM, syntax.__file__, *map(str, files)],
        capture_output=True,
        text=True,
        check=True,
    )
    ours = [digest(Path(file).read_text(encoding="utf-8")) for file in files]
    assert ran.stdout.split() == ours

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

from lbmrc.runtime import code_fingerprint as fingerprint
from lbmrc.runtime.code_fingerprint import WITHOUT_INFLUENCE, code_fingerprint, import_closure
from lbmrc.runtime.syntax import imports

ROOT = Path(__file__).parents[3]
SCRIPTS = sorted((ROOT / "workflow/scripts").glob("*.py"))


@pytest.fixture(autouse=True)
def forget():
    fingerprint._files_of.cache_clear()


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def closure(root: Path, script: str = "scripts/stage.py") -> set[str]:
    return {str(path.relative_to(root)) for path in import_closure(root / script, root)}


PROJECT = {
    "scripts/stage.py": "import json\nfrom lib.a import work\nimport helper\n",
    "scripts/helper.py": "import lib.deep.inner as inner\n",
    "lib/__init__.py": "",
    "lib/a.py": (
        '"""Words\nimport lib.prose, and more\nfrom lib import nothing at all\n"""\n'
        "from typing import TYPE_CHECKING\n"
        "from lib import (\n    b,  # a module\n    VALUE,\n)\n"
        "if TYPE_CHECKING:\n    from lib.types_only import T\n\n"
        "def work():\n    from .c import thing\n    import os\n"
    ),
    "lib/b.py": "from . import d\n",
    "lib/c.py": "from .deep import \\\n    outer\n",
    "lib/d.py": "",
    "lib/deep/__init__.py": "",
    "lib/deep/inner.py": "from ..e import x\n",
    "lib/deep/outer.py": "",
    "lib/e.py": "from lib.a import work\n",
    "lib/prose.py": "",
    "lib/types_only.py": "",
    "lib/unused.py": "",
    "README.md": "",
}


def test_the_closure_of_a_small_project(tmp_path):
    write(tmp_path, PROJECT)
    expected = {name for name in PROJECT if name.endswith(".py")}
    assert closure(tmp_path) == expected - {"lib/types_only.py", "lib/unused.py", "lib/prose.py"}


def test_edits_inside_the_closure_change_the_fingerprint_and_no_others(tmp_path):
    write(tmp_path, PROJECT)
    inside = closure(tmp_path)
    before = code_fingerprint(tmp_path / "scripts/stage.py", tmp_path)
    for name in PROJECT:
        path = tmp_path / name
        path.write_text(PROJECT[name] + "\nx = 1\n")
        after = code_fingerprint(tmp_path / "scripts/stage.py", tmp_path)
        assert (after != before) == (name in inside), name
        path.write_text(PROJECT[name])


def test_a_fingerprint_knows_no_place_and_no_age(tmp_path):
    write(tmp_path / "here", PROJECT)
    write(tmp_path / "there", PROJECT)
    here, there = (
        code_fingerprint(tmp_path / place / "scripts/stage.py", tmp_path / place)
        for place in ("here", "there")
    )
    assert here == there


IMPORTED = """
import json, runpy, sys
root, *scripts = sys.argv[1:]
for script in scripts:
    for name in [name for name in sys.modules if name.split(".")[0] == "lbmrc"]:
        del sys.modules[name]
    sys.path[:0] = [script.rpartition("/")[0], root]
    runpy.run_path(script, run_name="imported")
    files = [getattr(module, "__file__", None) or "" for module in list(sys.modules.values())]
    print(json.dumps([file for file in files if file.startswith(root + "/lbmrc")]))
"""


@pytest.mark.slow
def test_the_closure_of_a_script_holds_what_it_really_imports():
    # what functions import as they run is held against the closure where the workflow is run
    ran = subprocess.run(
        [sys.executable, "-c", IMPORTED, str(ROOT), *map(str, SCRIPTS)],
        capture_output=True,
        text=True,
    )
    assert ran.returncode == 0, ran.stderr
    for script, line in zip(SCRIPTS, ran.stdout.splitlines(), strict=True):
        imported = {Path(file) for file in json.loads(line)}
        assert imported
        assert imported <= {*import_closure(script, ROOT), *without_influence()}, script


def without_influence() -> set[Path]:
    """The files that are part of no stage, those included that only they import."""
    names = [name.replace(".", "/") + ".py" for name in WITHOUT_INFLUENCE]
    return {path for name in names for path in import_closure(ROOT / name, ROOT)}


def test_modules_without_influence_and_what_only_they_import_are_left_out(tmp_path):
    write(
        tmp_path,
        {
            "scripts/stage.py": "import lbmrc.runtime.stage\nfrom lbmrc.common import errors, x\n",
            "lbmrc/__init__.py": "def __getattr__(name): ...\n",
            "lbmrc/common/__init__.py": "",
            "lbmrc/common/errors.py": "",
            "lbmrc/common/x.py": "from lbmrc.common.errors import UserError\n",
            "lbmrc/runtime/__init__.py": "",
            "lbmrc/runtime/stage.py": "import lbmrc.y\n",
            "lbmrc/y.py": "",
        },
    )
    assert closure(tmp_path) == {
        "scripts/stage.py",
        "lbmrc/common/__init__.py",
        "lbmrc/common/x.py",
        "lbmrc/runtime/__init__.py",
    }


# Whoever adds a name here has made sure that it cannot change what a stage writes.
TAKEN = {
    "lbmrc.__init__": set(),
    "lbmrc.common.atomic": {"remove", "replacing", "write_text"},
    "lbmrc.common.columns": {"described"},
    "lbmrc.common.errors": {"UserError"},
    "lbmrc.common.nearest": {"nearest"},
    "lbmrc.common.paths": {"SystemPaths"},
    "lbmrc.common.progress": {"progress"},
    "lbmrc.common.visible": {"lookalike_at", "unseen_difference"},
    "lbmrc.runtime.gpu_locks": {"take_gpus"},
    "lbmrc.runtime.interrupts": {"INTERRUPTS", "Interrupted", "handle", "restore"},
    "lbmrc.runtime.manifest": {"device_of_shards"},
    "lbmrc.runtime.stage": {"run", "state_folder"},
}


def test_only_these_names_are_taken_from_modules_without_influence():
    taken = {name: set() for name in WITHOUT_INFLUENCE}
    for path in {path for script in SCRIPTS for path in import_closure(script, ROOT)}:
        for level, module, name in imports(ast.parse(path.read_bytes())):
            assert not (level and "lbmrc" in path.parts), f"{path}: a relative import"
            assert f"{module}.{name}" not in taken, f"{path}: imports all of {module}.{name}"
            if module == "lbmrc" and not (ROOT / "lbmrc" / name).is_dir():
                taken["lbmrc.__init__"].add(name)
            if module in taken:
                taken[module].add(name)
    assert taken == TAKEN

"""Who may import whom: packages only those below them, modules never in a circle."""

import ast
import graphlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

# From the ground up. Of two names that fit a module, the longer one counts.
LAYERS = [
    {"common"},
    {"config", "data", "model", "tokenization", "runtime", "analysis", "terminal"},
    {"translation", "windows"},
    {"branches", "planning", "evaluation", "lakm", "report", "miniworld"},
    {"training", "serving", "sharing"},
    {"distillation", "lakm.task"},
    {"commands"},
    {"cli"},
]
INNER_LAYERS = {"translation": [{"engines"}, {"recovery"}, {"programs"}]}


def _modules() -> dict[str, Path]:
    """Modules and packages by name below lbmrc, which has none of its own."""
    files = (ROOT / "lbmrc").rglob("*.py")
    names = {
        ".".join(path.relative_to(ROOT / "lbmrc").with_suffix("").parts): path for path in files
    }
    return {name.removesuffix("__init__").removesuffix("."): path for name, path in names.items()}


MODULES = _modules()


def _imported(path: Path) -> set[str]:
    """The modules of lbmrc that a module imports, for type checkers too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
            names = [name if _below(name) in MODULES else node.module for name in names]
        else:
            assert not isinstance(node, ast.ImportFrom), f"{path}: a relative import"
            continue
        found |= {_below(name) for name in names if name.partition(".")[0] == "lbmrc"}
    return found


def _below(name: str) -> str:
    return name.removeprefix("lbmrc").removeprefix(".")


IMPORTS = {name: _imported(path) for name, path in MODULES.items()}


def _place(module: str, layers: list[set[str]]) -> tuple[int, str]:
    """Height of a module's layer and its name there; below all layers if it is in none."""
    fitting = [
        (height, name)
        for height, names in enumerate(layers)
        for name in names
        if f"{module}.".startswith(f"{name}.")
    ]
    return max(fitting, key=lambda place: len(place[1]), default=(-1, ""))


def _upwards(layers: list[set[str]]) -> list[str]:
    """Imports of what is not below: of a higher layer, or of another name in the same."""
    wrong = []
    for module, others in IMPORTS.items():
        (height, name), places = _place(module, layers), {o: _place(o, layers) for o in others}
        wrong += [
            f"{module} imports {other}"
            for other, (other_height, other_name) in places.items()
            if name and other_name not in ("", name) and height <= other_height
        ]
    return sorted(wrong)


def test_every_package_has_its_layer():
    packages = {name.partition(".")[0] for name in MODULES} - {""}
    assert packages <= set().union(*LAYERS)
    assert set().union(*LAYERS) <= MODULES.keys()


def test_packages_import_only_those_below_them():
    assert not _upwards(LAYERS)


@pytest.mark.parametrize("package", INNER_LAYERS)
def test_inside_a_package_subpackages_import_only_those_below_them(package):
    layers = [{f"{package}.{name}" for name in names} for names in INNER_LAYERS[package]]
    assert not _upwards(layers)


def test_no_modules_import_each_other_in_a_circle():
    graphlib.TopologicalSorter(IMPORTS).prepare()


def test_a_package_holds_a_docstring_only():
    # an import there would be part of every stage that uses one module of the package
    for path in (ROOT / "lbmrc").rglob("__init__.py"):
        if path.parent.name == "languages":  # a list of its modules, all of which are always read
            continue
        if path.parent == ROOT / "lbmrc":  # part of no stage, see lbmrc.runtime.code_fingerprint
            continue
        statements = ast.parse(path.read_bytes()).body
        assert all(isinstance(s, ast.Expr) for s in statements) and len(statements) == 1, path

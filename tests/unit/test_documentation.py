"""Every command and every snippet of the documentation is one that works today."""

import ast
import dataclasses
import importlib
import importlib.util
import io
import re
import runpy
import tomllib
import typing
from pathlib import Path

import pytest
import snippets
import yaml
from snakefmt.formatter import Formatter
from snakefmt.parser.parser import Snakefile

from lbmrc.cli import command_parser
from lbmrc.common.errors import UserError
from lbmrc.config import loading
from lbmrc.config.schema import Config

ROOT = snippets.REPOSITORY
LANGUAGES = {"sh", "yaml", "python", "snakemake", "json", "text", "math"}
MADE_BY_THE_READER = {"profiles/mine": "profiles/slurm", "/path/to/lbmrc/Snakefile": "Snakefile"}
OTHER_PROGRAMS = {"git", "cd", ".", "pip", "pre-commit", ".ci/run", "redirected to"}
OTHER_PROGRAMS |= {"benchmarks/gpu.sh"}  # run whole by tests/unit/benchmarks/test_gpu_script.py
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
RULE_TEXT = "\n".join(
    path.read_text(encoding="utf-8")
    for path in [ROOT / "workflow/Snakefile", *(ROOT / "workflow/rules").glob("*.smk")]
)
RULES = set(re.findall(r"^ *rule (\w+):", RULE_TEXT, re.MULTILINE))
TARGETS = RULES | {f"table{number}" for number in range(1, 7)}


@pytest.mark.parametrize("page", snippets.PAGES)
def test_every_block_names_its_language(page):
    assert {snippet.language for snippet in snippets.snippets(page)} <= LANGUAGES


@pytest.mark.parametrize("page", snippets.PAGES)
def test_every_command_is_understood(page, monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)
    checks = {
        "snakemake": _check_snakemake,
        "lbmrc": _check_lbmrc,
        "make": _check_make,
        "python": _check_python,
    }
    for name, text in snippets.named_files(page).items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    for command in snippets.commands(page):
        if command[0] not in OTHER_PROGRAMS:
            assert command[0] in checks, f"{page}: no check for {command}"
            try:
                checks[command[0]](command[1:], tmp_path)
            except (SystemExit, UserError, AssertionError) as error:
                raise AssertionError(f"{page}: {' '.join(command)}: {error!r}") from error


def _check_snakemake(arguments: list[str], folder: Path) -> None:
    from snakemake.cli import parse_args

    _, parsed = parse_args([MADE_BY_THE_READER.get(word, word) for word in arguments])
    for target in parsed.targets:
        assert target in TARGETS | {"TARGET", "TARGETS"} or target.startswith("results/"), target
    for rule in {*(parsed.forcerun or ()), *(parsed.until or ())} - {"RULE"}:
        assert rule in RULES, rule
    if parsed.config:
        assert parsed.configfile or "run" not in parsed.config
    _check_config([str(path) for path in parsed.configfile or []], parsed.config, folder)


def _check_config(files: list[str], overrides: list[str] | None, folder: Path) -> None:
    """Files of the repository and of the page are a config together."""
    written = [folder / name if (folder / name).exists() else Path(name) for name in files]
    kept = [path for path in written if path.name not in ("FILE", "NAME.yaml", "mine.yaml")]
    kept += [path for path in written if path.name == "mine.yaml" and path.parent == folder]
    whole = [str(path) for path in kept]
    if whole or overrides:
        whole = whole or ["config/config.yaml"]
        loading.load_merged(whole, [x for x in overrides or [] if x != "KEY={…}"])


def _check_lbmrc(arguments: list[str], folder: Path) -> None:
    if arguments in (["COMMAND"], ["--version"]):
        return
    if len(arguments) == 1:  # a command named in running text, without its arguments
        parsers = runpy.run_path(str(ROOT / "docs/command_line.py"))["commands"]()
        assert arguments[0] in parsers
        return
    parsed = command_parser().parse_args(arguments)
    files = getattr(parsed, "configfile", None) or []
    overrides = parsed.config if isinstance(getattr(parsed, "config", None), list) else None
    _check_config(files, overrides, folder)


def _check_make(arguments: list[str], _: Path) -> None:
    for word in arguments:
        name, equals, _value = word.partition("=")
        pattern = rf"\$\({name}\)" if equals else rf"^{re.escape(name)}:"
        assert re.search(pattern, MAKEFILE, re.MULTILINE), word


def _check_python(arguments: list[str], _: Path) -> None:
    if arguments[0] == "-m":
        assert importlib.util.find_spec(arguments[1]), arguments[1]
        paths = [word for word in arguments[2:] if "/" in word and arguments[1] == "pytest"]
    else:
        paths = arguments[:1]
        source = Path(arguments[0]).read_text(encoding="utf-8")
        shared = (ROOT / "benchmarks/paired.py").read_text(encoding="utf-8")
        for option in (word for word in arguments if word.startswith("--")):
            assert f'"{option}"' in source + shared, option
    for path in paths:
        assert Path(path).exists(), path


@pytest.mark.parametrize("page", snippets.PAGES)
def test_every_config_in_yaml_is_one(page, tmp_path):
    bases = [
        loading.read(ROOT / f"config/{name}.yaml") for name in ("config", "mini", "xquad", "real")
    ]
    for snippet in snippets.snippets(page, "yaml"):
        path = tmp_path / "snippet.yaml"
        path.write_text(snippet.text, encoding="utf-8")
        data = _as_config(dict(loading.read(path).data))
        errors = [_problem(base, loading.Layer("snippet", data)) for base in bases]
        assert None in errors, f"{page}: {snippet.text}\n{errors}"


def _as_config(data: dict) -> dict:
    """What a snippet sets; engines alone are those of the section `translation`."""
    if all(isinstance(value, dict) and "engine" in value for value in data.values()):
        languages = dict.fromkeys(["en", "es", "de", *data])
        return {"languages": [*languages], "translation": {"engines": data}}
    assert data.keys() <= Config.model_fields.keys()
    return data


def _problem(base: loading.Layer, layer: loading.Layer) -> str | None:
    try:
        loading._checked([base, layer])
    except UserError as error:
        return str(error)
    return None


@pytest.mark.parametrize("page", snippets.PAGES)
def test_python_names_what_exists(page):
    for snippet in snippets.snippets(page, "python"):
        tree = ast.parse(snippet.text)
        known = _imported(tree)
        for node in tree.body:
            for each in ast.walk(node):
                if isinstance(each, ast.Attribute):
                    _kind(each, known)
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                known[node.targets[0].id] = _kind(node.value, known)


def _imported(tree: ast.Module) -> dict[str, typing.Any]:
    known: dict[str, typing.Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                module = importlib.import_module(alias.name)
                top = importlib.import_module(alias.name.partition(".")[0])
                known[alias.asname or top.__name__] = module if alias.asname else top
        elif isinstance(node, ast.ImportFrom):
            module = importlib.import_module(node.module or "")
            known |= {
                alias.asname or alias.name: getattr(module, alias.name) for alias in node.names
            }
    return known


def _kind(node: ast.expr, known: dict[str, typing.Any]) -> typing.Any:
    """The object, or the class of the value, that an expression stands for; None if not known.

    Raises:
        AssertionError: if it has no attribute of such a name.
    """
    if isinstance(node, ast.Name):
        return known.get(node.id)
    if isinstance(node, ast.Call):
        called = _kind(node.func, known)
        return called if isinstance(called, type) or called is None else _returned(called)
    if isinstance(node, ast.Attribute) and (owner := _kind(node.value, known)) is not None:
        fields = (
            [f.name for f in dataclasses.fields(owner)] if dataclasses.is_dataclass(owner) else []
        )
        assert hasattr(owner, node.attr) or node.attr in fields, f"{owner} has no {node.attr}"
        return getattr(owner, node.attr, None)
    return None


def _returned(function: typing.Any) -> typing.Any:
    try:
        kind = typing.get_type_hints(function).get("return")
    except (TypeError, NameError):
        return None
    return kind if isinstance(kind, type) else None


@pytest.mark.parametrize("page", snippets.PAGES)
def test_snakemake_code_is_valid(page):
    for snippet in snippets.snippets(page, "snakemake"):
        assert Formatter(Snakefile(io.StringIO(snippet.text))).get_formatted() == snippet.text


def test_the_page_of_commands_is_in_step():
    page = runpy.run_path(str(ROOT / "docs/command_line.py"))
    text = (ROOT / "docs/cli.md").read_text(encoding="utf-8")
    assert page["with_commands"](text) == text, "run `make docs`"


def test_every_page_is_in_the_order_of_the_site():
    order = yaml.safe_load((ROOT / "mkdocs.yml").read_text(encoding="utf-8"))["nav"]
    listed = set(re.findall(r"[\w-]+\.md", str(order)))
    assert {path.name for path in (ROOT / "docs").glob("*.md")} <= listed


def test_the_citation_and_the_changelog_have_the_version():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    changes = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    version, date = re.findall(r"^## \[(\d.*)\] - (\S+)$", changes, re.MULTILINE)[0]
    assert project["version"] == citation["version"] == version
    assert str(citation["date-released"]) == date
    assert citation["license"] == project["license"]

"""Builds a checked config from YAML files and ``--config``; errors name the file at fault.

Files are merged in order, as Snakemake merges them: tables key by key; any other value replaces
the earlier one. ``null`` in a later file removes a key of an earlier one, and can so remove a
system; another location for a checkpoint replaces the earlier one. Snakemake's own reader loses
duplicate keys, so the workflow's files are read again here.
"""

import copy
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pydantic import ValidationError

from lbmrc.common.errors import UserError
from lbmrc.config.checks import problems
from lbmrc.config.data import CHECKPOINT_KEYS, CHECKPOINT_PLACES
from lbmrc.config.problems import Keys, Problem, of_key_types, of_validation
from lbmrc.config.schema import Config

COMMAND_LINE = "--config"


class Layer(NamedTuple):
    """The settings of one file or of the command line."""

    source: str
    data: Mapping[str, Any]


def load(path: str | Path) -> Config:
    """Read and check a config file.

    Raises:
        UserError: with one line per problem.
    """
    return _checked([read(path)])


def load_merged(paths: Iterable[str | Path], overrides: Iterable[str] = ()) -> Config:
    """Merge files in order, then ``key=value`` overrides, as the workflow does.

    Raises:
        UserError: if a file cannot be read, or the result is not a valid config.
    """
    layers = [read(path) for path in paths]
    for override in overrides:
        key, equals, value = override.partition("=")
        if not equals:
            raise UserError(f"{COMMAND_LINE} {override}: not KEY=VALUE")
        layers.append(Layer(COMMAND_LINE, {key: typed(value)}))
    return _checked(layers)


def load_in_workflow(
    paths: Iterable[str | Path], overrides: Mapping[str, Any], merged: Mapping[str, Any]
) -> Config:
    """The config of a running workflow.

    Args:
        paths: the files that Snakemake read.
        overrides: what its ``--config`` sets.
        merged: Snakemake's merge of both. A workflow that uses this one as a module passes a
            different config, which then takes precedence.

    Raises:
        UserError: as `load_merged`.
    """
    files = [read(path) for path in map(_as_typed_in, paths)]
    given = [Layer(COMMAND_LINE, typed(overrides))] if overrides else []
    if _merged([*files, Layer(COMMAND_LINE, overrides)], as_snakemake=True) != merged:
        files = [Layer(", ".join(layer.source for layer in files) or "config", merged)]
    return _checked([*files, *given])


def parse(data: Mapping[str, Any], source: str) -> Config:
    """Check a config that was read from ``source`` (named in every message).

    Raises:
        UserError: with one line per problem.
    """
    return _checked([Layer(source, data)])


def typed(overrides: Any) -> Any:
    """``--config`` values with the types that they would have in a file (they arrive as text)."""
    if isinstance(overrides, Mapping):
        return {key: typed(value) for key, value in overrides.items()}
    if isinstance(overrides, list):
        return [typed(value) for value in overrides]
    if not isinstance(overrides, str):
        return overrides
    try:
        return yaml.safe_load(overrides)
    except (yaml.YAMLError, ValueError):
        return overrides


# ------------------------------------------------------------------------------------- layers


def _checked(layers: Sequence[Layer]) -> Config:
    wrong_keys = [
        f"{layer.source}: {problem}" for layer in layers for problem in of_key_types(layer.data)
    ]
    if wrong_keys:
        raise UserError("\n".join(wrong_keys))
    data = _merged(layers)
    try:
        config = Config.model_validate(data)
        found = list(problems(config))
    except ValidationError as error:
        found = list(of_validation(error, data))
    if found:
        raise UserError("\n".join(_line(problem, layers) for problem in found))
    return config


def _merged(layers: Iterable[Layer], as_snakemake: bool = False) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for layer in layers:
        _update(data, copy.deepcopy(dict(layer.data)), as_snakemake)
    return data


def _update(data: dict[str, Any], more: Mapping[str, Any], as_snakemake: bool) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(data.get(key), dict):
            if not as_snakemake and _is_another_checkpoint(data[key], value):
                data[key].clear()
            _update(data[key], value, as_snakemake)
        elif not as_snakemake and value is None and key in data:
            del data[key]
        else:
            data[key] = value


def _is_another_checkpoint(section: Mapping[str, Any], more: Mapping[str, Any]) -> bool:
    """Whether ``more`` gives another location for ``section``, which is a checkpoint."""
    places = CHECKPOINT_PLACES.intersection(more)
    return bool(places) and CHECKPOINT_KEYS.issuperset(section) and not places & section.keys()


def _line(problem: Problem, layers: Sequence[Layer]) -> str:
    """The problem after the file at fault: the last that sets the key, or else a parent of it."""
    keys = (*problem.keys, problem.key) if problem.key else problem.keys
    depths = [(len(list(_way(layer.data, keys))), n) for n, layer in enumerate(layers)]
    depth, number = max(depths)
    source = layers[number].source if depth else ", ".join(layer.source for layer in layers)
    system = ("systems", problem.system)
    removers = [layer.source for layer in layers if list(_way(layer.data, system))[1:] == [None]]
    if removers:
        place = ".".join(key for key in problem.keys if isinstance(key, str))
        hint = f": {removers[-1]} removes it, so set {place} there as well"
        problem = problem._replace(hint=hint)
    return f"{source}: {problem}"


def _way(data: Any, keys: Keys) -> Iterator[Any]:
    """The values along the path ``keys``, as far as they exist."""
    for key in keys:
        if isinstance(data, list):
            data = dict(enumerate(data))
        if not isinstance(data, Mapping) or key not in data:
            return
        data = data[key]
        yield data


# -------------------------------------------------------------------------------------- files


def _as_typed_in(path: str | Path) -> Path:
    """Snakemake makes paths absolute; those below the working directory become relative again."""
    path = Path(path)
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def read(path: str | Path) -> Layer:
    """The settings of a file, not validated.

    Raises:
        UserError: if it cannot be read, is not a YAML or JSON table, or gives a key twice.
    """
    try:
        text = Path(path).read_text(encoding="utf-8-sig")
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    try:
        data, twice = _json(text) or _yaml(text)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = f" at line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise UserError(f"{path}: not valid YAML{place} ({error.problem})") from None
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise UserError(
            f"{path}: not valid YAML at line {line} (the character U+{error.character:04X})"
        ) from None
    except (ValueError, RecursionError) as error:
        raise UserError(f"{path}: not valid YAML ({error})") from None
    if twice:
        raise UserError("\n".join(f"{path}: {line}" for line in twice))
    if data is None:
        raise UserError(f"{path}: is empty; a config is a table of keys and values")
    if not isinstance(data, dict):
        raise UserError(f"{path}: a config is a table of keys and values")
    return Layer(str(path), data)


def _json(text: str) -> tuple[Any, list[str]] | None:
    """A JSON config and its duplicate keys; None if it is not JSON."""
    twice: list[str] = []

    def table(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        names = [name for name, _ in pairs]
        twice.extend(f"{n} is there twice" for n in dict.fromkeys(names) if names.count(n) > 1)
        return dict(pairs)

    try:
        return json.loads(text, object_pairs_hook=table), twice
    except ValueError:
        return None


def _yaml(text: str) -> tuple[Any, list[str]]:
    """A YAML config and its duplicate keys."""
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    return yaml.safe_load(text), list(_given_twice(root, (), set()))


def _given_twice(node: yaml.Node | None, keys: Keys, seen: set[int]) -> Iterator[str]:
    if id(node) in seen:  # an alias
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for number, entry in enumerate(node.value):
            yield from _given_twice(entry, (*keys, number), seen)
    if not isinstance(node, yaml.MappingNode):
        return
    lines: dict[str, int] = {}
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode):
            continue
        line, place = key.start_mark.line + 1, (*keys, key.value)
        if key.value in lines:
            first = lines[key.value]
            where = f"line {line}" if first == line else f"lines {first} and {line}"
            yield f"{'.'.join(map(str, place))} is there twice ({where})"
        lines[key.value] = line
        yield from _given_twice(value, place, seen)

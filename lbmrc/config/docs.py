"""The config's JSON schema and key table, from the model: ``python -m lbmrc.config.docs``.

``config/schema.json`` lets an editor complete and check the YAML files; the table is between two
markers in ``config/README.md``. A test fails if either differs from the model.
"""

import json
import typing
from collections.abc import Iterator
from pathlib import Path
from types import UnionType

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from lbmrc.config.schema import Config

_REQUIRED = "**required**"
BEGIN, END = "<!-- keys: made by lbmrc.config.docs -->", "<!-- end of keys -->"


def schema() -> str:
    """The JSON schema of a config file."""
    return json.dumps(Config.model_json_schema(), indent=1, ensure_ascii=False) + "\n"


def key_table() -> str:
    """One line of Markdown per key: its type, default and meaning."""
    lines = ["| key | type | default | meaning |", "|---|---|---|---|"]
    rows: dict[str, list[tuple[str, ...]]] = {}
    for key, *cells in _rows(Config, "", [], set()):
        rows.setdefault(key, []).append(tuple(cells))
    for key, variants in rows.items():
        cells = [" or ".join(dict.fromkeys(filter(None, c))) for c in zip(*variants, strict=True)]
        cells[1] = cells[1].replace(f" or {_REQUIRED} with", " or")
        lines.append("| " + " | ".join([key, *cells]) + " |")
    return "\n".join(lines)


def readme(text: str) -> str:
    """``text`` with the key table between its markers regenerated."""
    before, rest = text.split(BEGIN)
    _, after = rest.split(END)
    return f"{before}{BEGIN}\n{key_table()}\n{END}{after}"


def _rows(
    model: type[BaseModel],
    prefix: str,
    others: list[type[BaseModel]],
    listed: set[tuple[type[BaseModel], ...]],
) -> Iterator[tuple[str, str, str, str]]:
    """The keys of a section; ``others`` are its alternatives at the same place. The keys of a set
    of alternatives are listed where it occurs first."""
    for name, field in model.model_fields.items():
        key = f"{prefix}{name}"
        inner = list(_models(field.annotation))
        default = _default(field, bool(inner))
        if default == _REQUIRED and any(name not in other.model_fields for other in others):
            default += f" with {_kind(model)}"
        yield f"`{key}`", _type(field), default, _meaning(field, inner)
        if len(inner) > 1 and tuple(inner) in listed:
            continue
        listed.add(tuple(inner))
        star = ".*" if typing.get_origin(field.annotation) is dict else ""
        for section in inner:
            if section in others:
                continue  # the level above lists its keys
            alternatives = [x for x in inner if x is not section]
            yield from _rows(section, f"{key}{star}.", alternatives, listed)


def _kind(model: type[BaseModel]) -> str:
    """The kind that distinguishes a section from its alternatives."""
    fields = model.model_fields
    return _type(fields.get("kind") or fields["engine"])


def _models(annotation: typing.Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        return
    for part in typing.get_args(annotation):
        yield from _models(part)


def _type(field: FieldInfo) -> str:
    return _type_name(field.annotation).replace("|", "\\|")


def _type_name(annotation: typing.Any) -> str:
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type_name(arguments[0])
    if origin is typing.Literal:
        return " | ".join(f"`{value}`" for value in arguments)
    if origin in (UnionType, typing.Union):
        return " | ".join(dict.fromkeys(_type_name(a) for a in arguments if a is not type(None)))
    if origin is list:
        return f"list of {_type_name(arguments[0])}"
    if origin is tuple:
        return f"{len(arguments)} × {_type_name(arguments[0])}"
    if origin is dict:
        return f"table of {_type_name(arguments[1])}"
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "section"
    names = {str: "text", int: "whole number", float: "number", bool: "true/false"}
    return names.get(annotation, "any")


def _default(field: FieldInfo, is_section: bool) -> str:
    if field.default is PydanticUndefined:
        return _REQUIRED
    if field.default is None or is_section:
        return ""
    return f"`{json.dumps(field.default, ensure_ascii=False)}`"


def _meaning(field: FieldInfo, inner: list[type[BaseModel]]) -> str:
    sections = dict.fromkeys(_first_paragraph(section) for section in inner)
    return (field.description or " / ".join(sections)).replace("|", "\\|").replace("``", "`")


def _first_paragraph(section: type[BaseModel]) -> str:
    return " ".join((section.__doc__ or "").split("\n\n")[0].split())


def main(folder: Path = Path("config")) -> None:
    """Write both files."""
    (folder / "schema.json").write_text(schema(), encoding="utf-8")
    path = folder / "README.md"
    path.write_text(readme(path.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

"""A module's behaviour as text: its syntax tree without parts that cannot affect a result.

Left out are comments, layout, docstrings, the order of imports, annotations of functions, imports
for type checkers only, and texts for people: messages of exceptions, of assertions and of the log.
The rest is written in a custom format, since ``ast.dump`` writes the same tree differently in
Python 3.11, 3.12 and 3.13.
"""

import ast
import itertools
from collections.abc import Iterable, Iterator
from typing import NamedTuple, TypeGuard

_LEFT_OUT = frozenset({"ctx", "kind", "type_comment", "type_ignores"})
_ABSENT = "-"
_LOGGERS = frozenset({"log", "logger", "logging"})
_LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
_EFFECTS = (ast.Call, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom)
_IMPORTS = (ast.Import, ast.ImportFrom)


class Import(NamedTuple):
    """``from <level dots><module> import <name>``; ``import a.b`` has no name."""

    level: int
    module: str
    name: str


def imports(tree: ast.AST) -> list[Import]:
    """The imports of a module, including those in functions, but not those for type checkers."""
    found: list[Import] = []
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.Import):
            found += [Import(0, alias.name, "") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            found += [Import(node.level, node.module or "", alias.name) for alias in node.names]
        elif isinstance(node, ast.If) and _is_for_type_checkers(node):
            waiting += node.orelse
        elif not isinstance(node, ast.expr):
            waiting += ast.iter_child_nodes(node)
    return found


def canonical(node: ast.AST) -> str:
    """A tree of ``ast.parse`` as text; removes the annotations of functions from the tree."""
    if isinstance(node, ast.Constant):
        # not repr: which characters it escapes depends on the Unicode version of Python
        return ascii(node.value)
    if isinstance(node, ast.JoinedStr):
        return _f_string(node)
    if isinstance(node, ast.Call) and _makes_error(node):
        return _without_words(node)
    if isinstance(node, ast.FormattedValue) and _is_empty(node.format_spec):
        node.format_spec = None
    elif isinstance(node, ast.Assert):
        node.msg = None
    elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and not node.decorator_list:
        node.returns = None  # only a decorator could read annotations
        for argument in ast.walk(node.args):
            if isinstance(argument, ast.arg):
                argument.annotation = None
    parts = []
    for name in node._fields:
        # which empty fields a node has depends on the version of Python
        value = getattr(node, name, None)
        if value is not None and name not in _LEFT_OUT and (text := _value(value)):
            parts.append(f"{name}={text}")
    return f"{type(node).__name__}({','.join(parts)})"


def _value(value: ast.AST | list | str | int) -> str:
    if isinstance(value, ast.AST):
        return canonical(value)
    if not isinstance(value, list):
        return ascii(value)
    if value and isinstance(value[0], ast.stmt):
        texts = list(_statements(value))
    else:
        texts = [_ABSENT if item is None else _value(item) for item in value]
    return f"[{','.join(texts)}]" if texts else ""


def _statements(body: Iterable[ast.stmt]) -> Iterator[str]:
    for are_imports, run in itertools.groupby(body, lambda node: isinstance(node, _IMPORTS)):
        if are_imports:
            yield from _imports_in_any_order(node for node in run if isinstance(node, _IMPORTS))
            continue
        for statement in run:
            if isinstance(statement, ast.If) and _is_for_type_checkers(statement):
                yield from _statements(statement.orelse)
            elif isinstance(statement, ast.Expr) and _logs(statement.value):
                if any(isinstance(node, _EFFECTS) for node in _inside_arguments(statement.value)):
                    yield _without_words(statement.value)
            elif not _does_nothing(statement):
                yield canonical(statement)


def _imports_in_any_order(run: Iterable[ast.Import | ast.ImportFrom]) -> list[str]:
    """Neighbouring imports, one per name; sorted unless two of them bind the same name."""
    bound = {}
    for statement in run:
        source = ""
        if isinstance(statement, ast.ImportFrom):
            source = "." * statement.level + (statement.module or "") + ":"
        for alias in statement.names:
            name = alias.asname or (alias.name if source else alias.name.partition(".")[0])
            bound[f"Import({source}{alias.name},{alias.asname or _ABSENT})"] = name
    ambiguous = "*" in bound.values() or len({*bound.values()}) < len(bound)
    return list(bound) if ambiguous else sorted(bound)


def _does_nothing(node: ast.stmt) -> bool:
    """``pass``, ``...``, and docstrings in any position."""
    constant = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return constant or isinstance(node, ast.Pass)


def _logs(node: ast.expr) -> TypeGuard[ast.Call]:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in _LEVELS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id in _LOGGERS
    )


def _makes_error(call: ast.Call) -> bool:
    """Whether it creates an exception named …Error, whose text is for people; code may read the
    text of other exceptions."""
    name = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
    return name.endswith("Error")


def _without_words(call: ast.Call) -> str:
    """A call without its text arguments: string literals, f-strings, concatenations of them."""
    arguments = [*call.args, *call.keywords]
    kept = ",".join(canonical(argument) for argument in arguments if not _is_words(argument))
    return f"Call({canonical(call.func)},[{kept}])"


def _inside_arguments(call: ast.Call) -> Iterator[ast.AST]:
    for argument in (*call.args, *call.keywords):
        yield from ast.walk(argument)


def _is_words(node: ast.AST) -> bool:
    if isinstance(node, ast.keyword):
        return _is_words(node.value)
    if isinstance(node, ast.BinOp):
        return _is_words(node.left) or _is_words(node.right)
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _is_empty(format_spec: ast.expr | None) -> bool:
    return isinstance(format_spec, ast.JoinedStr) and not format_spec.values


def _f_string(node: ast.JoinedStr) -> str:
    """Its parts, adjacent texts joined: where they are split depends on the version of Python."""
    texts = []
    for kind, parts in itertools.groupby(node.values, type):
        if kind is ast.Constant:
            values = (part.value for part in parts if isinstance(part, ast.Constant))
            texts.append(ascii("".join(map(str, values))))
        else:
            texts += map(canonical, parts)
    return f"JoinedStr({','.join(text for text in texts if text != ascii(''))})"


def _is_for_type_checkers(node: ast.If) -> bool:
    name = getattr(node.test, "id", None) or getattr(node.test, "attr", None)
    return name == "TYPE_CHECKING"

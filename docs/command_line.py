"""Write the commands in ``docs/cli.md`` from the parser: ``python docs/command_line.py``.

A test fails where the page is out of step with it.
"""

import argparse
import re
from collections.abc import Iterator
from pathlib import Path

from lbmrc.cli import command_parser

PAGE = Path(__file__).with_name("cli.md")
_COMMANDS = re.compile(
    r"(<!-- commands: made by docs/command_line.py -->\n).*(<!-- end -->)", re.DOTALL
)


def commands() -> dict[str, argparse.ArgumentParser]:
    """The parser of each command, by its name."""
    (action,) = (a for a in command_parser()._actions if isinstance(a, argparse._SubParsersAction))
    return dict(action.choices)


def with_commands(text: str) -> str:
    """The page with what stands between its two markers renewed."""
    lines = [line for name, parser in commands().items() for line in _section(name, parser)]
    return _COMMANDS.sub(lambda match: "\n".join([match[1], *lines, match[2]]), text)


def _section(name: str, parser: argparse.ArgumentParser) -> Iterator[str]:
    yield from (f"## lbmrc {name}", "", parser.description or "", "")
    yield from ("| argument | meaning |", "|---|---|")
    for action in parser._actions:
        if action.dest != "help" and action.help != argparse.SUPPRESS:
            required = "; required" if action.required and action.option_strings else ""
            yield f"| {_form(action)} | {action.help or ''}{required} |"
    yield ""


def _form(action: argparse.Action) -> str:
    choices = " \\| ".join(map(str, action.choices or ()))
    value = "" if action.nargs == 0 else choices or str(action.metavar or action.dest.upper())
    value += " …" if action.nargs in ("+", "*") else ""
    names = ", ".join(action.option_strings)
    return f"`{' '.join(filter(None, (names, value)))}`"


if __name__ == "__main__":
    PAGE.write_text(with_commands(PAGE.read_text(encoding="utf-8")), encoding="utf-8")

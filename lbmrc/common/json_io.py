"""Reads users' JSON files, with errors that give the position of the problem."""

import json
from pathlib import Path
from typing import Any

from lbmrc.common.errors import UserError

_COMPRESSED = {
    b"\x1f\x8b": "gzip",
    b"PK\x03\x04": "zip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"\x28\xb5\x2f\xfd": "Zstandard",
}


def read_json(path: str | Path) -> Any:
    """Return the content of a JSON file.

    Raises:
        UserError: if the file cannot be read, is not UTF-8, or is not JSON (with line and column).
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    if problem := _other_format(content):
        raise UserError(f"{path}: {problem}")
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        if _is_json_lines(content):
            raise UserError(
                f"{path}: this is JSON Lines, a JSON value per line; convert it to one JSON value "
                "of the whole file"
            ) from None
        place = f"line {error.lineno}, column {error.colno}"
        raise UserError(
            f"{path}: not valid JSON at {place} ({error.msg}); "
            "the file may be cut off: get it again"
        ) from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except RecursionError:
        raise UserError(f"{path}: JSON nested too deeply to be a data set") from None


def _other_format(content: bytes) -> str:
    """The content's actual format if it is not JSON; empty if it may be JSON."""
    for start, format in _COMPRESSED.items():
        if content.startswith(start):
            return f"compressed by {format}: unpack it"
    if not content.strip():
        return "not valid JSON: it is empty; get it again"
    if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        return "this is a web page or XML, not JSON; download the file itself"
    return ""


def _is_json_lines(content: bytes) -> bool:
    lines = [line for line in content.splitlines() if line.strip()]
    try:
        return len(lines) > 1 and all(isinstance(json.loads(x), dict | list) for x in lines[:2])
    except ValueError:
        return False

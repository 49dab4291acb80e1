"""JSON files as users hand them in: read whole, with an error that says where a file breaks."""

import json
from pathlib import Path
from typing import Any

from lbmrc.common.errors import UserError


def read_json(path: str | Path) -> Any:
    """Return what the JSON file holds.

    Raises:
        UserError: if the file cannot be read, is not UTF-8, or is not JSON (with line and column).
    """
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror}); check the path") from None
    try:
        return json.loads(content)
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise UserError(
            f"{path}: not valid JSON at {place} ({error.msg}); "
            "the file may be cut off: get it again"
        ) from None
    except UnicodeDecodeError as error:
        raise UserError(f"{path}: not UTF-8 at byte {error.start}; save it as UTF-8") from None
    except RecursionError:
        raise UserError(f"{path}: JSON nested too deeply to be a data set") from None

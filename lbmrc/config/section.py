"""The base of all sections of the config: strict keys, and errors for wrong ones."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from lbmrc.common.nearest import nearest

RENAMED, UNKNOWN = "renamed", "unknown"
"""Error types for a key under its former name and for an unknown key. The error's context has the
key."""


class Strict(BaseModel):
    """A section of the config: no unknown keys, no silent conversions.

    ``FORMER_KEYS`` maps renamed keys to their current names; the former ones are rejected.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
    FORMER_KEYS: ClassVar[Mapping[str, str]] = {}

    @model_validator(mode="before")
    @classmethod
    def _known_keys_only(cls, data: Any) -> Any:
        if isinstance(data, Mapping):
            for key in data:
                if key in cls.FORMER_KEYS:
                    raise PydanticCustomError(
                        RENAMED,
                        'this key is now called "{name}"',
                        {"key": key, "name": cls.FORMER_KEYS[key]},
                    )
                if key not in cls.model_fields:
                    raise PydanticCustomError(
                        UNKNOWN,
                        'unknown key "{key}"{hint}',
                        {"key": key, "hint": nearest(str(key), cls.model_fields)},
                    )
        return data

"""What every section of the config has in common: strict keys, and the words for wrong ones."""

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, model_validator
from pydantic_core import PydanticCustomError

from lbmrc.common.nearest import nearest

RENAMED, UNKNOWN = "renamed", "unknown"
"""Types of the errors for a key under its former name and for an unknown one. The error's context
has the key."""


class Strict(BaseModel):
    """A section of the config: no unknown keys, no silent conversions.

    ``FORMER_KEYS`` has the keys that were renamed, each with its name of today; they are refused.
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

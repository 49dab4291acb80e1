"""What every section of the config has in common: strict keys, and the words for wrong ones."""

from collections.abc import Mapping
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

from lbmrc.common.nearest import nearest

Language = Annotated[str, Field(pattern=r"^[a-z]{2,3}$")]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]

RENAMED = "renamed"
"""The type of the error for a key under its former name, which is in the error's context."""


class Strict(BaseModel):
    """A section of the config: no unknown keys, no silent conversions.

    ``FORMER_KEYS`` has the keys that were renamed, each with its name of today; they are refused.
    """

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)
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
                    raise ValueError(f'unknown key "{key}"{nearest(str(key), cls.model_fields)}')
        return data

"""Shards: consecutive parts of a stage's work, one job per shard.

Units that affect the result, such as the windows of one batch, are never split, so the parts
together compute what one job computes, in the same batches.
"""

from collections.abc import Sequence
from typing import NamedTuple, TypeVar

T = TypeVar("T")


class Shard(NamedTuple):
    """Part ``number`` (from 1) of ``parts``."""

    number: int
    parts: int

    @classmethod
    def parse(cls, text: str) -> "Shard":
        """The shard that Snakemake names, such as ``2-of-3``.

        Raises:
            ValueError: if ``text`` is not such a name.
        """
        number, parts = map(int, text.split("-of-"))
        return cls(number, parts)

    def of(self, units: Sequence[T]) -> Sequence[T]:
        """The units of this part; can be empty if there are fewer units than parts."""
        first, end = (n * len(units) // self.parts for n in (self.number - 1, self.number))
        return units[first:end]


WHOLE = Shard(1, 1)
"""All the work, in one job."""

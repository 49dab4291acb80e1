"""The section `study`: one experiment in several runs, each with a different amount of something.

The configs of its other runs are made by `lbmrc.config.variants`.
"""

from typing import Annotated, Literal

from pydantic import Field

from lbmrc.config.section import Strict
from lbmrc.config.translation import AnyEngine
from lbmrc.config.values import Distinct, Language, Name, Seed

Percent = Annotated[int, Field(ge=1, le=100)]
NoiseKind = Literal[
    "wrong_words", "lost_markers", "shifted_markers", "swapped_answers", "untranslated"
]


class NoiseStudy(Strict):
    """``snakemake noise``: the run again with more and more noise in its translations."""

    levels: Distinct[Percent] = Field(
        min_length=1, description="percent of noise of each other run; this run is level 0"
    )
    kinds: Distinct[NoiseKind] = Field(
        min_length=1, description="kinds of `translation.noise`, all of them with a level's share"
    )
    seed: Seed = Field(1, description="seed of the noise")


class BranchStudy(Strict):
    """``snakemake branches``: fewer languages, on all data and with equally many windows."""

    languages: Distinct[Annotated[int, Field(ge=1)]] = Field(
        min_length=1,
        description="how many of `languages`, from the first, each other run has; this run has all",
    )
    windows: int = Field(
        ge=1,
        description="training windows of every system in the runs of equal size: a random part of "
        "its data, or several passes over them",
    )


class Study(Strict):
    """One experiment in several runs, in results/<run>-<variant>."""

    noise: NoiseStudy | None = None
    branches: BranchStudy | None = None
    translators: dict[Name, dict[Language, AnyEngine]] | None = Field(
        None,
        min_length=1,
        description="``snakemake translators``: the run again with other translators; for each "
        "other run its name, and the engines that replace those of `translation.engines`",
    )

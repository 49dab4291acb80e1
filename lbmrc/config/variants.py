"""The other runs of a study, each with a complete config derived from that of the main run.

A variant's results are in ``results/<run>-<name>``.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from lbmrc.config.schema import Config

_OF_ONE_LANGUAGE = ("squad.", "branch.")


def variant_run(config: Config, name: str) -> str:
    """The ``run`` of a variant."""
    return f"{config.run}-{name}"


def noise_name(level: int) -> str:
    """Name of the variant with ``level`` percent of noise."""
    return f"noise-{level}"


def branches_name(count: int, equal_size: bool) -> str:
    """Name of the variant with the first ``count`` languages, all systems trained on equally many
    windows or on all of their data."""
    return f"{count}-languages" + "-equal" * equal_size


def variants(config: Config) -> dict[str, dict[str, Any]]:
    """Name and config of each other run of the study; none without a study."""
    found: dict[str, dict[str, Any]] = {}
    if config.study is None:
        return found
    if noise := config.study.noise:
        for level in noise.levels:
            shares: dict[str, float] = {kind: level / 100 for kind in noise.kinds}
            data = _copy(config, noise_name(level))
            data["translation"]["noise"] = {**shares, "seed": noise.seed}
            found[noise_name(level)] = data
    if branches := config.study.branches:
        steps = -(-branches.windows // config.training.batch_size)
        everything = len(config.languages)
        for count in [*branches.languages, everything]:
            for equal_size in (False, True) if count < everything else (True,):
                name = branches_name(count, equal_size)
                data = _copy(config, name)
                _keep_languages(data, config, config.languages[:count])
                if equal_size:
                    data.setdefault("training", {})["max_steps"] = steps
                found[name] = data
    for name, engines in (config.study.translators or {}).items():
        data = _copy(config, name)
        for language, engine in engines.items():
            data["translation"]["engines"][language] = engine.model_dump(
                mode="json", exclude_unset=True
            )
        found[name] = data
    return found


def _copy(config: Config, name: str) -> dict[str, Any]:
    data = config.model_dump(mode="json", exclude_unset=True, exclude={"study", "sweep"})
    return data | {"run": variant_run(config, name)}


def _keep_languages(data: dict[str, Any], config: Config, languages: Sequence[str]) -> None:
    """Remove other languages, the systems that train on them, and these systems as teachers.
    A student left without teachers is removed too."""
    data["languages"] = list(languages)
    engines = data["translation"]["engines"]
    data["translation"]["engines"] = {k: v for k, v in engines.items() if k in languages}
    kept = {
        name: system
        for name, system in data["systems"].items()
        if not _other_languages(config.systems[name].train or [], languages)
    }
    for name in list(kept):
        if distil := kept[name].get("distil"):
            distil["teachers"] = [x for x in distil["teachers"] if x in kept]
            if not distil["teachers"]:
                del kept[name]
    data["systems"] = kept
    data["comparisons"] = [pair for pair in data.get("comparisons", []) if kept.keys() >= set(pair)]


def _other_languages(datasets: Iterable[str], languages: Sequence[str]) -> list[str]:
    return [
        name
        for name in datasets
        if name.startswith(_OF_ONE_LANGUAGE) and name.partition(".")[2] not in languages
    ]

"""The model card of a trained system: README.md with the hub's metadata at its top.

Input: the run's data on the system (its part of the config, scores, calibration, the manifest
of its training). Output: Markdown. What is not known is stated as unknown, never guessed.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import yaml

from lbmrc.common.markdown import markdown_table
from lbmrc.evaluation.calibration import SPANS, Calibration
from lbmrc.sharing.card_scores import CellScores, Interval
from lbmrc.sharing.licences import (
    UNKNOWN,
    base_model,
    checkpoint_licence,
    checkpoint_name,
    data_licence,
    program_licence,
)
from lbmrc.sharing.plain_code import plain_code

_PAPER = "https://aclanthology.org/2020.coling-main.244"


def model_card(
    about: Mapping[str, Any],
    config: dict[str, Any],
    scores: Sequence[CellScores],
    calibration: Calibration | None,
    manifest: Mapping[str, Any],
) -> str:
    """The whole card in Markdown.

    Args:
        about: run, system, seed, systems (the system and its teachers), languages, backbone,
            translation (each language's engine), source and file of the training data, training and
            distillation, as the workflow's config has them.
        config: the model's config.json.
        scores: benchmark scores.
        manifest: the training's manifest.
    """
    parts = [
        "---\n" + yaml.safe_dump(_metadata(about, scores), sort_keys=False, allow_unicode=True),
        f"---\n\n# {about['system']} (run {about['run']}, seed {about['seed']})\n",
        _what_it_is(about),
        "## Licences that bind\n\n" + _licences(about),
        "## Scores\n\n" + _scores(scores, calibration),
        "## Use\n\n" + _use(config),
        "## Limits\n\n" + _limits(about, scores),
        "## How it was made\n\n" + _origin(about, manifest),
    ]
    return parts[0] + "\n".join(parts[1:])


def _metadata(about: Mapping[str, Any], scores: Sequence[CellScores]) -> dict[str, Any]:
    languages = [*about["languages"], *(cell.passage_language for cell in scores)]
    licence = checkpoint_licence(about["backbone"])
    metadata: dict[str, Any] = {
        "language": list(dict.fromkeys(languages)),
        "license": "other" if licence == UNKNOWN else licence,
        "library_name": "transformers",
        "pipeline_tag": "question-answering",
        "tags": ["extractive-question-answering", "multilingual", "knowledge-distillation"],
        "metrics": ["exact_match", "f1"],
    }
    if base := base_model(about["backbone"]):
        metadata["base_model"] = base
    results = [
        {
            "task": {"type": "question-answering"},
            "dataset": {
                "name": f"{cell.benchmark} {cell.split} ({cell.passage_language})",
                "type": cell.benchmark,
                "split": cell.split,
            },
            "metrics": [
                {"type": "exact_match", "value": round(cell.exact_match, 2)},
                {"type": "f1", "value": round(cell.f1, 2)},
            ],
        }
        for cell in scores
        if cell.passage_language == cell.question_language
    ]
    metadata["model-index"] = [{"name": about["system"], "results": results}]
    return metadata


def _what_it_is(about: Mapping[str, Any]) -> str:
    """What the system was trained on, in sentences."""
    source, *others = about["languages"]
    system = about["systems"][about["system"]]
    files = ", ".join(f"`{file}`" for file in about["files"])
    lines = [
        "Answers a question by a span of a passage; question and passage may be in different "
        f"languages. Made by lbmrc, which reproduces [Liu et al., COLING 2020]({_PAPER}).\n",
        f"- Encoder at the start: {checkpoint_name(about['backbone'])}.",
        f"- Training data: {files} in {source}"
        + (f", translated into {', '.join(others)}:" if others else "."),
    ]
    lines += [f"  - {language}: {_engine(about['translation'][language])}" for language in others]
    if distil := system.get("distil"):
        weights = distil["weights"]
        shown = weights if isinstance(weights, str) else ", ".join(map(str, weights))
        lines.append(
            f"- Distilled from {', '.join(distil['teachers'])} (weights: {shown}) on the union of "
            "the language branches."
        )
        for name in distil["teachers"]:
            lines.append(f"  - {name}: gold labels of {', '.join(about['systems'][name]['train'])}")
    else:
        lines.append(f"- Trained on gold labels of {', '.join(system['train'])}.")
    return "\n".join(lines) + "\n"


def _engine(engine: Mapping[str, Any]) -> str:
    name = engine["engine"]
    if checkpoint := engine.get("checkpoint"):
        return f"{name}, {checkpoint_name(checkpoint)}"
    if command := engine.get("command"):
        return f"`{' '.join(command)}`"
    if legs := engine.get("through"):
        return ", then ".join(_engine(leg) if isinstance(leg, Mapping) else leg for leg in legs)
    return f"{name}, `{engine['file']}`" if engine.get("file") else name


def _translators(engine: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Name and licence of each translator of an engine."""
    if checkpoint := engine.get("checkpoint"):
        yield checkpoint_name(checkpoint), checkpoint_licence(checkpoint)
    if command := engine.get("command"):
        yield command[0], program_licence(command[0])
    for leg in engine.get("through") or []:
        if isinstance(leg, Mapping):
            yield from _translators(leg)


def _licences(about: Mapping[str, Any]) -> str:
    """A table of its parts and their licences, and the consequences for users."""
    backbone = checkpoint_licence(about["backbone"])
    rows = [
        ["encoder", checkpoint_name(about["backbone"]), backbone],
        *(["training data", file, data_licence(about["source"], file)] for file in about["files"]),
    ]
    for language, engine in about["translation"].items():
        rows += [[f"translation into {language}", *part] for part in _translators(engine)]
    lines = [markdown_table(["part", "what", "licence"], rows, 3), ""]
    if "-nc" in backbone:
        lines.append(
            f"**The encoder's weights are {backbone.upper()}, and these weights derive from them: "
            "no commercial use.**\n"
        )
    if any(row[2] == UNKNOWN for row in rows):
        lines.append("Where it says unknown, look it up before you share these weights.\n")
    return "\n".join(lines)


def _scores(scores: Sequence[CellScores], calibration: Calibration | None) -> str:
    own = [cell for cell in scores if cell.passage_language == cell.question_language]
    rows = [
        [
            f"{cell.benchmark} {cell.split}",
            cell.passage_language,
            _with_interval(cell.exact_match, cell.exact_match_interval),
            _with_interval(cell.f1, cell.f1_interval),
            str(cell.questions),
        ]
        for cell in own
    ]
    text = markdown_table(["benchmark", "language", "exact match", "F1", "questions"], rows, 2)
    text += "\n\nIn percent, with 95% bootstrap intervals over passages; of this one model.\n"
    if crossed := [cell for cell in scores if cell.passage_language != cell.question_language]:
        mean = [sum(getattr(c, m) for c in crossed) / len(crossed) for m in ("exact_match", "f1")]
        text += (
            f"\nQuestion and passage in different languages ({len(crossed)} pairs): "
            f"{mean[0]:.1f} / {mean[1]:.1f} on average.\n"
        )
    if calibration is None:
        return text + "\nIts confidence was not calibrated.\n"
    return text + (
        f"\nConfidence: a softmax over the best {SPANS} spans at temperature "
        f"{calibration.temperature:g} (`calibration.json`), fitted on {calibration.questions} "
        f"questions of {calibration.dataset}. Expected calibration error there "
        f"{calibration.ece_before:.3f} before and {calibration.ece_after:.3f} after (on passages "
        "that took no part in the fit); in other languages it was not measured.\n"
    )


def _with_interval(value: float, interval: Interval | None) -> str:
    around = "" if interval is None else f" [{interval[0]:.1f}, {interval[1]:.1f}]"
    return f"{value:.1f}{around}"


def _use(config: dict[str, Any]) -> str:
    by_lbmrc = (
        "With lbmrc (long passages, offsets, confidence, languages detected):\n\n"
        '```python\nimport lbmrc\n\nreader = lbmrc.Reader(".")  # where this card is\n'
        'print(reader.answer("Who left?", "Ann left."))\n```\n\n'
        "With transformers alone (passages of one window; the text comes back as its tokenizer "
        "writes it):\n\n"
    )
    warning = (
        "\nWithout `langs` this family drops its language embeddings without a word and answers "
        "otherwise: always pass the language of every token, as here.\n"
        if config.get("lang2id")
        else ""
    )
    return f"{by_lbmrc}```python\n{plain_code(config)}```\n{warning}"


def _limits(about: Mapping[str, Any], scores: Sequence[CellScores]) -> str:
    trained = about["languages"]
    tested = dict.fromkeys(cell.passage_language for cell in scores)
    zero_shot = [language for language in tested if language not in trained]
    lines = [
        "- It always answers: it was trained on questions that the passage answers.",
        "- It copies a span of at most 30 tokens; it neither counts nor combines.",
        f"- Trained in {', '.join(trained)}"
        + (f"; {', '.join(zero_shot)} are zero-shot." if zero_shot else ".")
        + " Other languages were not measured.",
    ]
    if about["source"].get("kind") == "miniworld":
        lines.append("- Trained on a synthetic corpus of few words: it cannot read real text.")
    return "\n".join(lines) + "\n"


def _origin(about: Mapping[str, Any], manifest: Mapping[str, Any]) -> str:
    versions = manifest["versions"]
    known = [f"{name} {versions[name]}" for name in ("torch", "transformers") if name in versions]
    device = manifest.get("device") or {}
    lines = [
        f"- lbmrc {versions.get('lbmrc', UNKNOWN)}, commit {manifest.get('commit') or UNKNOWN}, "
        f"code of the stage {manifest['code'] or UNKNOWN}; {', '.join(known)}",
        # no date or duration: the same training gives the same bytes
        f"- trained on {device.get('name', UNKNOWN)} ({device.get('precision', UNKNOWN)})",
        "",
        "```yaml",
    ]
    shown = {key: about[key] for key in ("languages", "seed", "backbone", "systems", "training")}
    if about.get("distillation"):
        shown["distillation"] = about["distillation"]
    return "\n".join(lines) + "\n" + yaml.safe_dump(shown, sort_keys=False) + "```\n"

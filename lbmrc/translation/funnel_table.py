"""Tables of answer recovery: compared with published rates, by step, and by reason of loss.

Input: the files of the translation stage, one ``recovery.json`` per language and, for confidences,
its ``recovered.parquet``. Output: Markdown for the report.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from lbmrc.common.markdown import markdown_table, percent

Recovery = Mapping[str, Any]

# Answers kept of SQuAD's 87,599, from Lewis et al. (2020) and Yuan et al. (2020); XTREME's authors
# report only "more than 97%".
_SQUAD = 87_599
_LEWIS = {"es": 81_810, "de": 80_069}
_YUAN = {"es": 87_134, "de": 80_284}
_NOTES = {
    "degenerate_empty": "empty",
    "degenerate_repetition": "repetition",
    "degenerate_length": "absurd length",
    "degenerate_copy": "copy of the source",
    "inputs_split": "source too long, in parts",
    "outputs_cut": "translation cut",
    "answers_moved": "answer not at its offset, moved",
    "repeated_ids": "id came again",
    "markers_lost": "marked texts that lost their markers for good",
}
_LEG = re.compile(r"leg_(\d+)_")


def mean_confidences(path: str | Path) -> dict[str, float]:
    """Mean confidence of each step, from a language's ``recovered.parquet``."""
    table = pq.read_table(path)
    by_step: dict[str, list[float]] = {}
    for step, confidence in zip(
        *(table[c].to_pylist() for c in ("step", "confidence")), strict=True
    ):
        by_step.setdefault(step, []).append(confidence)
    return {step: sum(values) / len(values) for step, values in by_step.items()}


def in_cascade_order(steps: Sequence[str]) -> list[str]:
    """Steps of the cascade in their order (`lbmrc.translation.recovery.cascade`)."""
    order = ["projected", "standalone", "standalone-near", "verbatim", "attention"]
    others = dict.fromkeys(step for step in steps if step not in order and step != "markers")
    return [s for s in ["markers", *others, *order] if s in steps]


def to_markdown(
    recoveries: Sequence[Recovery], confidences: Mapping[str, Mapping[str, float]]
) -> str:
    """The tables; ``confidences`` by language and step."""
    parts = ["# Translated answers", _beside_published(recoveries)]
    if any("steps" in recovery for recovery in recoveries):
        parts += ["## Found by which step", _steps(recoveries, confidences)]
    parts += ["## Lost, and why", _counts(recoveries, "lost", str)]
    parts += [
        "## Texts that are no translation, and other notes",
        _counts(recoveries, "notes", _note),
    ]
    return "\n\n".join(parts) + "\n"


def _beside_published(recoveries: Sequence[Recovery]) -> str:
    rows = []
    for recovery in recoveries:
        language = recovery["language"]
        share = recovery["kept"] / recovery["questions"]
        rows.append(
            [
                language,
                recovery["engine"],
                f"{recovery['questions']:,}",
                f"{recovery['kept']:,}",
                percent(share),
                *(_published(answers.get(language)) for answers in (_LEWIS, _YUAN)),
                ">97%",
            ]
        )
    header = ["language", "engine", "questions", "kept", "ours"]
    header += ["Lewis et al.", "Yuan et al.", "XTREME"]
    return (
        "Answers that came across, and what others report of SQuAD's 87,599 with their own "
        "translators (Lewis et al. 2020, Yuan et al. 2020, Hu et al. 2020).\n\n"
    ) + markdown_table(header, rows, 2)


def _published(kept: int | None) -> str:
    return "-" if kept is None else f"{percent(kept / _SQUAD)} ({kept:,})"


def _steps(recoveries: Sequence[Recovery], confidences: Mapping[str, Mapping[str, float]]) -> str:
    steps = in_cascade_order(
        [step for recovery in recoveries for step in recovery.get("steps", {})]
    )
    rows = []
    for step in steps:
        row = [f"`{step}`"]
        for recovery in recoveries:
            found = recovery.get("steps", {}).get(step, 0)
            confidence = confidences.get(recovery["language"], {}).get(step)
            row += [f"{found:,}", percent(found / recovery["questions"])]
            row.append("-" if confidence is None else f"{confidence:.2f}")
        rows.append(row)
    header = ["step"]
    for recovery in recoveries:
        header += [recovery["language"], "of all", "mean confidence"]
    return markdown_table(header, rows)


def _note(kind: str) -> str:
    """A note in words, prefixed by the leg of the chain that it is about, if any."""
    leg = _LEG.match(kind)
    name = kind[leg.end() :] if leg else kind
    return f"leg {leg[1]}: {_NOTES.get(name, name)}" if leg else _NOTES.get(name, name)


def _counts(recoveries: Sequence[Recovery], key: str, named: Callable[[str], str]) -> str:
    kinds = sorted({k for recovery in recoveries for k, n in recovery[key].items() if n})
    if not kinds:
        return "None."
    rows = [
        [named(kind), *(f"{recovery[key].get(kind, 0):,}" for recovery in recoveries)]
        for kind in kinds
    ]
    return markdown_table(["", *(recovery["language"] for recovery in recoveries)], rows)

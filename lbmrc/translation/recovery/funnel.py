"""The funnel from questions to recovered answers, and the files of a translated data set.

A translation has four output files: the kept examples (Parquet, `lbmrc.data.examples`), how each of
them was found (Parquet: id, step, confidence), all questions in the other language (Parquet: id,
question), and ``recovery.json``: the numbers of answers kept and, by reason, lost, with a few
samples of each.
"""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq

from lbmrc.common.atomic import replacing, write_text
from lbmrc.common.columns import described
from lbmrc.common.errors import UserError

_SAMPLES_EACH = 3
RECOVERED = pa.schema(
    [
        ("id", pa.string()),
        ("step", pa.dictionary(pa.int8(), pa.string())),
        ("confidence", pa.float32()),
    ]
)
QUESTIONS = pa.schema([("id", pa.string()), ("question", pa.string())])


class Finding(NamedTuple):
    """How an answer was found: the step and its confidence in (0, 1]."""

    step: str
    confidence: float


@dataclass
class Funnel:
    """Counts of the questions of one data set translated into ``language``, by outcome.

    ``steps`` counts the kept answers by the step of the cascade that found them, ``notes`` other
    events, such as texts too long for the engine.
    """

    language: str
    engine: str
    kept: int = 0
    lost: Counter[str] = field(default_factory=Counter)
    steps: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)
    samples: list[dict[str, str]] = field(default_factory=list)

    @property
    def questions(self) -> int:
        return self.kept + self.lost.total()

    def count(self, lost: str | None, sample: Mapping[str, str], step: str | None = None) -> None:
        """Count one question: ``lost`` is the reason, None if it was kept; ``step`` is the step
        that found it, if there are several. The first samples of each outcome are stored."""
        if lost is None:
            self.kept += 1
        else:
            self.lost[lost] += 1
        if step is not None:
            self.steps[step] += 1
        if (self.lost[lost] if lost else self.steps[step] if step else self.kept) <= _SAMPLES_EACH:
            self.samples.append({"outcome": lost or step or "kept", **sample})

    def as_json(self) -> dict:
        return {
            "language": self.language,
            "engine": self.engine,
            "questions": self.questions,
            "kept": self.kept,
            "lost": dict(sorted(self.lost.items())),
            **({"steps": dict(sorted(self.steps.items()))} if self.steps else {}),
            "notes": dict(sorted(self.notes.items())),
            "samples": self.samples,
        }


def require_recovered(funnel: Funnel, minimum: float, origin: str | Path) -> None:
    """Stop if too few answers were recovered to train on; a minimum of 0 accepts any number.

    Args:
        minimum: the smallest accepted share of the questions (``translation.min_recovered``).
        origin: the ready-made file or checkpoint that the translations are from.

    Raises:
        UserError: with the counts by reason and the first loss.
    """
    if funnel.kept >= minimum * funnel.questions and (funnel.kept or not minimum):
        return
    lost = ", ".join(f"{reason} {count}" for reason, count in funnel.lost.most_common())
    samples = [sample for sample in funnel.samples if sample["outcome"] in funnel.lost]
    first = {key: value for key, value in (samples or [{}])[0].items() if key != "outcome"}
    raise UserError(
        f"{origin}: only {funnel.kept} of {funnel.questions} answers were recovered in "
        f'"{funnel.language}" (lost: {lost}; for example {json.dumps(first, ensure_ascii=False)}), '
        f"less than translation.min_recovered ({minimum:g}) requires; correct the translations, "
        "their engine or the markers, or set translation.min_recovered: 0 to train on what there is"
    )


def write_funnel(path: str | Path, funnel: Funnel) -> None:
    """Write ``recovery.json``."""
    text = json.dumps(funnel.as_json(), ensure_ascii=False, indent=2)
    write_text(path, text + "\n")


def write_questions(path: str | Path, questions: Mapping[str, str | None]) -> None:
    """Write questions by id to Parquet, in their order; None: no translation."""
    columns = [list(questions), list(questions.values())]
    _write(path, pa.table(columns, schema=described(QUESTIONS, "questions")))


def write_findings(path: str | Path, findings: Mapping[str, Finding]) -> None:
    """Write how each kept answer was found, by question id, to Parquet: id, step, confidence."""
    rows = [(id, *finding) for id, finding in findings.items()]
    columns = [list(column) for column in zip(*rows, strict=True)] or [[], [], []]
    _write(path, pa.table(columns, schema=described(RECOVERED, "recovered")))


def _write(path: str | Path, table: pa.Table) -> None:
    with replacing(path) as partial:
        pq.write_table(table, partial, compression="zstd")


def read_questions(path: str | Path) -> dict[str, str | None]:
    """Questions by id, in the file's order; None: no translation.

    Raises:
        UserError: if the file is not a Parquet file of questions.
    """
    try:
        table = pq.read_table(path)
    except (pa.ArrowInvalid, OSError) as error:
        raise UserError(
            f"{path}: not a readable Parquet file ({error}); delete it and run again"
        ) from None
    if not table.schema.equals(QUESTIONS):
        raise UserError(f"{path}: these are not questions (columns {table.schema.names})")
    return dict(zip(*(column.to_pylist() for column in table.columns), strict=True))

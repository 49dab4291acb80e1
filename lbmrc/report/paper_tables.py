"""Tables 1-6 of the paper (Sections 4.2 and 4.3): our scores next to the paper's.

Input: score files (one per system, seed, benchmark, split, passage language and question language).
Output: tables as frames: one row per system and language, with the mean over seeds, the sample
standard deviation, and the paper's score. Questions are in the language of their passage.
The layout of the tables is in `lbmrc.report.table_formats`.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from importlib import resources
from pathlib import Path
from typing import Any

import pandas as pd

from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json

SCORE_COLUMNS = [
    "system",
    "seed",
    "benchmark",
    "split",
    "passage_language",
    "question_language",
    "exact_match",
    "f1",
]
TABLE_COLUMNS = [
    "benchmark",
    "system",
    "language",
    "exact_match",
    "f1",
    "exact_match_sd",
    "f1_sd",
    "seeds",
    "paper_exact_match",
    "paper_f1",
]


@dataclass(frozen=True)
class Row:
    """A row of the paper: its name in our files (``system``) and in print (``label``).

    ``trained_as`` maps languages to our systems if the row consists of several systems.
    """

    system: str
    label: str
    trained_as: dict[str, str] = field(default_factory=dict)

    def systems(self) -> set[str]:
        return set(self.trained_as.values()) or {self.system}


@dataclass(frozen=True)
class Layout:
    """A table as printed in the paper; ``extras``: also add our systems that the paper lacks."""

    benchmark: str
    languages: list[str]
    groups: list[list[Row]]
    caption: str
    notes: list[str] = field(default_factory=list)
    extras: bool = False

    def rows(self) -> list[Row]:
        return [row for group in self.groups for row in group]

    def systems(self) -> set[str]:
        return {system for row in self.rows() for system in row.systems()}


BASELINE = Row("baseline", "Baseline")
MIXMRC = Row("mixmrc", "mixMRC")
OURS = [Row("ours-hyper", "Ours-hyper"), Row("ours-imp", "Ours-imp")]
NO_TEACHERS = (
    "λ2 = 0 has no row: without the teachers' term a student is mixmrc-full, up to the scale of "
    "the loss."
)
ADAPTED = "Rows with ¶ are the paper's copy of Lewis et al. (2019)"

LAYOUTS = {
    1: Layout(
        benchmark="mlqa",
        languages=["en", "es", "de", "ar", "hi", "vi"],
        groups=[
            [
                Row("lewis-translate-train", "Lewis¶"),
                BASELINE,
                Row("lakm", "LAKM"),
                MIXMRC,
                Row("mixmrc-lakm", "mixMRC + LAKM"),
            ],
            OURS,
        ],
        caption="EM and F1 of 6 languages on MLQA: en, es, de under translation, ar, hi, vi under "
        "zero-shot transfer.",
        notes=[
            f"{ADAPTED}, here MLQA's translate-train.",
            "The paper's figures for LAKM, mixMRC and mixMRC + LAKM in en, es and de are "
            "Yuan et al. (2020)'s own. LAKM's phrases were never released; where we run it, it "
            "masks others, a stand-in. It is compared with translate-train, the same QA data "
            "without masking.",
            "Ours-imp trusts teachers of low entropy, as the paper says; Eq. 7 as printed does "
            "the opposite (ours-imp-as-printed).",
            NO_TEACHERS,
        ],
        extras=True,
    ),
    2: Layout(
        benchmark="xquad",
        languages=["en", "es", "de"],
        groups=[[BASELINE, MIXMRC], OURS],
        caption="EM and F1 of 3 languages on XQuAD under translation.",
        notes=[NO_TEACHERS],
        extras=True,
    ),
    3: Layout(
        benchmark="xquad",
        languages=["ar", "hi", "vi", "el", "ru", "tr"],
        groups=[[BASELINE, MIXMRC], OURS],
        caption="EM and F1 of 6 languages on XQuAD under zero-shot transfer.",
        notes=[NO_TEACHERS],
        extras=True,
    ),
    4: Layout(
        benchmark="mlqa",
        languages=["en", "es", "de"],
        groups=[
            [
                Row("lewis-zero-shot", "Lewis¶"),
                BASELINE,
                Row(
                    "without-lbmrc",
                    "w/o LBMRC",
                    {"es": "without-lbmrc-es", "de": "without-lbmrc-de"},
                ),
            ]
        ],
        caption="Translated training data instead of LBMRC, on MLQA.",
        notes=[
            f"{ADAPTED}, here MLQA's zero-shot transfer (its translate-train is in Table 1).",
            "w/o LBMRC: one model per language, trained on the translated data only.",
        ],
    ),
    5: Layout(
        benchmark="mlqa",
        languages=["en", "es", "de"],
        groups=[[Row("teacher-en", "En"), Row("teacher-es", "Es"), Row("teacher-de", "De")]],
        caption="The LBMRC teachers on MLQA.",
    ),
    6: Layout(
        benchmark="mlqa",
        languages=["en", "es", "de"],
        groups=[
            [
                Row("ours-imp", "Ours"),
                Row("ours-without-de", "- w/o de"),
                Row("ours-without-es", "- w/o es"),
                Row("ours-only-en", "- w/ en"),
                Row("ours-mix-teachers", "- w/ mix"),
            ]
        ],
        caption="Ablations of the teachers, on MLQA.",
        notes=[
            "The students of w/ mix share their teachers, the same mixMRC models, over all seeds; "
            "in the other rows each seed has teachers of its own. So the deviation and the "
            "intervals of w/ mix hold less training noise."
        ],
    ),
}


def published() -> pd.DataFrame:
    """The paper's scores: table, benchmark, system, language, exact_match, f1 (percent)."""
    with (
        resources.files("lbmrc.report").joinpath("paper_tables.csv").open(encoding="utf-8") as file
    ):
        return pd.read_csv(file)


def collect(score_files: Iterable[str | Path]) -> pd.DataFrame:
    """Read score files, each a JSON object with `SCORE_COLUMNS` (scores in percent).

    Raises:
        UserError: if a file lacks a key, or two files score the same cell.
    """
    seen: dict[tuple, str | Path] = {}
    records = []
    for path in score_files:
        content = read_json(path)
        if missing := [
            key for key in SCORE_COLUMNS if not isinstance(content, dict) or key not in content
        ]:
            raise UserError(f"{path}: no {', '.join(missing)}; delete the file and score again")
        record = tuple(content[key] for key in SCORE_COLUMNS)
        if (cell := record[:6]) in seen:
            raise UserError(f"{path}: scores the same as {seen[cell]}; delete the wrong one")
        seen[cell] = path
        records.append(record)
    return pd.DataFrame(records, columns=SCORE_COLUMNS)


def all_systems(scores: pd.DataFrame) -> pd.DataFrame:
    """Every system × benchmark × split × language in order of appearance, averaged over seeds.

    Columns: benchmark, split, system, language, exact_match, f1 (means), exact_match_sd, f1_sd
    (sample standard deviation, missing for one seed), seeds (how many).
    """
    same = scores[scores["passage_language"] == scores["question_language"]]
    groups = same.groupby(["benchmark", "split", "system", "passage_language"], sort=False)
    return groups.agg(
        exact_match=("exact_match", "mean"),
        f1=("f1", "mean"),
        exact_match_sd=("exact_match", "std"),
        f1_sd=("f1", "std"),
        seeds=("seed", "size"),
    ).reset_index(names=["benchmark", "split", "system", "language"])


def table(
    number: int, scores: pd.DataFrame, paper: pd.DataFrame | None = None, split: str = "test"
) -> pd.DataFrame:
    """One table of the paper, with `TABLE_COLUMNS`.

    One row per system and language for which we or the paper have scores: the paper's rows in its
    order (ours missing and ``seeds`` 0 if not run), then our systems that are in none of the
    paper's tables, if the layout includes them.
    """
    layout = LAYOUTS[number]
    ours = all_systems(scores)
    ours = ours[(ours["benchmark"] == layout.benchmark) & (ours["split"] == split)]
    measured = ours.set_index(["system", "language"])
    paper = published() if paper is None else paper
    printed = paper[paper["table"] == number].set_index(["system", "language"])

    rows = layout.rows()
    if layout.extras:
        rows += [Row(system, system) for system in extra_systems(scores)]
    records = []
    for row in rows:
        for language in layout.languages:
            cell = (row.trained_as.get(language, row.system), language)
            in_paper = (row.system, language) in printed.index
            if cell not in measured.index and not in_paper:
                continue
            record: dict[str, Any] = {
                "benchmark": layout.benchmark,
                "system": row.system,
                "language": language,
            }
            record["seeds"] = 0
            if cell in measured.index:
                record |= measured.loc[cell, TABLE_COLUMNS[3:8]]
            if in_paper:
                exact_match, f1 = printed.loc[(row.system, language), ["exact_match", "f1"]]
                record |= {"paper_exact_match": exact_match, "paper_f1": f1}
            records.append(record)
    numbers = {column: float for column in TABLE_COLUMNS[3:]} | {"seeds": int}
    return pd.DataFrame(records, columns=TABLE_COLUMNS).astype(numbers)


def extra_systems(scores: pd.DataFrame) -> list[str]:
    """Our systems that are in none of the paper's tables, in order of appearance."""
    known = set().union(*(layout.systems() for layout in LAYOUTS.values()))
    return [system for system in scores["system"].unique() if system not in known]


def worth_showing(number: int, frame: pd.DataFrame) -> bool:
    """Whether we have a score in a row that no earlier table of the benchmark contains."""
    layout = LAYOUTS[number]
    earlier = [
        row.system
        for n, other in LAYOUTS.items()
        if n < number and other.benchmark == layout.benchmark
        for row in other.rows()
    ]
    own = [row.system for row in layout.rows() if row.system not in earlier]
    about = frame["system"].isin(own) if own else True
    return bool((frame["exact_match"].notna() & about).any())

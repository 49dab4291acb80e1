"""G-XLT: every passage language × every question language, the paper's motivation (Section 1).

The paper builds branches by passage language because a score is "often constrained by the passage
language, rather than the question language". Input: score files of a benchmark that pairs
all languages (MLQA). Output: one matrix per system, and how much of its variance the passage and
the question language explain.
"""

import pandas as pd

from lbmrc.analysis.bootstrap import two_way
from lbmrc.common.markdown import markdown_table, number, percent

MEASURES = {"exact_match": "EM", "f1": "F1"}


def matrices(scores: pd.DataFrame) -> pd.DataFrame:
    """Means over seeds of every cell of benchmarks with several question languages per passage.

    Columns: benchmark, split, system, passage_language, question_language, exact_match, f1
    (percent), exact_match_sd, f1_sd (sample standard deviations, missing for one seed), seeds.
    ``scores`` is what `lbmrc.report.paper_tables.collect` read.
    """
    paired = (
        scores.groupby(["benchmark", "split", "passage_language"])["question_language"].transform(
            "nunique"
        )
        > 1
    )
    keys = ["benchmark", "split", "system", "passage_language", "question_language"]
    return (
        scores[paired]
        .groupby(keys, sort=False)
        .agg(
            exact_match=("exact_match", "mean"),
            f1=("f1", "mean"),
            exact_match_sd=("exact_match", "std"),
            f1_sd=("f1", "std"),
            seeds=("seed", "size"),
        )
        .reset_index()
    )


def matrix(part: pd.DataFrame, measure: str) -> pd.DataFrame:
    """One system's cells: a row per passage language, a column per question language."""
    square = part.pivot_table(
        index="passage_language", columns="question_language", values=measure, sort=False
    )
    return square.loc[
        list(part["passage_language"].unique()), list(part["question_language"].unique())
    ]


def variance(frame: pd.DataFrame) -> pd.DataFrame:
    """Two-way analysis of variance (without interaction) of each system's matrix.

    Columns: benchmark, split, system, measure, passage_language, question_language, rest (shares
    of the variance between cells, which add up to 1), deviation (standard deviation of the cells,
    in points).
    """
    records = []
    for names, part in frame.groupby(["benchmark", "split", "system"], sort=False):
        for measure in MEASURES:
            square = matrix(part, measure).to_numpy()
            shares = two_way(square).shares()
            records.append([*names, measure, *shares, square.std()])
    columns = [
        "benchmark",
        "split",
        "system",
        "measure",
        "passage_language",
        "question_language",
        "rest",
    ]
    return pd.DataFrame(records, columns=[*columns, "deviation"])


def to_markdown(frame: pd.DataFrame, variances: pd.DataFrame) -> str:
    """The variance explained, then every system's matrix of F1."""
    parts = [
        "# Passage language × question language (G-XLT)",
        "Share of the variance between the cells of a system's matrix that the passage language "
        "and the question language explain: sums of squares of a two-way analysis of variance "
        "without interaction, of the means over seeds.",
    ]
    for (benchmark, split), part in variances.groupby(["benchmark", "split"], sort=False):
        rows = [
            [
                row.system,
                MEASURES[row.measure],
                *(
                    percent(share, 0)
                    for share in (row.passage_language, row.question_language, row.rest)
                ),
                number(row.deviation),
            ]
            for row in part.itertuples()
        ]
        header = [
            "system",
            "score",
            "passage language",
            "question language",
            "rest",
            "deviation of the cells",
        ]
        parts += [f"## {benchmark} {split}: variance", markdown_table(header, rows, 2)]
    for (benchmark, split, system), part in frame.groupby(
        ["benchmark", "split", "system"], sort=False
    ):
        square = matrix(part, "f1")
        rows = [[name, *map(number, values)] for name, values in square.iterrows()]
        parts += [
            f"## {benchmark} {split}: {system}",
            "F1; passages down, questions across.",
            markdown_table(["passage", *square.columns], rows),
        ]
    return "\n\n".join(parts) + "\n"

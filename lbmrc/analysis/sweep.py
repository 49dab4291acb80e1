"""The best settings of a student on dev data (the hyper-parameters of Section 4.1.3).

Input: the score files of every point of a grid. Output: a table, the best point first. Only the
source language decides, since otherwise the other languages' dev data would not be unseen. Their
scores are shown for information only.
"""

import json
from collections.abc import Mapping
from typing import Any

import pandas as pd

from lbmrc.common.markdown import markdown_table, number

_SYMBOLS = {"nll_weight": "λ1", "kd_weight": "λ2", "temperature": "τ", "weights": "weights"}


def rank(
    scores: pd.DataFrame, points: Mapping[str, Mapping[str, Any]], source: str
) -> pd.DataFrame:
    """One row per point, best first: its values, seeds, mean exact_match and f1 of each language.

    Args:
        scores: of `lbmrc.report.paper_tables.collect`, with points as systems.
        points: the values of each point.
        source: the language whose F1, then exact match, decides.
    """
    records = []
    for point, part in scores.groupby("system", sort=False):
        values = {
            k: v if isinstance(v, str | float) else json.dumps(v) for k, v in points[point].items()
        }
        record = {"point": point, **values, "seeds": part["seed"].nunique()}
        for language, of_language in part.groupby("passage_language", sort=False):
            for score in ("exact_match", "f1"):
                record[f"{score}_{language}"] = of_language[score].mean()
        records.append(record)
    decisive = [f"f1_{source}", f"exact_match_{source}"]
    return pd.DataFrame(records).sort_values(decisive, ascending=False, kind="stable")


def to_markdown(ranked: pd.DataFrame, student: str, source: str) -> str:
    """A heading, an explanation, and the table."""
    languages = [c.removeprefix("f1_") for c in ranked.columns if c.startswith("f1_")]
    rows = []
    for row in ranked.to_dict("records"):
        values = [row[key] if isinstance(row[key], str) else f"{row[key]:g}" for key in _SYMBOLS]
        scores = [
            f"{number(row[f'exact_match_{x}'], 1)} / {number(row[f'f1_{x}'], 1)}" for x in languages
        ]
        rows.append([*values, *scores])
    parts = [
        f"# Sweep of {student}",
        f"Dev data; EM / F1, mean of {ranked['seeds'].max()} seed(s). Sorted by F1 in {source}, "
        "which alone may choose: the other languages' dev data count as unseen.",
        markdown_table([*_SYMBOLS.values(), *languages], rows, len(_SYMBOLS)),
    ]
    return "\n\n".join(parts) + "\n"

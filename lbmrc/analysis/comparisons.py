"""Paired comparisons of systems over the same questions, with confidence intervals.

Input: the scores per question (`lbmrc.evaluation.question_scores`) and the pairs of systems that a
config names. Output: differences in points for each language (questions in the language of their
passage) and for their mean, and the marks that tables print next to a score.
"""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from lbmrc.analysis.bootstrap import DRAWS, LEVEL, MIN_PASSAGES, estimate, holm, paired_draws
from lbmrc.analysis.clusters import Clusters, passage_clusters
from lbmrc.common.errors import UserError
from lbmrc.common.markdown import markdown_table

METRICS = ["exact_match", "f1"]
COLUMNS = [
    "benchmark",
    "split",
    "system",
    "against",
    "language",
    "questions",
    "passages",
    "seeds",
    "exact_match",
    "exact_match_low",
    "exact_match_high",
    "exact_match_p",
    "f1",
    "f1_low",
    "f1_high",
    "f1_p",
]
MEAN = "mean"
UP, DOWN = "▲", "▼"
TEST = (
    f"two-sided bootstrap test over passages and seeds ({DRAWS:,} draws) at {1 - LEVEL:.0%}, "
    "corrected by Holm's method"
)


class Marks(NamedTuple):
    """Marks next to a score: ▲ or ▼ if the difference is significant, otherwise empty."""

    exact_match: str = ""
    f1: str = ""


class Marked(NamedTuple):
    """The marks of one table.

    Attributes:
        cells: by (system, language).
        against: which system each system is compared with.
        tested: the number of comparisons in the table; EM and F1 of a cell count as two.
        untested: how many have no p-value.
        few_passages: how many of these have two seeds or more, but too few passages.
    """

    cells: dict[tuple[str, str], Marks]
    against: dict[str, str]
    tested: int
    untested: int
    few_passages: int = 0


def compare(
    questions: pd.DataFrame, pairs: Iterable[Sequence[str]], draws: int = DRAWS
) -> pd.DataFrame:
    """Differences between systems, with `COLUMNS`: points, first system minus second.

    By `lbmrc.analysis.bootstrap.paired_draws`; a passage and its translations are drawn together
    (`passage_clusters`). The row ``mean`` is the mean over languages, as shown in the tables.
    ``seeds`` is the smaller of the two systems' numbers of seeds. If it is one, all scores are
    averaged over seeds and only passages are drawn: the interval excludes training noise, and there
    is no p-value (``exact_match_p``, ``f1_p``). Nor is there one with fewer than `MIN_PASSAGES`.

    Args:
        questions: rows of `lbmrc.evaluation.question_scores.read_questions`.
        pairs: names of two systems each.

    Raises:
        UserError: if the two were not scored on the same questions.
    """
    same = questions[questions["passage_language"] == questions["question_language"]]
    records = []
    for (benchmark, split), part in same.groupby(["benchmark", "split"], sort=False):
        keys = part.drop_duplicates(["passage_language", "id"])
        clusters = passage_clusters(keys)
        languages = list(keys["passage_language"].unique())
        scores = 100 * part.pivot_table(
            index=["passage_language", "id"], columns=["system", "seed"], values=METRICS
        )
        for system, against in pairs:
            ours, theirs = (scores.xs(name, axis=1, level="system") for name in (system, against))
            scored = ours.notna().any(axis=1) | theirs.notna().any(axis=1)
            ours, theirs = ours[scored], theirs[scored]
            if ours.isna().any(axis=None) or theirs.isna().any(axis=None):
                raise UserError(
                    f"{system} and {against} were not scored on the same questions of {benchmark} "
                    f"{split}; delete their scores and run again"
                )
            rows = _differences(ours, theirs, clusters.loc[ours.index], languages, draws)
            records += [[benchmark, split, system, against, *row] for row in rows]
    frame = pd.DataFrame(records, columns=COLUMNS)
    # Other processors may sum in another order, which changes the last of 16 digits.
    return frame.round(dict.fromkeys(COLUMNS[8:], 6))


def _differences(
    ours: pd.DataFrame,
    theirs: pd.DataFrame,
    clusters: pd.Series,
    languages: Sequence[str],
    draws: int,
) -> list[list[Any]]:
    """`COLUMNS` from ``language`` on, for one pair in each of its languages and in the mean.

    Args:
        ours, theirs: one row per question, columns (measure, seed).
    """
    grouped = Clusters(clusters, languages)
    languages, questions = grouped.languages, grouped.questions

    def sums(frame: pd.DataFrame) -> np.ndarray:
        """(S, P, L, M)."""
        values = np.stack([frame[metric].to_numpy() for metric in METRICS], axis=-1)
        return grouped.sums(values.mean(axis=1, keepdims=True) if seeds == 1 else values)

    seeds = min(frame[METRICS[0]].shape[1] for frame in (ours, theirs))
    totals = sums(ours), sums(theirs)
    means = [total.mean(axis=0).sum(axis=0) / questions.sum(axis=0)[:, None] for total in totals]
    difference, drawn = means[0] - means[1], paired_draws(*totals, questions, draws)
    sizes = list(zip(questions.sum(axis=0), (questions > 0).sum(axis=0), strict=True))
    if len(languages) > 1:
        languages = [*languages, MEAN]
        sizes.append((clusters.index.get_level_values("id").nunique(), len(questions)))
        difference = np.vstack([difference, difference.mean(axis=0)])
        drawn = np.concatenate([drawn, drawn.mean(axis=1, keepdims=True)], axis=1)
    found = estimate(difference, drawn)
    known = [seeds > 1 and passages >= MIN_PASSAGES for _, passages in sizes]
    found = found._replace(p_value=np.where(np.array(known)[:, None], found.p_value, np.nan))
    values = np.stack(found, axis=-1).reshape(len(languages), -1)
    return [
        [name, int(count), int(passages), seeds, *row]
        for name, (count, passages), row in zip(languages, sizes, values, strict=True)
    ]


def mark(
    comparisons: pd.DataFrame, benchmark: str, split: str, cells: Iterable[tuple[str, str]]
) -> Marked:
    """The marks of the cells of one table: each system's first comparison, corrected by Holm.

    Args:
        comparisons: the output of `compare`.
        cells: (system, language) of our scores in the table.
    """
    part = comparisons[(comparisons["benchmark"] == benchmark) & (comparisons["split"] == split)]
    against = part.groupby("system", sort=False)["against"].first()
    part = part[part["against"] == part["system"].map(against)]
    part = part[pd.MultiIndex.from_frame(part[["system", "language"]]).isin(set(cells))]
    found = marks(part)
    tested = int(part[["exact_match_p", "f1_p"]].notna().sum().sum())
    return Marked(
        dict(zip(zip(part["system"], part["language"], strict=True), found, strict=True)),
        {system: against[system] for system in part["system"].unique()},
        tested,
        2 * len(part) - tested,
        2 * int(((part["seeds"] > 1) & part["f1_p"].isna()).sum()),
    )


def marks(family: pd.DataFrame) -> list[Marks]:
    """The marks of each row of the output of `compare`, corrected together by Holm's method."""
    p_values = holm(family[["exact_match_p", "f1_p"]].to_numpy(float).ravel()).reshape(-1, 2)
    differences = family[METRICS].to_numpy(float)
    texts = np.where(p_values <= 1 - LEVEL, np.where(differences > 0, UP, DOWN), "")
    return [Marks(*row) for row in texts.tolist()]


def legend(marked: Marked) -> str:
    """The line under a table that explains its marks; empty if no cell is compared."""
    if not marked.cells:
        return ""
    sentences = []
    if marked.tested:
        pairs = ", ".join(f"{system} with {other}" for system, other in marked.against.items())
        shown = sum(bool(text) for cell in marked.cells.values() for text in cell)
        sentences = [
            f"{UP}, {DOWN}: significantly better, worse than the system it is compared with "
            f"({pairs}): {TEST} for the {marked.tested} comparisons of this table (EM and F1 of "
            f"each cell), of which {shown} are marked."
        ]
    if marked.untested:
        reasons = []
        if marked.untested > marked.few_passages:
            reasons.append("a single seed shows no training noise")
        if marked.few_passages:
            reasons.append(f"fewer than {MIN_PASSAGES} passages are too few")
        sentences.append(
            f"{marked.untested} comparisons are not tested and get no mark: "
            f"{', and '.join(reasons)}. Their intervals are in comparisons.md."
        )
    return " ".join(sentences)


def to_markdown(comparisons: pd.DataFrame) -> str:
    """The means over languages, then one table by language per benchmark and pair."""
    parts = [
        "# Comparisons",
        "Differences in points with 95% intervals, by a paired bootstrap in two levels "
        f"({DRAWS:,} draws): seeds of each system, and passages with all their questions and "
        "translations. So an interval shows the uncertainty from training and from the choice of "
        f"passages. {UP}, {DOWN}: significant, by a {TEST} within each table. `{MEAN}`: mean over "
        "languages.",
    ]
    if (comparisons["seeds"] == 1).any():
        parts.append(
            "One seed: only passages are drawn, so that the interval holds no training noise; it "
            "gets no mark."
        )
    means = comparisons[comparisons["language"] == MEAN]
    if len(means):
        rows = [
            [f"{row.benchmark} {row.split}", row.system, row.against, str(row.seeds), *texts]
            for row, texts in zip(means.itertuples(), _texts(means), strict=True)
        ]
        header = ["benchmark", "system", "against", "seeds", "EM", "F1"]
        parts += ["## Mean over languages", markdown_table(header, rows, 3), *_count(means)]
    single = comparisons[comparisons["language"] != MEAN]
    groups = single.groupby(["benchmark", "split", "system", "against"], sort=False)
    for (benchmark, split, system, against), part in groups:
        rows = [
            [row.language, str(row.questions), str(row.passages), *texts]
            for row, texts in zip(part.itertuples(), _texts(part), strict=True)
        ]
        parts.append(f"## {system} against {against}: {benchmark} {split}")
        header = ["language", "questions", "passages", "EM", "F1"]
        parts += [markdown_table(header, rows), *_count(part)]
    if comparisons.empty:
        parts.append("The config names no `comparisons`.")
    return "\n\n".join(parts) + "\n"


def _count(family: pd.DataFrame) -> list[str]:
    """The line under a table of comparisons; none if nothing is tested."""
    tested = int(family[["exact_match_p", "f1_p"]].notna().sum().sum())
    marked = sum(bool(text) for row in marks(family) for text in row)
    return [f"{tested} comparisons, {marked} of them marked."] if tested else []


def _texts(family: pd.DataFrame) -> list[list[str]]:
    return [
        [
            _text(row.exact_match, row.exact_match_low, row.exact_match_high) + mark.exact_match,
            _text(row.f1, row.f1_low, row.f1_high) + mark.f1,
        ]
        for row, mark in zip(family.itertuples(), marks(family), strict=True)
    ]


def _text(mean: float, low: float, high: float) -> str:
    return f"{mean:+z.1f} [{low:+z.1f}, {high:+z.1f}]"

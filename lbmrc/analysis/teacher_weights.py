"""The impurity weights of Equation 7, and whether they favour the teachers that are right.

Input: the union's window files and the teachers' logits (`lbmrc.distillation`). Output: each
teacher's mean weight by passage and question language, how often its best token is the gold one,
and the total weight of the correct teachers over the windows where only some are correct. No model
is run.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from lbmrc.common.errors import UserError
from lbmrc.common.markdown import markdown_table, number, percent

SIDES = ("start", "end")
SIGNS = {"confident": -1.0, "as-printed": 1.0}
ALL = "all"
WEIGHT_COLUMNS = [
    "weighting",
    "teacher",
    "passage_language",
    "question_language",
    "windows",
    "weight_start",
    "weight_end",
    "right_start",
    "right_end",
]
_WINDOW_COLUMNS = ["passage_language", "question_language", "start", "end"]


class Ragged(NamedTuple):
    """Numbers of n windows, concatenated: ``values`` (sum of sizes,), ``sizes`` (n,), all > 0."""

    values: np.ndarray
    sizes: np.ndarray


def impurities(logits: Ragged) -> np.ndarray:
    """Entropy in nats of softmax(logits) of each window: I of Equation 7, (n,)."""
    values, sizes = logits
    starts = np.cumsum(sizes) - sizes
    shifted = values - np.repeat(np.maximum.reduceat(values, starts), sizes)
    powers = np.exp(shifted)
    total = np.add.reduceat(powers, starts)
    return np.log(total) - np.add.reduceat(powers * shifted, starts) / total


def best_tokens(logits: Ragged) -> np.ndarray:
    """The first token with the largest logit of each window, (n,)."""
    values, sizes = logits
    starts = np.cumsum(sizes) - sizes
    largest = np.flatnonzero(values == np.repeat(np.maximum.reduceat(values, starts), sizes))
    return largest[np.searchsorted(largest, starts)] - starts


def weights(impurity: np.ndarray, sign: float) -> np.ndarray:
    """Softmax over the K teachers of ± impurity: (K, n)."""
    signed = sign * impurity
    powers = np.exp(signed - signed.max(axis=0))
    return powers / powers.sum(axis=0)


def analyse(
    windows: Sequence[str | Path], teachers: Sequence[str], logits: Sequence[Sequence[str | Path]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Weights and agreement with gold of one set of K teachers.

    Args:
        windows: window files of the union, in the order of the logits.
        teachers: names.
        logits: for each seed the K teachers' files.

    Returns:
        weights, with `WEIGHT_COLUMNS`: one row per weighting, teacher, passage and question
            language; windows, mean weights over windows and seeds, and the share of the windows
            with the answer in which the largest logit is the gold token's.
        agreement: one row per side and passage language (or ``all``): windows (those that hold the
            answer while some teachers are right and some wrong, over all seeds), and the mean
            total weight of the right ones: uniform, confident, as-printed.

    Raises:
        UserError: if logits were made on other windows.
    """
    table = pa.concat_tables(_read_windows(path) for path in windows)
    frame = table.select(_WINDOW_COLUMNS).to_pandas()
    sizes = np.asarray(table["size"])
    has_answer = (frame["end"] > 0).to_numpy()
    languages = pd.MultiIndex.from_frame(frame[["passage_language", "question_language"]])
    codes, pairs = languages.factorize()
    pairs = pairs.set_names(languages.names)
    group = _Groups(codes, len(pairs))

    means = {(name, k): {"windows": group.count()} for name in SIGNS for k in range(len(teachers))}
    decided = []
    for side in SIDES:
        for files in logits:
            impurity, best = _measure(files, side, sizes)
            right = (best == frame[side].to_numpy()) & has_answer
            weight = {name: weights(impurity, sign) for name, sign in SIGNS.items()}
            disputed = right.any(axis=0) & ~right.all(axis=0)
            sums = {"windows": disputed, "uniform": right.mean(axis=0) * disputed}
            sums |= {name: (w * right).sum(axis=0) * disputed for name, w in weight.items()}
            decided.append(pd.DataFrame({n: group.sum(v) for n, v in sums.items()}, index=pairs))
            decided[-1]["side"] = side
            for (name, k), columns in means.items():
                found = {f"weight_{side}": group.mean(weight[name][k])}
                found[f"right_{side}"] = group.mean(right[k], has_answer)
                for column, values in found.items():
                    columns[column] = columns.get(column, 0) + values / len(logits)
    records = [
        pd.DataFrame(columns, index=pairs).reset_index().assign(weighting=name, teacher=teachers[k])
        for (name, k), columns in means.items()
    ]
    return pd.concat(records, ignore_index=True)[WEIGHT_COLUMNS], _agreement(pd.concat(decided))


@dataclass(frozen=True)
class _Groups:
    """Windows by their languages: the number of each one's group, and the number of groups."""

    codes: np.ndarray
    size: int

    def count(self) -> np.ndarray:
        return np.bincount(self.codes, minlength=self.size)

    def sum(self, values: np.ndarray) -> np.ndarray:
        return np.bincount(self.codes, values, self.size)

    def mean(self, values: np.ndarray, among: np.ndarray | None = None) -> np.ndarray:
        """Mean per group over all windows, or those ``among`` them; NaN for a group without any."""
        counts = self.count() if among is None else self.sum(among)
        kept = values if among is None else values * among
        return self.sum(kept) / np.where(counts, counts, np.nan)


def _agreement(sums: pd.DataFrame) -> pd.DataFrame:
    """Means over the disputed windows, from sums by languages, side and seed."""
    both = pd.concat([sums.rename(index=lambda _: ALL, level="passage_language"), sums])
    totals = both.groupby(["side", "passage_language"], sort=False).sum()
    totals = totals[totals["windows"] > 0]
    means = totals.div(totals["windows"], axis=0).assign(windows=totals["windows"].astype(int))
    return means.reset_index()


def _read_windows(path: str | Path) -> pa.Table:
    """Languages, gold tokens and number of tokens of each window."""
    with pa.memory_map(str(path)) as file, pa.ipc.open_file(file) as reader:
        table = reader.read_all()
        sizes = pc.list_value_length(table["input_ids"])
        return table.select(_WINDOW_COLUMNS).append_column("size", sizes)


def _measure(
    files: Sequence[str | Path], side: str, sizes: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Impurity and best token of K teachers in all n windows: each (K, n)."""
    impurity = np.empty((len(files), len(sizes)), np.float32)
    best = np.empty((len(files), len(sizes)), np.int32)
    for k, path in enumerate(files):
        done = 0
        for part in _read_logits(path, side):
            rows = slice(done, done + len(part.sizes))
            if not np.array_equal(part.sizes, sizes[rows]):
                raise UserError(f"{path}: made on other windows; delete it and run again")
            impurity[k, rows], best[k, rows] = impurities(part), best_tokens(part)
            done = rows.stop
        if done != len(sizes):
            raise UserError(
                f"{path}: logits of {done} windows, and there are {len(sizes)}; "
                "delete it and run again"
            )
    return impurity, best


def _read_logits(path: str | Path, side: str) -> Iterator[Ragged]:
    try:
        file = pq.ParquetFile(path)
    except (OSError, pa.ArrowInvalid) as error:
        raise UserError(f"{path}: cannot be read ({error}); delete it and run again") from None
    with file:
        for group in range(file.num_row_groups):
            column = file.read_row_group(group, columns=[side])[side].combine_chunks()
            values = column.flatten().to_numpy()
            yield Ragged(values, column.value_lengths().to_numpy())


def to_markdown(weight: pd.DataFrame, agreement: pd.DataFrame) -> str:
    """Agreement with gold, then mean weights; both frames also have a column ``teachers``."""
    parts = [
        "# Teacher weights",
        "Equation 7 weighs the teachers of each window by the entropy of their logits, for start "
        "and end apart: `confident` favours low entropy, `as-printed` high entropy.",
        "## Does the weight go to the teachers that are right?",
        "Over the windows that hold the answer and where some teachers' best token is the gold one "
        "and others' is not: the total weight of the right ones. More than `uniform` means that "
        "entropy indicates which teacher is right.",
    ]
    weightings = ["uniform", *SIGNS]
    for teachers, part in agreement.groupby("teachers", sort=False):
        rows = [
            [
                row["side"],
                row["passage_language"],
                str(row["windows"]),
                *(number(row[weighting], 3) for weighting in weightings),
            ]
            for _, row in part.iterrows()
        ]
        header = ["side", "passage", "windows", *weightings]
        parts += [f"### {teachers}", markdown_table(header, rows, 2)]
    parts += ["## Mean weights, and how often each teacher is right"]
    for (teachers, weighting), part in weight.groupby(["teachers", "weighting"], sort=False):
        rows = [
            [
                row.teacher,
                row.passage_language,
                row.question_language,
                str(row.windows),
                number(row.weight_start, 3),
                number(row.weight_end, 3),
                percent(row.right_start),
                percent(row.right_end),
            ]
            for row in part.itertuples()
        ]
        header = ["teacher", "passage", "question", "windows", "w start", "w end"]
        header += ["start right", "end right"]
        parts += [f"### {teachers}: {weighting}", markdown_table(header, rows, 3)]
    return "\n\n".join(parts) + "\n"

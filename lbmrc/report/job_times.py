"""Time and memory of a run's jobs, from the files that Snakemake's ``benchmark:`` writes."""

from pathlib import Path

import pandas as pd

from lbmrc.common.durations import duration
from lbmrc.common.markdown import markdown_table


def job_times(folder: str | Path) -> pd.DataFrame:
    """Snakemake's measurements of every job under a folder of benchmarks.

    Columns: stage (the rule's folder or file), job, seconds (wall clock), cpu_seconds, memory_mib
    (peak resident memory; missing for jobs too short to measure).
    """
    folder = Path(folder)
    records = []
    for path in sorted(folder.rglob("*.tsv")):
        line = pd.read_csv(path, sep="\t", na_values=["-", "NA"]).iloc[0]
        stage, _, job = str(path.relative_to(folder).with_suffix("")).partition("/")
        memory = line["max_rss"] or None  # 0: the job ended before the first measurement
        records.append((stage, job, line["s"], line["cpu_time"], memory))
    columns = ["stage", "job", "seconds", "cpu_seconds", "memory_mib"]
    frame = pd.DataFrame(records, columns=columns)
    return frame.astype(dict.fromkeys(columns[2:], float))


def stages_markdown(frame: pd.DataFrame) -> str:
    """Time and memory by stage, longest first."""
    groups = frame.groupby("stage").agg(
        jobs=("job", "size"),
        seconds=("seconds", "sum"),
        longest=("seconds", "max"),
        cpu_seconds=("cpu_seconds", "sum"),
        memory_mib=("memory_mib", "max"),
    )
    groups = groups.sort_values("seconds", ascending=False)
    rows = [
        [
            row.Index,
            str(row.jobs),
            *map(duration, [row.seconds, row.longest, row.cpu_seconds]),
            mebibytes(row.memory_mib),
        ]
        for row in groups.itertuples()
    ]
    header = ["stage", "jobs", "time", "longest job", "CPU time", "memory at its highest"]
    return markdown_table(header, rows)


def jobs_markdown(frame: pd.DataFrame) -> str:
    """Time and memory of every job."""
    rows = [
        [
            row.stage,
            row.job,
            *map(duration, [row.seconds, row.cpu_seconds]),
            mebibytes(row.memory_mib),
        ]
        for row in frame.itertuples()
    ]
    return markdown_table(["stage", "job", "time", "CPU time", "memory"], rows, 2)


def mebibytes(value: float) -> str:
    """``1,024 MiB``; "-" for none."""
    return "-" if pd.isna(value) else f"{value:,.0f} MiB"

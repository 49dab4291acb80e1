"""A note under the tables if questions of a benchmark were left out of its scores.

The manifests of the benchmarks' windows list which ones, and why (`lbmrc.data.benchmark`).
"""

from collections.abc import Iterable
from pathlib import Path

from lbmrc.common.json_io import read_json


def left_out_note(score_files: Iterable[str | Path]) -> str:
    """How many questions of each benchmark file were left out; empty if none were.

    Args:
        score_files: of any systems; each benchmark file is counted once.
    """
    files: dict[str, str] = {}
    for path in map(Path, score_files):
        scores = read_json(path)
        if count := scores.get("left_out"):
            files[path.stem] = f"{path.stem}: {count:,} of {scores['questions'] + count:,}"
    if not files:
        return ""
    return (
        "Questions that were neither asked nor scored, since they have no answer text or are "
        f"malformed. {'; '.join(files[name] for name in sorted(files))}."
    )

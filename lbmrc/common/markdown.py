"""Markdown tables whose columns are aligned in the source text too."""

import math
from collections.abc import Sequence


def markdown_table(
    header: Sequence[str], rows: Sequence[Sequence[str]], text_columns: int = 1
) -> str:
    """Format cells as a table; all columns but the first ``text_columns`` are right-aligned."""
    lines = [list(header), *map(list, rows)]
    widths = [max(3, *map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * w if n < text_columns else "-" * (w - 1) + ":" for n, w in enumerate(widths)]
    lines.insert(1, rule)
    return "\n".join(
        "| " + " | ".join(t.ljust(w) for t, w in zip(line, widths, strict=True)) + " |"
        for line in lines
    )


def number(value: float, digits: int = 1) -> str:
    """A number with ``digits`` decimals; "-" for NaN."""
    return "-" if math.isnan(value) else f"{value:.{digits}f}"


def percent(share: float, digits: int = 1) -> str:
    """A fraction in percent; "-" for NaN."""
    return "-" if math.isnan(share) else f"{share:.{digits}%}"

"""Beyond the paper's tables: intervals, comparisons, errors, teacher weights."""

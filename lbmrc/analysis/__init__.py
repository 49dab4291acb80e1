"""What lies behind the scores: intervals, comparisons, errors, teacher weights."""

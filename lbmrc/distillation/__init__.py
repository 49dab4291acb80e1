"""Students of language branch teachers (Section 3.2, Equations 3-7)."""

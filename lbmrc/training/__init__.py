"""One training loop for every system (Equations 2 and 5)."""

"""Finding the answer in the translation (Section 3.1.1), by its markers and by other means."""

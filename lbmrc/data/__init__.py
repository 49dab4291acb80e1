"""The published corpora: fetched, read and written (Section 4.1)."""

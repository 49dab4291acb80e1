"""The published corpora: downloading, reading and writing them (Section 4.1)."""

"""SQuAD into a branch's language, each answer carried across by a pair of markers (Section 4.1)."""

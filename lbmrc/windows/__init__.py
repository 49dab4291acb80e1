"""The windows that an encoder reads: built, kept in files, put into batches (Section 3)."""

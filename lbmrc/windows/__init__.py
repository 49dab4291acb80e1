"""The windows that an encoder reads: building, storing and batching them (Section 3)."""

"""Exact character offsets from the tokenizers of the library `tokenizers`.

Ids are unchanged. Offsets are corrected where a normalisation or a metaspace (U+2581, which
represents the space before a word) makes them differ from what a subword covers:

- white space before a word is not part of it, since no answer begins with white space;
- a metaspace alone, or white space alone, covers nothing: its span is empty;
- a character that was composed from several (NFC) covers all of them, not only the first.

Characters that a tokenizer drops or makes a space (U+200B, U+FEFF, U+200F …) belong to no subword.
"""

import unicodedata

import numpy as np

_METASPACE = "▁"


def tokenize_fast(text: str, tokenizer) -> tuple[np.ndarray, np.ndarray]:
    """Ids and offsets, as `lbmrc.tokenization.tokenize.tokenize` gives them."""
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    ids = encoding["input_ids"]
    spans = []
    for (first, end), surface in zip(
        encoding["offset_mapping"], tokenizer.convert_ids_to_tokens(ids), strict=True
    ):
        covered = text[first:end]
        first += len(covered) - len(covered.lstrip())
        stands_for_a_blank = surface == _METASPACE != covered
        spans.append((first, first if stands_for_a_blank else end))
    offsets = np.array(spans, np.int32).reshape(-1, 2)
    if not text.isascii():
        _cover_composed(text, offsets)
    return np.array(ids, np.int32), offsets


def _cover_composed(text: str, offsets: np.ndarray) -> None:
    """Extend subwords to the letters and marks after them that no subword covers."""
    limits = np.append(offsets[1:, 0], len(text))
    for row in np.flatnonzero((offsets[:, 0] < offsets[:, 1]) & (offsets[:, 1] < limits)):
        end = offsets[row, 1]
        while end < limits[row] and unicodedata.category(text[end])[0] in "LM":
            end += 1
        offsets[row, 1] = end

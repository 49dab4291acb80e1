"""Subwords with exact character offsets (Section 3: the input of the reader).

Input: a text as published and a tokenizer. Output: the tokenizer's own ids for the whole text, and
for each subword the code points of the published text that it covers, so that an answer is always a
substring of the passage and never assembled from subwords. XLM's tokenizer, which gives no offsets,
is in `lbmrc.tokenization.xlm`; every other family has a fast one (`lbmrc.tokenization.fast`).
"""

import hashlib
import json
import sys
from collections import OrderedDict

import numpy as np

from lbmrc.common.errors import UserError
from lbmrc.tokenization.fast import tokenize_fast
from lbmrc.tokenization.xlm import is_xlm, tokenize_by_xlm, what_determines_ids

_ENTRY_BYTES = 450  # an entry of an ordered dictionary, its two pairs, the heads of two arrays


def tokenize(text: str, language: str, tokenizer) -> tuple[np.ndarray, np.ndarray]:
    """Split a text into subwords.

    Args:
        text: any text, as published.
        language: its language, which XLM checks.
        tokenizer: an XLMTokenizer, or any fast tokenizer (which knows its offsets).

    Returns:
        ids, int32 (n,): those of ``tokenizer.tokenize(text)``, without special tokens;
        offsets, int32 (n, 2): first code point and end of each subword in ``text``. They ascend,
        except for a quotation mark before commas or periods, which Moses moves behind them. A
        subword that covers no character, such as a lone metaspace, has an empty span.

    Raises:
        UserError: if XLM needs a segmenter for this language that lbmrc does not run, or if the
            tokenizer gives no offsets.
    """
    if getattr(tokenizer, "is_fast", False):
        return tokenize_fast(text, tokenizer)
    if not is_xlm(tokenizer):
        raise UserError(
            f"tokenizer {type(tokenizer).__name__}: it gives no character offsets;"
            " choose a backbone with a fast tokenizer, or XLM"
        )
    return tokenize_by_xlm(text, language, tokenizer)


class TokenCache:
    """A cache of tokenized texts, so that a job tokenizes each distinct text once.

    The least recently used texts are dropped when the cache takes more than ``capacity`` bytes, so
    that memory does not grow with the data.
    """

    def __init__(self, tokenizer, capacity: int = 64 << 20):
        self.tokenizer = tokenizer
        self.capacity = capacity
        self._size = 0
        self._known: OrderedDict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = OrderedDict()

    def __call__(self, text: str, language: str) -> tuple[np.ndarray, np.ndarray]:
        """Ids and offsets, as from `tokenize`. Read-only."""
        key = (language, text)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        tokens = self._known[key] = tokenize(text, language, self.tokenizer)
        self._size += cached_size(text, tokens)
        while self._size > self.capacity:
            (_, oldest), its_tokens = self._known.popitem(last=False)
            self._size -= cached_size(oldest, its_tokens)
        return tokens


def cached_size(text: str, tokens: tuple[np.ndarray, np.ndarray]) -> int:
    """Bytes of a text and its tokens in a `TokenCache`, with the overhead of the entry."""
    return sys.getsizeof(text) + sum(part.nbytes for part in tokens) + _ENTRY_BYTES


def tokenizer_fingerprint(tokenizer) -> str:
    """SHA-256 of all that determines a tokenizer's ids; equal fingerprints give equal ids."""
    if getattr(tokenizer, "is_fast", False):
        state: object = tokenizer.backend_tokenizer.to_str()
    else:
        state = what_determines_ids(tokenizer)
    special = sorted((name, str(token)) for name, token in tokenizer.special_tokens_map.items())
    text = json.dumps([type(tokenizer).__name__, special, state], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()

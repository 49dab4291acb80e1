"""XLM subwords with exact character offsets (Section 3: what the reader reads).

In: a text as published and a tokenizer. Out: the tokenizer's own ids for the whole text, and for
each subword the code points of the published text that it covers, so that an answer is always cut
from the passage itself and never put together from subwords.

XLM's tokenizer rewrites the text before it cuts it: wide and typographic punctuation becomes ASCII,
Moses normalises quotes and spaces, non-printing characters go (a newline too, which joins the words
at its sides), Moses' English rules cut words (whatever the language: ``tokenize(lang=)`` is without
effect), words are lower-cased, decomposed (NFD) and lose their non-spacing marks. The same steps,
with Moses' own rules, run here over a `Traced` text. Marks that were removed count to the subword
before them; removed control and format characters (U+200B, U+FEFF, U+200F …) and white space count
to no subword, but lie inside its span when it has characters on both sides of them.
"""

import hashlib
import json
import re
import unicodedata
from collections import OrderedDict
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import sacremoses

from lbmrc.errors import UserError
from lbmrc.moses import Moses
from lbmrc.rewriting import Traced
from lbmrc.subwords import subwords

_OTHER_WORD_CUTTERS = {"zh": "the Stanford segmenter", "ja": "KyTea", "th": "PyThaiNLP"}

_WORD = re.compile(r"\S+")
_WORDS_REMEMBERED = 500_000


def tokenize(text: str, language: str, tokenizer) -> tuple[np.ndarray, np.ndarray]:
    """Cut a text into subwords.

    Args:
        text: any text, as published.
        language: its language; only checked, since XLM's rules are the same for all.
        tokenizer: an XLMTokenizer, or any fast tokenizer (which knows its offsets).

    Returns:
        ids, int32 (n,): those of ``tokenizer.tokenize(text)``, without special tokens;
        offsets, int32 (n, 2): first code point and end of each subword in ``text``. They ascend,
        but for a quotation mark before commas or periods, which Moses puts behind them.

    Raises:
        UserError: if the tokenizer's text of this language is cut by a tool that is not here, or
            the tokenizer can't tell offsets.
    """
    if getattr(tokenizer, "is_fast", False):
        return _tokenize_fast(text, tokenizer)
    if type(tokenizer).__name__ != "XLMTokenizer":
        raise UserError(
            f"tokenizer {type(tokenizer).__name__}: it gives no character offsets;"
            " choose a backbone with a fast tokenizer, or XLM"
        )
    if language in _OTHER_WORD_CUTTERS:
        raise UserError(
            f"language {language}: XLM was trained on text cut by {_OTHER_WORD_CUTTERS[language]},"
            f" which lbmrc does not run; take {language} out of the languages or choose a backbone"
            " with a fast tokenizer"
        )
    return _xlm(tokenizer, len(tokenizer)).tokenize(text)


class Tokens:
    """Remembers the subwords of texts, so that a job cuts each distinct text once.

    Texts of ``capacity`` tokens are kept (8 million take about 200 MB), those used last, so that
    memory does not grow with the data.
    """

    def __init__(self, tokenizer, capacity: int = 8_000_000):
        self.tokenizer = tokenizer
        self.capacity = capacity
        self._size = 0
        self._known: OrderedDict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = OrderedDict()

    def __call__(self, text: str, language: str) -> tuple[np.ndarray, np.ndarray]:
        """Ids and offsets, as `tokenize`. Not to be written to."""
        key = (language, text)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        tokens = self._known[key] = tokenize(text, language, self.tokenizer)
        self._size += len(tokens[0])
        while self._size > self.capacity:
            _, (ids, _) = self._known.popitem(last=False)
            self._size -= len(ids)
        return tokens


def tokenizer_fingerprint(tokenizer) -> str:
    """SHA-256 of all that decides a tokenizer's ids; equal fingerprints give equal ids."""
    if getattr(tokenizer, "is_fast", False):
        state: object = tokenizer.backend_tokenizer.to_str()
    else:
        state = [
            sorted(tokenizer.get_vocab().items()),
            sorted(tokenizer.bpe_ranks.items(), key=lambda item: item[1]),
            tokenizer.do_lowercase_and_remove_accent,
            sacremoses.__version__,
        ]
    special = sorted((name, str(token)) for name, token in tokenizer.special_tokens_map.items())
    text = json.dumps([type(tokenizer).__name__, special, state], ensure_ascii=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _tokenize_fast(text: str, tokenizer) -> tuple[np.ndarray, np.ndarray]:
    encoding = tokenizer(text, add_special_tokens=False, return_offsets_mapping=True, verbose=False)
    offsets = []
    for first, end in encoding["offset_mapping"]:
        # Some tokenizers count the space before a word to it; no answer begins with one.
        blank = len(text[first:end]) - len(text[first:end].lstrip())
        offsets.append((first + blank if blank < end - first else first, end))
    return (
        np.array(encoding["input_ids"], np.int32),
        np.array(offsets, np.int32).reshape(-1, 2),
    )


class _Word(NamedTuple):
    """A word's subwords: their ids, and the first and last character of the word that each has."""

    ids: list[int]
    firsts: list[int]
    lasts: list[int]


@lru_cache(maxsize=4)
def _xlm(tokenizer, _size: int) -> "_XLM":
    """Made anew for a tokenizer that has got more tokens since."""
    return _XLM(tokenizer)


class _XLM:
    """What an XLMTokenizer does, each step followed character by character."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.moses = Moses()
        self.words: dict[str, _Word] = {}
        self.numbers = tokenizer.get_vocab()
        self.unknown = tokenizer.encoder.get(tokenizer.unk_token)
        self.special = tokenizer.added_tokens_encoder
        for token in tokenizer.added_tokens_decoder.values():
            if token.lstrip or token.rstrip or token.single_word:
                raise UserError(
                    f'tokenizer: its token "{token.content}" takes white space or whole words with'
                    " it (lstrip, rstrip, single_word), which lbmrc can't follow to exact offsets"
                )

    def tokenize(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        if self.tokenizer.split_special_tokens or not any(s in text for s in self.special):
            return self._tokenize_plain(text)
        # A special token that stands in a text is one: the reference cuts the text around it.
        ids, offsets, start = [], [], 0
        for piece in self.tokenizer.tokens_trie.split(text):
            if piece in self.special:
                ids.append(np.array([self.special[piece]], np.int32))
                offsets.append(np.array([[start, start + len(piece)]], np.int32))
            else:
                piece_ids, piece_offsets = self._tokenize_plain(piece)
                ids.append(piece_ids)
                offsets.append(piece_offsets + np.int32(start))
            start += len(piece)
        return np.concatenate(ids), np.concatenate(offsets)

    def _tokenize_plain(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        traced = self.moses.rewrite(text)
        ids: list[int] = []
        firsts: list[int] = []
        lasts: list[int] = []
        bases: list[int] = []
        counts: list[int] = []
        for match in _WORD.finditer(traced.text):
            word = self.words.get(match[0]) or self._word(match[0])
            ids += word.ids
            firsts += word.firsts
            lasts += word.lasts
            bases.append(match.start())
            counts.append(len(word.ids))
        if not ids:
            return np.empty(0, np.int32), np.empty((0, 2), np.int32)
        base = np.repeat(np.array(bases, np.int32), counts)
        offsets = _published_spans(traced, firsts + base, lasts + base)
        if not text.isascii():
            _cover_marks(text, offsets)
        return np.array(ids, np.int32), offsets

    def _word(self, word: str) -> _Word:
        """Cut a word, and remember it."""
        if len(self.words) >= _WORDS_REMEMBERED:
            self.words.clear()
        fold_case = self.tokenizer.do_lowercase_and_remove_accent
        parts = subwords(word, self.tokenizer.bpe_ranks, fold_case)
        known = self.words[word] = _Word(
            [self.numbers.get(part.token, self.unknown) for part in parts],
            [part.first for part in parts],
            [part.last for part in parts],
        )
        return known


def _published_spans(traced: Traced, firsts: np.ndarray, lasts: np.ndarray) -> np.ndarray:
    """Spans of the published text that stand behind spans (last inclusive) of a rewritten one."""
    origin = np.array(traced.origin, np.int32)
    ends = origin + 1
    for first, end in traced.wide.items():
        ends[origin == first] = end
    spans = np.stack([origin[firsts], ends[lasts]], axis=1)
    printing = origin[origin >= 0]
    if (printing[1:] < printing[:-1]).any():
        # Moses swapped a quotation mark with what followed it, perhaps inside of a subword.
        for row, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
            spans[row] = origin[first : last + 1].min(), ends[first : last + 1].max()
    return spans


def _cover_marks(text: str, offsets: np.ndarray) -> None:
    """Give marks that Moses cut off and XLM dropped to the subword that they stand behind."""
    marks = {c for c in set(text) if unicodedata.category(c) == "Mn"}
    if not marks:
        return
    starts = offsets[:, 0].tolist()
    for row, end in enumerate(offsets[:, 1].tolist()):
        limit = starts[row + 1] if row + 1 < len(starts) else len(text)
        covered = end
        while covered < limit and text[covered] in marks:
            covered += 1
        if covered > end:
            offsets[row, 1] = covered

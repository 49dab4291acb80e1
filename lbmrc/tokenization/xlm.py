"""XLM only: its subwords with exact character offsets, and its language ids.

XLM's tokenizer rewrites the text before it splits it: wide and typographic punctuation becomes
ASCII, Moses normalises quotes and spaces, non-printing characters are removed (a newline too, which
joins the words on both sides), Moses' English rules split words (in every language:
``tokenize(lang=)`` has no effect), words are lower-cased, decomposed (NFD) and lose their
non-spacing marks. The same steps, with Moses' own rules, are applied here to a `TrackedText`.
Removed marks belong to the subword before them; removed control and format characters (U+200B,
U+FEFF, U+200F …) and white space belong to no subword, but lie inside its span when it has
characters on both sides of them.
"""

import unicodedata
from array import array
from collections.abc import Mapping
from functools import lru_cache

import numpy as np
import sacremoses

from lbmrc.common.errors import UserError
from lbmrc.tokenization.bpe import split_into_subwords
from lbmrc.tokenization.byte_pairs import BytePairs
from lbmrc.tokenization.moses import Moses
from lbmrc.tokenization.tracked_text import TrackedText

_EXTERNAL_SEGMENTERS = {"zh": "the Stanford segmenter", "ja": "KyTea", "th": "PyThaiNLP"}

_MAX_CACHED_WORDS = 500_000
# White space except the space; rewritten texts hold none that is a control character.
_OTHER_BLANKS = [c for c in map(chr, range(0x7F, 0x3001)) if c.isspace() and c != "\x85"]


def is_xlm(tokenizer) -> bool:
    return type(tokenizer).__name__ == "XLMTokenizer"


def tokenize_by_xlm(text: str, language: str, tokenizer) -> tuple[np.ndarray, np.ndarray]:
    """Ids and offsets, as `lbmrc.tokenization.tokenize.tokenize` gives them.

    Args:
        language: only checked, since XLM's rules are the same for all.

    Raises:
        UserError: if XLM needs a segmenter for this language that lbmrc does not run.
    """
    if language in _EXTERNAL_SEGMENTERS:
        raise UserError(
            f"language {language}: XLM was trained on text cut by {_EXTERNAL_SEGMENTERS[language]},"
            f" which lbmrc does not run; take {language} out of the languages or choose a backbone"
            " with a fast tokenizer"
        )
    return _xlm(tokenizer, len(tokenizer)).tokenize(text)


def what_determines_ids(tokenizer) -> list:
    """Vocabulary, merges and rules of an XLMTokenizer, as JSON."""
    return [
        sorted(tokenizer.get_vocab().items()),
        sorted(tokenizer.bpe_ranks.items(), key=lambda item: item[1]),
        tokenizer.do_lowercase_and_remove_accent,
        sacremoses.__version__,
    ]


def language_ids(tokenizer) -> Mapping[str, int] | None:
    """The encoder's id of each language, from its tokenizer; None if it has none.

    Raises:
        UserError: if it is an XLM, which needs them, and has none.
    """
    ids_of = getattr(tokenizer, "lang2id", None)
    if not ids_of and is_xlm(tokenizer):
        raise UserError(
            "backbone: XLM needs language ids, and there is no lang2id in its config.json or"
            " tokenizer_config.json; without them every text would count as language 0"
        )
    return ids_of


def language_id(ids_of: Mapping[str, int] | None, language: str) -> int:
    """The encoder's id of a language; 0 if the encoder has no language ids.

    Raises:
        UserError: if it has language ids, but none for this language.
    """
    if not ids_of:
        return 0
    if language not in ids_of:
        raise UserError(
            f"language {language}: the backbone has no id for it (lang2id knows"
            f" {', '.join(sorted(ids_of))})"
        )
    return ids_of[language]


@lru_cache(maxsize=4)
def _xlm(tokenizer, _size: int) -> "_XLM":
    """Created again for a tokenizer whose vocabulary has grown."""
    return _XLM(tokenizer)


class _XLM:
    """The steps of an XLMTokenizer, with the origin of each character."""

    def __init__(self, tokenizer):
        self.tokenizer = tokenizer
        self.moses = Moses()
        self.words = _Words(tokenizer)
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
        # A special token in the text stays one: the reference splits the text around it.
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
        tracked = self.moses.rewrite(text)
        pieces = self.words.split(tracked.text)
        offsets = _published_spans(tracked, pieces[:, 1], pieces[:, 2])
        if not text.isascii():
            _cover_marks(text, offsets)
        return pieces[:, 0].copy(), offsets


class _Words:
    """A cache of words' subwords, looked up for all words of a text at once.

    A row of ``pieces`` is a subword: its id, and the first and last character of the word that it
    covers. A row of ``words`` is a word: its first row of pieces, how many there are, and its
    number of characters. The word between two spaces is empty.
    """

    def __init__(self, tokenizer):
        self.fold_case = tokenizer.do_lowercase_and_remove_accent
        self.ids = tokenizer.get_vocab()
        self.byte_pairs = BytePairs(tokenizer.bpe_ranks, self.ids)
        self.unknown = tokenizer.encoder.get(tokenizer.unk_token)
        self.clear()

    def clear(self) -> None:
        self.numbers: dict[str, int] = {}
        self.words = array("i")
        self.pieces = array("i")

    def split(self, text: str) -> np.ndarray:
        """A rewritten text's subwords: int32 (n, 3), id, first and last character of the text."""
        if not text.isascii():
            for blank in _OTHER_BLANKS:
                text = text.replace(blank, " ")
        words = text.split(" ")
        if len(self.numbers) >= _MAX_CACHED_WORDS:
            self.clear()
        for word in set(words).difference(self.numbers):
            self._add(word)
        numbers = np.fromiter(map(self.numbers.__getitem__, words), np.intp, len(words))
        begins, counts, sizes = np.frombuffer(self.words, np.int32).reshape(-1, 3)[numbers].T
        places = np.cumsum(sizes + 1) - sizes - 1
        # The rows of each word, concatenated.
        ends = np.cumsum(counts)
        of_word = np.repeat(np.arange(len(words)), counts)
        rows = (begins - ends + counts)[of_word] + np.arange(ends[-1])
        pieces = np.frombuffer(self.pieces, np.int32).reshape(-1, 3)[rows]
        pieces[:, 1:] += places[of_word, None]
        return pieces

    def _add(self, word: str) -> None:
        tokens, firsts, lasts = split_into_subwords(word, self.byte_pairs, self.fold_case)
        self.numbers[word] = len(self.numbers)
        self.words.extend((len(self.pieces) // 3, len(tokens), len(word)))
        for token, first, last in zip(tokens, firsts, lasts, strict=True):
            self.pieces.extend((self.ids.get(token, self.unknown), first, last))


def _code_points(text: str) -> np.ndarray:
    """The code point of each character: uint32 (n,)."""
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _published_spans(tracked: TrackedText, firsts: np.ndarray, lasts: np.ndarray) -> np.ndarray:
    """Spans of the published text for spans (last inclusive) of the rewritten text."""
    origin = np.frombuffer(tracked.origin, np.int32)
    ends = origin + 1
    for first, end in tracked.wide.items():
        ends[origin == first] = end
    spans = np.stack([origin[firsts], ends[lasts]], axis=1)
    printing = origin[origin >= 0]
    if (printing[1:] < printing[:-1]).any():
        # Moses swapped a quotation mark with what followed it, perhaps inside a subword.
        for row, (first, last) in enumerate(zip(firsts, lasts, strict=True)):
            spans[row] = origin[first : last + 1].min(), ends[first : last + 1].max()
    return spans


def _cover_marks(text: str, offsets: np.ndarray) -> None:
    """Extend subwords to the marks after them that Moses split off and XLM dropped."""
    marks = [ord(c) for c in set(text) if unicodedata.category(c) == "Mn"]
    if not marks:
        return
    places = np.arange(len(text) + 1)
    places[:-1][np.isin(_code_points(text), marks)] = len(text)
    no_mark = np.minimum.accumulate(places[::-1])[::-1]
    limits = np.append(offsets[1:, 0], len(text))
    ends = offsets[:, 1]
    offsets[:, 1] = np.maximum(ends, np.minimum(no_mark[ends], limits))

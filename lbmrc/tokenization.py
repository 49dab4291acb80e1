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
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from lbmrc.errors import UserError
from lbmrc.rewriting import Rule, Traced

# transformers.models.xlm.tokenization_xlm.replace_unicode_punct, in its order.
_UNICODE_PUNCTUATION = [
    Rule(pattern, replacement)
    for pattern, replacement in [
        *[("，", ","), (r"。\s*", ". "), ("、", ","), ("”", '"'), ("“", '"'), ("∶", ":")],
        *[("：", ":"), ("？", "?"), ("《", '"'), ("》", '"'), ("）", ")"), ("！", "!")],
        *[("（", "("), ("；", ";"), ("１", "1"), ("」", '"'), ("「", '"'), ("０", "0")],
        *[("３", "3"), ("２", "2"), ("５", "5"), ("６", "6"), ("９", "9"), ("７", "7")],
        *[("８", "8"), ("４", "4"), (r"．\s*", ". "), ("～", "~"), ("’", "'"), ("…", "...")],
        *[("━", "-"), ("〈", "<"), ("〉", ">"), ("【", "["), ("】", "]"), ("％", "%")],
    ]
]

_OTHER_WORD_CUTTERS = {"zh": "the Stanford segmenter", "ja": "KyTea", "th": "PyThaiNLP"}

_WORD = re.compile(r"\S+")
_WORD_WITH_PERIOD = re.compile(r"(?<!\S)(\S+)\.(?!\S)")
_NEXT_WORD = re.compile(r"\S")
_DOTS = re.compile(r"\.{2,}")
_DOTS_MARKER = re.compile(r"(?:DOT)+MULTI")
_FINAL_DOT_APOSTROPHE = Rule(r"\.'(?=\s*\Z)", " . ' ", needed=".'")

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
    return _subwords_of(tokenizer).tokenize(text)


class Tokens:
    """Remembers the subwords of texts, so that a job cuts each distinct text once.

    ``capacity`` texts are kept, those used last, so that memory does not grow with the data.
    """

    def __init__(self, tokenizer, capacity: int = 100_000):
        self.tokenizer = tokenizer
        self.capacity = capacity
        self._known: OrderedDict[tuple[str, str], tuple[np.ndarray, np.ndarray]] = OrderedDict()

    def __call__(self, text: str, language: str) -> tuple[np.ndarray, np.ndarray]:
        """Ids and offsets, as `tokenize`. Not to be written to."""
        key = (language, text)
        if key in self._known:
            self._known.move_to_end(key)
            return self._known[key]
        tokens = self._known[key] = tokenize(text, language, self.tokenizer)
        if len(self._known) > self.capacity:
            self._known.popitem(last=False)
        return tokens


def tokenizer_fingerprint(tokenizer) -> str:
    """SHA-256 of all that decides a tokenizer's ids; equal fingerprints give equal ids."""
    if getattr(tokenizer, "is_fast", False):
        state: object = tokenizer.backend_tokenizer.to_str()
    else:
        import sacremoses

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
def _subwords_of(tokenizer) -> "_Subwords":
    return _Subwords(tokenizer)


class _Subwords:
    """An XLMTokenizer's steps, each followed character by character."""

    def __init__(self, tokenizer):
        import sacremoses

        self.tokenizer = tokenizer
        self.words: dict[str, _Word] = {}
        self.ranks = tokenizer.bpe_ranks
        self.numbers = tokenizer.get_vocab()
        self.unknown = tokenizer.encoder.get(tokenizer.unk_token)
        self.normalisation = [
            Rule("  +" if pattern == " +" else pattern, template)
            for pattern, template in sacremoses.MosesPunctNormalizer(lang="en").substitutions
        ]
        moses = sacremoses.MosesTokenizer(lang="en")
        self.cutting = [
            Rule(*moses.COMMA_SEPARATE_1, needed=","),
            Rule(*moses.COMMA_SEPARATE_2, needed=","),
            Rule(*moses.COMMA_SEPARATE_3, needed=","),
            *[Rule(*rule, needed="'") for rule in moses.ENGLISH_SPECIFIC_APOSTROPHE],
        ]
        self.padding = Rule(*moses.PAD_NOT_ISALNUM, needed="")
        self.letters = frozenset(moses.IsAlpha)
        self.small_letters = frozenset(moses.IsLower)
        self.abbreviations = frozenset(moses.NONBREAKING_PREFIXES)
        self.abbreviations_before_numbers = frozenset(moses.NUMERIC_ONLY_PREFIXES)

    def tokenize(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        ids, offsets, start = [], [], 0
        for piece in self._pieces(text):
            if piece in self.tokenizer.added_tokens_encoder:
                piece_ids = np.array([self.tokenizer.added_tokens_encoder[piece]], np.int32)
                piece_offsets = np.array([[0, len(piece)]], np.int32)
            else:
                piece_ids, piece_offsets = self._tokenize_plain(piece)
            ids.append(piece_ids)
            offsets.append(piece_offsets + np.int32(start))
            start += len(piece)
        if len(ids) == 1:
            return ids[0], offsets[0]
        return np.concatenate(ids), np.concatenate(offsets)

    def _pieces(self, text: str) -> list[str]:
        """The text cut around special tokens that stand in it (``</s>`` in a passage is one)."""
        special = self.tokenizer._added_tokens_encoder
        if self.tokenizer.split_special_tokens or not any(token in text for token in special):
            return [text]
        return [piece for piece in self.tokenizer.tokens_trie.split(text) if piece] or [""]

    def _tokenize_plain(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        traced = self._rewritten(text)
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
        marks = {c for c in set(text) if unicodedata.category(c) == "Mn"} if _odd(text) else ()
        if marks:
            _cover_marks(text, offsets, marks)
        return np.array(ids, np.int32), offsets

    def _rewritten(self, text: str) -> Traced:
        """The text as Moses leaves it: its words are XLM's, before lower case."""
        traced = Traced.published(text)
        if _odd(text):
            traced.rewrite(_UNICODE_PUNCTUATION)
        traced.rewrite(self.normalisation)
        if not traced.text.isprintable():
            unprintable = {c for c in set(traced.text) if unicodedata.category(c)[0] == "C"}
            if unprintable:
                traced.remove(unprintable)
        # The apostrophe rules look at neighbours, and white space at the ends is none.
        traced.strip()
        traced.rewrite([self.padding])
        self._mark_dots(traced)
        traced.rewrite(self.cutting)
        self._cut_periods(traced)
        traced.rewrite([_FINAL_DOT_APOSTROPHE])
        self._unmark_dots(traced)
        return traced

    @staticmethod
    def _mark_dots(traced: Traced) -> None:
        """Put Moses' marker word in the place of each run of dots."""
        if ".." not in traced.text:
            return
        pieces, places, done = [], [], 0
        for match in _DOTS.finditer(traced.text):
            first, last = match.span()
            pieces += [traced.text[done:first], " ", "DOT" * (last - first), "MULTI "]
            places += [*range(done, first), -1]
            places += [place for place in range(first, last) for _ in range(3)]
            places += [last - 1] * 5 + [-1]
            done = last
        pieces.append(traced.text[done:])
        places += range(done, len(traced.text))
        traced.replace("".join(pieces), places)

    @staticmethod
    def _unmark_dots(traced: Traced) -> None:
        """Undo `_mark_dots` (and, as Moses does, any such word that was in the text before)."""
        if "DOTMULTI" not in traced.text:
            return
        pieces, origins, done = [], [], 0
        for match in _DOTS_MARKER.finditer(traced.text):
            first, last = match.span()
            pieces += [traced.text[done:first], "." * ((last - first - 5) // 3)]
            origins += traced.origin[done:first]
            for dot in range(first, last - 5, 3):
                end = dot + 3 if dot + 8 < last else last
                origins.append(traced.merge(list(range(dot, end))))
            done = last
        pieces.append(traced.text[done:])
        origins += traced.origin[done:]
        traced.text, traced.origin = "".join(pieces), origins

    def _cut_periods(self, traced: Traced) -> None:
        """Cut a word's period off, unless it belongs to an abbreviation or the sentence goes on."""
        text, cuts = traced.text, []
        for match in _WORD_WITH_PERIOD.finditer(text):
            prefix = match[1]
            following = _NEXT_WORD.search(text, match.end())
            numbered = prefix in self.abbreviations_before_numbers
            if (
                ("." in prefix and not self.letters.isdisjoint(prefix))
                or (prefix in self.abbreviations and not numbered)
                or (following and following[0] in self.small_letters)
                or (numbered and following and following[0] in "0123456789")
            ):
                continue
            cuts.append(match.end() - 1)
        if cuts:
            traced.insert_spaces(cuts)

    def _word(self, word: str) -> _Word:
        """Fold a word and cut it by BPE (remembered)."""
        if len(self.words) >= _WORDS_REMEMBERED:
            self.words.clear()
        known = self.words[word] = self._cut(word)
        return known

    def _cut(self, word: str) -> _Word:
        folded, places = (
            _fold(word)
            if self.tokenizer.do_lowercase_and_remove_accent
            else (word, list(range(len(word))))
        )
        if not folded:
            return _Word([], [], [])
        subwords = _byte_pairs(folded, self.ranks)
        ids = [self.numbers.get(subword, self.unknown) for subword in subwords]
        lengths = [len(subword) for subword in subwords]
        lengths[-1] -= len("</w>")
        owner: list[int | None] = [None] * len(word)
        firsts, lasts, done = [], [], 0
        for subword, length in enumerate(lengths):
            own = places[done : done + length]
            firsts.append(min(own))
            lasts.append(max(own))
            for place in own:
                owner[place] = subword
            done += length
        # A mark that was removed goes with what stands before it, or else with the first subword.
        before = 0
        for place, subword in enumerate(owner):
            if subword is not None:
                before = subword
            else:
                lasts[before] = max(lasts[before], place)
                firsts[before] = min(firsts[before], place)
        return _Word(ids, firsts, lasts)


def _byte_pairs(word: str, ranks: dict[tuple[str, str], int]) -> list[str]:
    """Merge a word's characters by rank, the best pair first, as XLMTokenizer.bpe does."""
    pieces = [*word[:-1], word[-1] + "</w>"]
    never = len(ranks)
    while len(pieces) > 1:
        found = [ranks.get(pair, never) for pair in pairwise(pieces)]
        best = min(found)
        if best == never:
            break
        merged, done = [], 0
        for place, rank in enumerate(found):
            if rank == best and place >= done:
                merged += pieces[done:place]
                merged.append(pieces[place] + pieces[place + 1])
                done = place + 2
        pieces = merged + pieces[done:]
    return pieces


def _odd(text: str) -> bool:
    return not text.isascii()


def _fold(word: str) -> tuple[str, list[int]]:
    """Lower case without non-spacing marks, and the place in the word of each character of it."""
    if word.isascii():
        return word.lower(), list(range(len(word)))
    lowered, places = _lower(word, list(range(len(word))))
    if unicodedata.is_normalized("NFD", lowered) and "Mn" not in map(unicodedata.category, lowered):
        return lowered, places
    decomposed = [
        (part, place)
        for character, place in zip(lowered, places, strict=True)
        for part in unicodedata.normalize("NFD", character)
    ]
    kept = [
        (character, place)
        for character, place in _canonically_ordered(decomposed)
        if unicodedata.category(character) != "Mn"
    ]
    return _lower("".join([c for c, _ in kept]), [place for _, place in kept])


def _lower(text: str, places: list[int]) -> tuple[str, list[int]]:
    """``text.lower()``, which looks at neighbours (final sigma) and may lengthen (İ)."""
    lowered = text.lower()
    if len(lowered) == len(text):
        return lowered, places
    return lowered, [p for c, p in zip(text, places, strict=True) for _ in c.lower()]


def _canonically_ordered(characters: list[tuple[str, int]]) -> list[tuple[str, int]]:
    """Unicode's canonical ordering: each run of combining characters sorted by its classes."""
    ordered: list[tuple[str, int]] = []
    run: list[tuple[str, int]] = []
    for item in characters:
        if unicodedata.combining(item[0]):
            run.append(item)
            continue
        if run:
            ordered += sorted(run, key=lambda item: unicodedata.combining(item[0]))
            run = []
        ordered.append(item)
    return ordered + sorted(run, key=lambda item: unicodedata.combining(item[0]))


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


def _cover_marks(text: str, offsets: np.ndarray, marks: set[str]) -> None:
    """Give marks that Moses cut off and XLM dropped to the subword that they stand behind."""
    starts = offsets[:, 0].tolist()
    for row, end in enumerate(offsets[:, 1].tolist()):
        limit = starts[row + 1] if row + 1 < len(starts) else len(text)
        covered = end
        while covered < limit and text[covered] in marks:
            covered += 1
        if covered > end:
            offsets[row, 1] = covered

"""The Moses step of XLM's tokenizer, with the origin of each character.

Input: a text as published. Output: the text as XLMTokenizer rewrites it before lower-casing, words
separated by white space, each character with its origin in the published text. The rules are
separated by white space, each character with its origin in the published text. The rules are
sacremoses' own; this module applies them in XLMTokenizer's order and reimplements what sacremoses
"""

import re
import unicodedata
from array import array

import sacremoses

from lbmrc.tokenization.tracked_text import Padding, Rule, TrackedText

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


_FINAL_PERIOD = re.compile(r"\.(?!\S)")
_NEXT_WORD = re.compile(r"\S")
_DOTS = re.compile(r"\.{2,}")
_DOTS_MARKER = re.compile(r"(?:DOT)+MULTI")
_FINAL_DOT_APOSTROPHE = Rule(r"\.'(?=\s*\Z)", " . ' ", required=".'")


class Moses:
    """XLMTokenizer's ``moses_pipeline`` and ``moses_tokenize``, English rules for all languages."""

    def __init__(self):
        self.normalisation_rules = [
            Rule("  +" if pattern == " +" else pattern, template)
            for pattern, template in sacremoses.MosesPunctNormalizer(lang="en").substitutions
        ]
        moses = sacremoses.MosesTokenizer(lang="en")
        self.word_splits = [
            Padding(*moses.COMMA_SEPARATE_1, mark=","),
            Padding(*moses.COMMA_SEPARATE_2, mark=","),
            Padding(*moses.COMMA_SEPARATE_3, mark=","),
            *[Padding(*rule, mark="'") for rule in moses.ENGLISH_SPECIFIC_APOSTROPHE],
        ]
        self.symbol_paddings = [Padding(*moses.PAD_NOT_ISALNUM)]
        self.letters = frozenset(moses.IsAlpha)
        self.small_letters = frozenset(moses.IsLower)
        self.abbreviations = frozenset(moses.NONBREAKING_PREFIXES)
        self.abbreviations_before_numbers = frozenset(moses.NUMERIC_ONLY_PREFIXES)

    def rewrite(self, text: str) -> TrackedText:
        """The text after Moses: its words are XLM's before lower-casing."""
        tracked = TrackedText.from_published(text)
        if not text.isascii():
            tracked.rewrite(_UNICODE_PUNCTUATION)
        tracked.rewrite(self.normalisation_rules)
        if not tracked.text.isprintable():
            unprintable = {c for c in set(tracked.text) if unicodedata.category(c)[0] == "C"}
            if unprintable:
                tracked.remove(unprintable)
        # The apostrophe rules look at neighbours; white space at the ends must not count as one.
        tracked.strip()
        tracked.pad(self.symbol_paddings)
        _mark_dots(tracked)
        tracked.pad(self.word_splits)
        self._split_periods(tracked)
        tracked.rewrite([_FINAL_DOT_APOSTROPHE])
        _unmark_dots(tracked)
        return tracked

    def _split_periods(self, tracked: TrackedText) -> None:
        """Split a final period off a word, except in abbreviations and in mid-sentence."""
        text, splits = tracked.text, []
        for match in _FINAL_PERIOD.finditer(text):
            end = start = match.start()
            while start and not text[start - 1].isspace():
                start -= 1
            if start == end:
                continue
            prefix = text[start:end]
            following = _NEXT_WORD.search(text, match.end())
            numbered = prefix in self.abbreviations_before_numbers
            if (
                ("." in prefix and not self.letters.isdisjoint(prefix))
                or (prefix in self.abbreviations and not numbered)
                or (following and following[0] in self.small_letters)
                or (numbered and following and following[0] in "0123456789")
            ):
                continue
            splits.append(end)
        if splits:
            tracked.insert_spaces(splits)


def _mark_dots(tracked: TrackedText) -> None:
    """Replace each run of dots by Moses' marker word."""
    if ".." not in tracked.text:
        return
    pieces, places, done = [], [], 0
    for match in _DOTS.finditer(tracked.text):
        first, last = match.span()
        pieces += [tracked.text[done:first], " ", "DOT" * (last - first), "MULTI "]
        places += [*range(done, first), -1]
        places += [place for place in range(first, last) for _ in range(3)]
        places += [last - 1] * 5 + [-1]
        done = last
    pieces.append(tracked.text[done:])
    places += range(done, len(tracked.text))
    tracked.replace("".join(pieces), places)


def _unmark_dots(tracked: TrackedText) -> None:
    """Undo `_mark_dots` (and, like Moses, replace any such word that was in the text before)."""
    if "DOTMULTI" not in tracked.text:
        return
    pieces, origins, done = [], array("i"), 0
    for match in _DOTS_MARKER.finditer(tracked.text):
        first, last = match.span()
        pieces += [tracked.text[done:first], "." * ((last - first - 5) // 3)]
        origins += tracked.origin[done:first]
        for dot in range(first, last - 5, 3):
            end = dot + 3 if dot + 8 < last else last
            origins.append(tracked.merge(list(range(dot, end))))
        done = last
    pieces.append(tracked.text[done:])
    origins += tracked.origin[done:]
    tracked.text, tracked.origin = "".join(pieces), origins

"""The tiny XLM's vocabulary: byte-pair merges learnt on the synthetic corpus.

Input: texts. Output: a folder that `XLMTokenizer.from_pretrained` loads (vocab.json, merges.txt,
tokenizer_config.json), with the language ids and the special tokens of XLM-15, the backbone of the
paper. Words come from XLMTokenizer's own preprocessing (Moses, lower case, no accents), so the
merges fit the words that the tokenizer produces.
"""

import heapq
import itertools
import json
import tempfile
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from transformers import XLMTokenizer

LANGUAGES = (
    "ar",
    "bg",
    "de",
    "el",
    "en",
    "es",
    "fr",
    "hi",
    "ru",
    "sw",
    "th",
    "tr",
    "ur",
    "vi",
    "zh",
)
LANG2ID = {language: number for number, language in enumerate(LANGUAGES)}
SPECIAL_TOKENS = ("<s>", "</s>", "<pad>", "<unk>", *(f"<special{n}>" for n in range(10)))
SEPARATOR_ID, PADDING_ID, MASK_ID = (
    SPECIAL_TOKENS.index(token) for token in ("</s>", "<pad>", "<special1>")
)
WORD_END = "</w>"

# The characters of real text in the nine languages: without them any name from outside the
# synthetic corpus would be one <unk>. Unicode ranges of Latin, Greek, Cyrillic, Arabic, Devanagari.
_RANGES = ((0x21, 0x7F), (0x386, 0x3CF), (0x400, 0x460), (0x60C, 0x66E), (0x900, 0x970))
_OTHERS = "đıßæøœłþð–—•·°€£«»„½²³"


def alphabet() -> list[str]:
    """The characters of the five scripts as XLMTokenizer leaves them: lower case, no accents."""
    characters = [chr(code) for first, end in _RANGES for code in range(first, end)]
    return [
        c
        for c in [*characters, *_OTHERS]
        if c == unicodedata.normalize("NFD", c.lower())
        and unicodedata.category(c)[:2] not in "Mn Cn"
    ]


def count_words(texts: Iterable[str]) -> Counter[str]:
    """In how many texts each word occurs, as XLMTokenizer splits, lower-cases and strips them.

    Texts, not occurrences: a name repeated within one passage is no evidence of the language.
    """
    with tempfile.TemporaryDirectory() as folder:
        without_merges = write_tokenizer(Path(folder), [], [])
    words: Counter[str] = Counter()
    for text in texts:
        words.update(set("".join(without_merges.tokenize(text)).split(WORD_END)[:-1]))
    return words


def learn_merges(words: Counter[str], count: int) -> list[tuple[str, str]]:
    """The `count` most frequent merges (Sennrich et al. 2016), fewer if the words need no more.

    Ties go to the pair that sorts first, so that the same words always give the same merges.
    """
    spellings = [[*word[:-1], word[-1] + WORD_END] for word in words]
    frequencies = list(words.values())
    pairs: Counter[tuple[str, str]] = Counter()
    holders: dict[tuple[str, str], set[int]] = defaultdict(set)
    for number, spelling in enumerate(spellings):
        for pair in itertools.pairwise(spelling):
            pairs[pair] += frequencies[number]
            holders[pair].add(number)
    queue = [(-frequency, pair) for pair, frequency in pairs.items()]
    heapq.heapify(queue)
    merges: list[tuple[str, str]] = []
    while len(merges) < count and queue:
        frequency, best = heapq.heappop(queue)
        if -frequency != pairs[best] or not frequency:
            continue  # the queue holds every count that a pair ever had; only the latest is valid
        merges.append(best)
        touched = {best}
        for number in holders.pop(best):
            spelling = spellings[number]
            for pair in itertools.pairwise(spelling):
                pairs[pair] -= frequencies[number]
                touched.add(pair)
            spellings[number] = spelling = _merged(spelling, best)
            for pair in itertools.pairwise(spelling):
                pairs[pair] += frequencies[number]
                holders[pair].add(number)
                touched.add(pair)
        for pair in touched:
            heapq.heappush(queue, (-pairs[pair], pair))
    return merges


def _merged(spelling: list[str], pair: tuple[str, str]) -> list[str]:
    merged: list[str] = []
    position = 0
    while position < len(spelling):
        if tuple(spelling[position : position + 2]) == pair:
            merged.append(spelling[position] + spelling[position + 1])
            position += 2
        else:
            merged.append(spelling[position])
            position += 1
    return merged


def write_tokenizer(
    folder: Path, symbols: Iterable[str], merges: list[tuple[str, str]]
) -> "XLMTokenizer":
    """Write and return the XLMTokenizer of these single symbols and merges.

    Ids: the special tokens as in XLM's own vocabularies (0-13), then the symbols, within a word and
    at its end, then the results of the merges, most frequent first.
    """
    from transformers import XLMTokenizer

    folder.mkdir(parents=True, exist_ok=True)
    tokens = [*SPECIAL_TOKENS]
    tokens += [form for symbol in symbols for form in (symbol, symbol + WORD_END)]
    tokens += [first + second for first, second in merges]
    vocabulary = {token: number for number, token in enumerate(dict.fromkeys(tokens))}
    vocabulary_file, merges_file = folder / "vocab.json", folder / "merges.txt"
    vocabulary_file.write_text(json.dumps(vocabulary, ensure_ascii=False), encoding="utf-8")
    merges_file.write_text("".join(f"{a} {b}\n" for a, b in merges), encoding="utf-8")
    tokenizer = XLMTokenizer(
        str(vocabulary_file),
        str(merges_file),
        lang2id=LANG2ID,
        id2lang={str(number): language for language, number in LANG2ID.items()},
        do_lowercase_and_remove_accent=True,
        model_max_length=512,
    )
    tokenizer.save_pretrained(folder)
    return tokenizer


def learn_tokenizer(texts: Iterable[str], folder: Path, merges: int) -> "XLMTokenizer":
    """Learn the merges on `texts` and write the tokenizer to `folder`."""
    words = count_words(texts)
    symbols = dict.fromkeys([*alphabet(), *sorted({c for word in words for c in word})])
    return write_tokenizer(folder, symbols, learn_merges(words, merges))

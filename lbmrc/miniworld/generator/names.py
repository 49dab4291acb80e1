"""Invented names: made of syllables, written in the script of each language.

The set of names is open, so that a model has to look names up in the passage and cannot memorise
them. Each name belongs to one split by its checksum; no two splits share a name.
"""

import random
import unicodedata
import zlib
from functools import lru_cache

from lbmrc.miniworld.generator.lexicon import FEMALE_NAMES, LANGUAGES, MALE_NAMES

SPLITS = ("pretrain", "train", "dev", "test")
_SHARES = ("pretrain",) * 4 + ("train",) * 3 + ("dev",) + ("test",) * 2

_CONSONANTS = "bdfgklmnrstz"
_VOWELS = "aeiou"
# Rude words in one of the languages, or places in the news.
_UNWELCOME = ("bok", "dild", "fag", "fik", "fuk", "gaza", "kak", "nazi", "nig", "sik", "suka")

_CYRILLIC = dict(zip(_CONSONANTS + _VOWELS, "бдфгклмнрстзаеиоу", strict=True))
_ARABIC = dict(zip(_CONSONANTS + _VOWELS, "بدفغكلمنرستزاييوو", strict=True))
_DEVANAGARI = dict(zip("bdgklmnrst", "बदगकलमनरसत", strict=True)) | {"f": "फ़", "z": "ज़"}
_MATRAS = {"a": "ा", "e": "े", "i": "ि", "o": "ो", "u": "ु"}
_LONG_MATRAS = _MATRAS | {"i": "ी", "u": "ू"}
_VIRAMA = "्"
_GREEK = dict(zip("fklmnrstzaeio", "φκλμνρστζαειο", strict=True)) | {
    "b": "μπ",
    "d": "ντ",
    "g": "γκ",
    "u": "ου",
}
_STRESSED = {"a": "ά", "e": "έ", "i": "ί", "o": "ό", "u": "ού"}


def share_of_split(split: str) -> float:
    """The share of all names that belong to a split."""
    return _SHARES.count(split) / len(_SHARES)


def split_of(name: str) -> str:
    """The split that a name (in English) belongs to."""
    return _SHARES[zlib.crc32(name.encode()) % len(_SHARES)]


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case without combining marks, as XLM's tokenizer folds text."""
    decomposed = unicodedata.normalize("NFD", text.lower())
    return "".join(c for c in decomposed if unicodedata.category(c) != "Mn")


def _cyrillic(name: str) -> str:
    return "".join(_CYRILLIC[c] for c in name)


def _arabic(name: str) -> str:
    return "".join(_ARABIC[c] for c in name)


def _devanagari(name: str) -> str:
    written = []
    for i, c in enumerate(name):
        following = name[i + 1 : i + 2]
        if c in _VOWELS:
            written.append(_MATRAS[c] if following else _LONG_MATRAS[c])
        else:
            written.append(_DEVANAGARI[c])
            if following and following not in _VOWELS:
                written.append(_VIRAMA)
    return "".join(written)


def _greek(name: str) -> str:
    """Stressed on the penultimate syllable; a final sigma has its own letter."""
    vowels = [i for i, c in enumerate(name) if c in _VOWELS]
    stressed = vowels[-2]
    written = "".join(_STRESSED[c] if i == stressed else _GREEK[c] for i, c in enumerate(name))
    return written[:-1] + "ς" if written.endswith("σ") else written


def transliterate(name: str) -> dict[str, str]:
    """A name of syllables (lower-case Latin) in the script of each language."""
    latin = name.capitalize()
    forms = dict.fromkeys(LANGUAGES, latin)
    forms["ar"] = _arabic(name)
    forms["hi"] = _devanagari(name)
    forms["el"] = _greek(name).capitalize()
    forms["ru"] = _cyrillic(name).capitalize()
    return forms


def _read_given_names(rows: str) -> list[dict[str, str]]:
    names = []
    for row in rows.split("\n"):
        if row:
            latin, arabic, hindi, greek, russian = row.split()
            forms = dict.fromkeys(LANGUAGES, latin)
            names.append(forms | {"ar": arabic, "hi": hindi, "el": greek, "ru": russian})
    return names


GIVEN_NAMES = {"m": _read_given_names(MALE_NAMES), "f": _read_given_names(FEMALE_NAMES)}


def invent_name(rng: random.Random, split: str, syllables: int, ending: str) -> dict[str, str]:
    """A name of this split; it ends in one of the letters of `ending`, if there are any."""
    while True:
        name = ""
        for i in range(syllables):
            onset = rng.choice(_CONSONANTS)
            if i and rng.random() < 0.25:
                name += "l" if onset == "r" else "r" if onset == "l" else rng.choice("lr")
            name += onset + rng.choice(_VOWELS)
        name += rng.choice(ending) if ending else ""
        if split_of(name) == split and not any(part in name for part in _UNWELCOME):
            return transliterate(name)


def person_name(rng: random.Random, split: str, gender: str) -> dict[str, str]:
    """A real given name and an invented family name."""
    given = rng.choice(GIVEN_NAMES[gender])
    family = invent_name(rng, split, 2, "nrls")
    return {language: f"{given[language]} {family[language]}" for language in LANGUAGES}

"""The facts of the synthetic corpus: entity types, their relations, and the values of these.

A value is written in every language; a person has a gender, which grammatical agreement needs.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass

from lbmrc.miniworld.generator.lexicon import (
    AND,
    DATE,
    EUROS,
    LANGUAGES,
    MATERIALS,
    METRES,
    MONTHS,
    OCCUPATIONS,
    PRODUCTS,
    QUOTES,
    THOUSANDS,
    TITLE_ADJECTIVES,
    TITLE_NOUNS,
    TOPICS,
)
from lbmrc.miniworld.generator.names import invent_name, person_name, split_of


@dataclass(frozen=True)
class Value:
    """A value in every language."""

    kind: str
    text: dict[str, str]
    gender: str = ""


# Entity type → relation → kind of value.
RELATIONS = {
    "person": {
        "birth_date": "date",
        "birth_place": "place",
        "occupation": "occupation",
        "award": "award",
        "work": "title",
        "residence": "place",
    },
    "city": {
        "founded": "year",
        "population": "population",
        "river": "river",
        "mayor": "person",
        "product": "product",
    },
    "novel": {
        "author": "person",
        "year": "year",
        "pages": "pages",
        "topic": "topic",
        "setting": "place",
    },
    "company": {
        "founded": "year",
        "founder": "person",
        "seat": "place",
        "product": "product",
        "employees": "number",
        "motto": "motto",
    },
    "tournament": {
        "date": "date",
        "place": "place",
        "winner": "person",
        "prize": "money",
    },
    "bridge": {
        "opened": "year",
        "length": "length",
        "architect": "person",
        "river": "river",
        "material": "material",
    },
}

# Kinds whose value two entities of one passage may share.
SHARED_KINDS = (
    "year",
    "date",
    "place",
    "award",
    "product",
    "topic",
    "money",
    "length",
    "river",
    "material",
)


def format_number(n: int) -> dict[str, str]:
    """A number with each language's grouping of digits."""
    return {language: f"{n:,}".replace(",", THOUSANDS[language]) for language in LANGUAGES}


def join(first: dict[str, str], second: dict[str, str], between: dict[str, str]) -> dict[str, str]:
    """`first` and `second`, joined by a word or mark of each language."""
    return {lang: first[lang] + between[lang] + second[lang] for lang in LANGUAGES}


def quote(text: dict[str, str]) -> dict[str, str]:
    """A text in the quotation marks of each language."""
    return {
        language: QUOTES[language][0] + text[language] + QUOTES[language][1] for language in text
    }


def _date(rng: random.Random, split: str) -> Value:
    fields = {"day": rng.randint(2, 28), "year": rng.randint(1850, 1999)}
    month = rng.choice(MONTHS)
    text = {lang: DATE[lang].format(month=month[lang], **fields) for lang in LANGUAGES}
    return Value("date", text)


def _year(rng: random.Random, split: str) -> Value:
    return Value("year", dict.fromkeys(LANGUAGES, str(rng.randint(1750, 2009))))


def _pages(rng: random.Random, split: str) -> Value:
    # 215–219, 225–229, …: the word for pages keeps one form in Russian and in Arabic.
    n = 100 * rng.randint(1, 8) + 10 * rng.randint(1, 9) + rng.randint(5, 9)
    return Value("pages", dict.fromkeys(LANGUAGES, str(n)))


def _number(rng: random.Random, split: str) -> Value:
    # 120–190, 220–290, …: with these numbers the noun has one form in Arabic and in Russian.
    return Value("number", format_number(100 * rng.randint(1, 98) + 10 * rng.randint(2, 9)))


def _hundreds(rng: random.Random, kind: str, unit: dict[str, str]) -> Value:
    written = format_number(100 * rng.randint(2, 99))
    return Value(kind, {language: f"{written[language]} {unit[language]}" for language in unit})


def _length(rng: random.Random, split: str) -> Value:
    return _hundreds(rng, "length", METRES)


def _money(rng: random.Random, split: str) -> Value:
    return _hundreds(rng, "money", EUROS)


def _population(rng: random.Random, split: str) -> Value:
    text = format_number(rng.randint(1_000, 990_000))
    if rng.random() < 0.6:
        census = rng.randint(1990, 2019)
        text = {language: f"{written} ({census})" for language, written in text.items()}
    return Value("population", text)


def _place(rng: random.Random, split: str) -> Value:
    return Value(
        "place", invent_name(rng, split, rng.choice((2, 3, 3)), rng.choice(("", "n", "r")))
    )


def _river(rng: random.Random, split: str) -> Value:
    return Value("river", invent_name(rng, split, 2, ""))


def _tournament(rng: random.Random, split: str) -> Value:
    return Value("tournament", invent_name(rng, split, rng.choice((2, 3)), "ls"))


def _bridge(rng: random.Random, split: str) -> Value:
    return Value("bridge", invent_name(rng, split, rng.choice((2, 3)), "nr"))


def _company(rng: random.Random, split: str) -> Value:
    return Value("company", invent_name(rng, split, rng.choice((2, 3)), "nksrt"))


def _person(rng: random.Random, split: str) -> Value:
    gender = rng.choice("mf")
    return Value("person", person_name(rng, split, gender), gender)


def _one_or_two(rng: random.Random, kind: str, words: list[dict[str, str]]) -> Value:
    first, second = rng.sample(words, 2)
    return Value(kind, join(first, second, AND) if rng.random() < 0.4 else first)


def _product(rng: random.Random, split: str) -> Value:
    return _one_or_two(rng, "product", PRODUCTS)


def _material(rng: random.Random, split: str) -> Value:
    return _one_or_two(rng, "material", MATERIALS)


def _topic(rng: random.Random, split: str) -> Value:
    return Value("topic", rng.choice(TOPICS))


def _gendered(forms: str, gender: str) -> str:
    """The form for that gender among m/f(/n/plural); a single form serves all genders."""
    choices = forms.split("/")
    return choices["mfnp".index(gender)] if len(choices) > 1 else choices[0]


def occupation(rng: random.Random, gender: str) -> Value:
    """An occupation in the form for a man or a woman."""
    forms = rng.choice(OCCUPATIONS)
    return Value("occupation", {lang: _gendered(forms[lang], gender) for lang in LANGUAGES})


def _noun(noun: dict[str, str]) -> dict[str, str]:
    return {language: noun[language].partition(":")[0] for language in LANGUAGES}


def _described(noun: dict[str, str], adjective: dict[str, str]) -> dict[str, str]:
    """The noun with its adjective, in the position and form that each language requires."""
    bare = _noun(noun)
    gender = {language: noun[language].partition(":")[2] or "m" for language in LANGUAGES}
    gender["es"] = "f" if bare["es"].startswith("la ") else "m"
    article = bare["el"].split()[0]
    gender["el"] = {"ο": "m", "η": "f", "το": "n"}[article]
    form = {language: _gendered(adjective[language], gender[language]) for language in LANGUAGES}

    def between(language: str) -> str:
        determiner, word = bare[language].split(" ", 1)
        return f"{determiner} {form[language]} {word}"

    return {
        "en": between("en"),
        "es": f"{bare['es']} {form['es']}",
        "de": between("de"),
        "ar": f"{bare['ar']} {form['ar']}",
        "hi": f"{form['hi']} {bare['hi']}",
        "vi": f"{bare['vi']} {form['vi']}",
        "el": between("el"),
        "ru": f"{form['ru']} {bare['ru']}",
        "tr": f"{form['tr']} {bare['tr']}",
    }


def title(rng: random.Random) -> dict[str, str]:
    """“The Red Sea”, “The Sea and the Mirror”, “The Sea, the Mirror and the Garden” …"""
    shape = rng.choice(("A", "N N", "N N", "A N", "N A", "A A", "N N N")).split()
    parts = [
        _described(noun, rng.choice(TITLE_ADJECTIVES)) if part == "A" else _noun(noun)
        for part, noun in zip(shape, rng.sample(TITLE_NOUNS, len(shape)), strict=True)
    ]
    if len(parts) == 3:
        comma = {language: AND["ar"] if language == "ar" else ", " for language in LANGUAGES}
        parts = [join(parts[0], parts[1], comma), parts[2]]
    whole = parts[0] if len(parts) == 1 else join(parts[0], parts[1], AND)
    return {language: text[0].upper() + text[1:] for language, text in whole.items()}


def _title(rng: random.Random, split: str) -> Value:
    while True:
        text = title(rng)
        if split_of(text["en"]) == split:
            return Value("title", text)


def _award(rng: random.Random, split: str) -> Value:
    return Value("award", quote(_title(rng, split).text))


def _motto(rng: random.Random, split: str) -> Value:
    return Value("motto", quote(_title(rng, split).text))


VALUES: dict[str, Callable[[random.Random, str], Value]] = {
    "date": _date,
    "year": _year,
    "pages": _pages,
    "number": _number,
    "population": _population,
    "place": _place,
    "river": _river,
    "person": _person,
    "product": _product,
    "topic": _topic,
    "length": _length,
    "money": _money,
    "material": _material,
    "title": _title,
    "award": _award,
    "motto": _motto,
}
ENTITIES: dict[str, Callable[[random.Random, str], Value]] = {
    "person": _person,
    "city": _place,
    "novel": _title,
    "company": _company,
    "tournament": _tournament,
    "bridge": _bridge,
}

"""Language branches D_k (Section 3.1.1) and the mixMRC data they are compared with.

Input: monolingual examples (question and passage both in language k: SQuAD as published or
translated with its answers recovered) and the questions' texts in every language. Output: examples
with questions and passages in different languages. Ids and answers never change, since the answer
is a span of the unchanged passage.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Literal, NamedTuple

from lbmrc.common.errors import UserError
from lbmrc.data.examples import Example, read_examples
from lbmrc.translation.recovery.funnel import read_questions

Questions = Mapping[str, Mapping[str, str | None]]
"""Language -> question id -> the question in that language; None where it was not translated, or
its translation is degenerate."""


class Thinning(NamedTuple):
    """A branch asks each question in ``asked`` of the K languages, drawn by ``seed``.

    The passage's own language is always one of them. The draw depends on the seed, the passage
    language, the question, and the languages that have the question, but not on the order of
    languages or on other questions. A larger number adds languages to those of a smaller one.
    """

    asked: int
    seed: int


def build_branch(
    examples: Iterable[Example],
    questions: Questions,
    languages: Sequence[str],
    thinning: Thinning | None = None,
) -> Iterator[Example]:
    """Yield D_k: each example of language k with its question in each of the K languages, or in
    those that ``thinning`` draws.

    The variants of one example are consecutive, in the order of ``languages``; languages into which
    the question was not translated are left out.

    Raises:
        UserError: if a question is missing in a language.
    """
    for example in examples:
        variants = [
            variant
            for language in languages
            if (variant := _with_question_in(example, language, questions))
        ]
        yield from _drawn(variants, thinning) if thinning else variants


def build_mixed(
    monolingual: Mapping[str, Iterable[Example]],
    questions: Questions,
    variant: Literal["yuan", "full"],
    seed: int,
    thinning: Thinning | None = None,
) -> Iterator[Example]:
    """Yield the training data of mixMRC (Yuan et al. 2020), language after language.

    ``yuan``: every monolingual example and, after those of each passage (which are consecutive, as
    in the corpora), one of its questions in another language. The choice depends only on seed,
    language and passage, not on other passages. ``full``: the union D of the branches, with the
    same thinning.

    Raises:
        UserError: if a question is missing in a language.
    """
    languages = list(monolingual)
    if variant == "full":
        for examples in monolingual.values():
            yield from build_branch(examples, questions, languages, thinning)
        return
    for language, examples in monolingual.items():
        others = [other for other in languages if other != language]
        for passage_id, group in groupby(examples, key=lambda e: e.passage_id):
            passage = list(group)
            yield from passage
            if others:
                yield from _extra_question(
                    passage, others, questions, f"{seed}/{language}/{passage_id}"
                )


def count_languages(
    examples: Iterable[Example], counts: dict[str, dict[str, int]]
) -> Iterator[Example]:
    """Yield the examples, counting them in ``counts[passage language][question language]``."""
    for example in examples:
        row = counts.setdefault(example.passage_language, {})
        row[example.question_language] = row.get(example.question_language, 0) + 1
        yield example


def questions_by_language(
    languages: Sequence[str], source: str | Path, translated: Sequence[str | Path]
) -> Questions:
    """Read the questions in every language.

    Args:
        languages: the branch languages, the source language first.
        source: the source language's examples (Parquet).
        translated: for each other language, a Parquet file with the columns ``id`` and
            ``question``.

    Raises:
        UserError: if a file cannot be read or has other columns.
    """
    questions: dict[str, Mapping[str, str | None]] = {
        languages[0]: {e.id: e.question for e in read_examples(source)}
    }
    for language, path in zip(languages[1:], translated, strict=True):
        questions[language] = read_questions(path)
    return questions


def _drawn(variants: Sequence[Example], thinning: Thinning) -> Iterator[Example]:
    """The variant in the passage's language, and those with the smallest random numbers."""

    def rank(variant: Example) -> tuple[bool, bytes]:
        key = f"{thinning.seed}/{variant.passage_language}/{variant.id}/{variant.question_language}"
        other = variant.question_language != variant.passage_language
        return other, hashlib.sha256(key.encode()).digest()

    drawn = {variant.question_language for variant in sorted(variants, key=rank)[: thinning.asked]}
    return (variant for variant in variants if variant.question_language in drawn)


def _extra_question(
    passage: Sequence[Example], others: Sequence[str], questions: Questions, key: str
) -> Iterator[Example]:
    """One of the passage's questions in one of the other languages, or the next available one."""
    pairs = len(passage) * len(others)
    draw = _draw(key, pairs)
    for offset in range(pairs):
        question, other = divmod((draw + offset) % pairs, len(others))
        if variant := _with_question_in(passage[question], others[other], questions):
            yield variant
            return


def _with_question_in(example: Example, language: str, questions: Questions) -> Example | None:
    if language == example.question_language:
        return example
    try:
        question = questions[language][example.id]
    except KeyError:
        raise UserError(
            f'question "{example.id}" (passage {example.passage_id}) is missing in "{language}"; '
            "translate the questions of every example into every branch language"
        ) from None
    if question is None:
        return None
    return replace(example, question_language=language, question=question)


def _draw(key: str, below: int) -> int:
    """A number in [0, below) that depends only on the key, on every machine and version."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()) % below

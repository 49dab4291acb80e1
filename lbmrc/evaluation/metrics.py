"""Exact match and F1 by MLQA's and SQuAD v1.1's official rules (Section 4.1).

Input: a SQuAD-format data set as parsed JSON and predictions {question id: text}. Output:
percentages, equal to the official scripts' to the last bit. Only the standard library is used, so
scoring starts at once everywhere.

MLQA's rules depend on the passage's language; SQuAD's English rules are used for every language
(as XQuAD does). Their oddities are kept: the Arabic pattern deletes "ال" anywhere, two empty texts
match exactly but have F1 0, and a question without a prediction scores 0.
"""

import re
import string
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json
from lbmrc.data.benchmark import BenchmarkQuestion, benchmark_questions
from lbmrc.data.squad_json import Misfit, id_at, list_at, read_squad_json, walk

Metric = Literal["mlqa", "squad"]
_Question = tuple[str, list[str]]  # its id, and the texts of its answers

DATASET_VERSIONS = {"mlqa": "1.0", "squad": "1.1"}
"""The ``version`` that each official script expects of a data set, and otherwise warns about."""

_ASCII_PUNCTUATION = frozenset(string.punctuation)
_ENGLISH_ARTICLES = re.compile(r"\b(a|an|the)\b")
_MLQA_ARTICLES = {
    "en": _ENGLISH_ARTICLES,
    "es": re.compile(r"\b(un|una|unos|unas|el|la|los|las)\b"),
    "hi": None,
    "vi": re.compile(r"\b(của|là|cái|chiếc|những)\b"),
    "de": re.compile(r"\b(ein|eine|einen|einem|eines|einer|der|die|das|den|dem|des)\b"),
    # Intended for the article at the start of a word, but as written the first branch never matches
    # and the second matches anywhere.
    "ar": re.compile(r"\sال^|ال"),
    "zh": None,
}
_IDS_SHOWN = 5
_NO_QUESTIONS = "no questions to score"
_CHINESE_TOKEN = re.compile(r"[\u4e00-\u9fa5]|[^\s\u4e00-\u9fa5]+")


class QuestionScore(NamedTuple):
    """Exact match (0 or 1) and F1 (0 to 1) of one question."""

    id: str
    exact_match: int
    f1: float


class BenchmarkScores(NamedTuple):
    """The scores of a benchmark file's questions, and how many questions were left out."""

    questions: list[QuestionScore]
    left_out: int


@lru_cache(maxsize=1000)
def normalize(text: str, metric: Metric, language: str | None = None) -> str:
    """Return the form of a text used for comparison: lower case, no punctuation, no articles.

    Raises:
        UserError: if MLQA's rules do not cover the language.
    """
    text = text.lower()
    if metric == "squad":
        text = "".join(c for c in text if c not in _ASCII_PUNCTUATION)
        return " ".join(_ENGLISH_ARTICLES.sub(" ", text).split())
    if language not in _MLQA_ARTICLES:
        known = ", ".join(_MLQA_ARTICLES)
        raise UserError(
            f'MLQA\'s rules do not know the language "{language}" (they know {known}); '
            "name the passage's language, or use the metric squad"
        )
    text = "".join(
        c
        for c in text
        if c not in _ASCII_PUNCTUATION and not unicodedata.category(c).startswith("P")
    )
    if articles := _MLQA_ARTICLES[language]:
        text = articles.sub(" ", text)
    return " ".join(_CHINESE_TOKEN.findall(text) if language == "zh" else text.split())


def exact_match(prediction: str, answer: str, metric: Metric, language: str | None = None) -> bool:
    """Whether the two texts have the same normal form."""
    return normalize(prediction, metric, language) == normalize(answer, metric, language)


def f1(prediction: str, answer: str, metric: Metric, language: str | None = None) -> float:
    """Harmonic mean of precision and recall over the tokens (with repetition), 0 to 1."""
    predicted = normalize(prediction, metric, language).split()
    expected = normalize(answer, metric, language).split()
    same = (Counter(predicted) & Counter(expected)).total()
    if same == 0:
        return 0.0
    precision = same / len(predicted)
    recall = same / len(expected)
    return (2 * precision * recall) / (precision + recall)


def score_questions(
    dataset: Any, predictions: Any, metric: Metric, language: str | None = None
) -> list[QuestionScore]:
    """Score each question of a data set in its order, against the best of its answers.

    A question without a prediction scores 0, with a single warning on stderr. Predictions for
    other questions are ignored, with a warning if that is all of them. An id that is an integer is
    converted to its digits, as in the keys of predictions.

    Raises:
        UserError: if either has the wrong format, or the rules do not cover the language.
    """
    questions = list(_questions(dataset))
    _check_predictions(predictions, questions)
    _check_answers(questions, predictions)
    return _scores(questions, predictions, metric, language)


def _check_predictions(predictions: Any, questions: Sequence[_Question]) -> None:
    """Raises UserError unless it maps question ids to texts."""
    if not isinstance(predictions, Mapping):
        raise UserError("predictions must be one JSON object {question id: text}")
    for id, _ in questions:
        if not isinstance(prediction := predictions.get(id, ""), str):
            kind = type(prediction).__name__
            raise UserError(f'the prediction for question "{id}" is {kind}, not text')


def _check_answers(questions: Sequence[_Question], predictions: Mapping[str, str]) -> None:
    """Raises UserError if a question with a prediction has no answers to compare it with."""
    for id, answers in questions:
        if id in predictions and not (answers and all(isinstance(x, str) for x in answers)):
            raise UserError(f'question "{id}" of the data set needs answers that are text')


def _scores(
    questions: Sequence[_Question],
    predictions: Mapping[str, str],
    metric: Metric,
    language: str | None,
) -> list[QuestionScore]:
    scores, unanswered = [], []
    for id, answers in questions:
        if id not in predictions:
            unanswered.append(id)
            scores.append(QuestionScore(id, 0, 0.0))
            continue
        prediction = predictions[id]
        scores.append(
            QuestionScore(
                id,
                int(any(exact_match(prediction, a, metric, language) for a in answers)),
                max(f1(prediction, a, metric, language) for a in answers),
            )
        )
    _warn_of_unanswered(unanswered)
    if predictions and all(score.id not in predictions for score in scores):
        print("None of the predictions is for a question of this data set.", file=sys.stderr)
    return scores


def _warn_of_unanswered(ids: list[str]) -> None:
    """A single question in the official scripts' wording; several in one line."""
    if len(ids) == 1:
        print(f"Unanswered question {ids[0]} will receive score 0.", file=sys.stderr)
    elif ids:
        first = ", ".join(ids[:_IDS_SHOWN]) + ", …" * (len(ids) > _IDS_SHOWN)
        print(
            f"{len(ids)} unanswered questions ({first}) will receive score 0. "
            "That is what the official script does, so the scores stay the official ones.",
            file=sys.stderr,
        )


def summarize(scores: list[QuestionScore]) -> dict[str, float]:
    """Return ``{"exact_match", "f1"}`` in percent over all questions.

    Raises:
        UserError: if there are none.
    """
    if not scores:
        raise UserError(_NO_QUESTIONS)
    # Added one by one like the official scripts: since Python 3.12 sum() compensates rounding.
    total_exact_match, total_f1 = 0, 0.0
    for question in scores:
        total_exact_match += question.exact_match
        total_f1 += question.f1
    return {
        "exact_match": 100.0 * total_exact_match / len(scores),
        "f1": 100.0 * total_f1 / len(scores),
    }


def score(
    dataset: Any, predictions: Any, metric: Metric, language: str | None = None
) -> dict[str, float]:
    """Return ``{"exact_match", "f1"}`` in percent, like the metric's official script.

    Raises:
        UserError: as `score_questions`, or if there are no questions.
    """
    return summarize(score_questions(dataset, predictions, metric, language))


def score_file(
    dataset_path: str | Path,
    predictions_path: str | Path,
    metric: Metric,
    language: str | None = None,
) -> dict[str, float]:
    """`score` for two JSON files; errors name the file.

    Raises:
        UserError: as `score`, or if a file is not JSON.
    """
    return summarize(score_questions_of_file(dataset_path, predictions_path, metric, language))


def score_questions_of_file(
    dataset_path: str | Path,
    predictions_path: str | Path,
    metric: Metric,
    language: str | None = None,
) -> list[QuestionScore]:
    """`score_questions` for two JSON files; errors name the file.

    Warns on stderr if the data set's version is not the one that the official script expects.

    Raises:
        UserError: as `score`, or if a file is not JSON.
    """
    dataset, predictions = read_json(dataset_path), read_json(predictions_path)
    _warn_of_version(dataset, metric)
    with _naming(dataset_path):
        questions = list(_questions(dataset))
    paths = dataset_path, predictions_path
    return _scores_of_files(questions, predictions, paths, metric, language)


def score_benchmark(
    dataset_path: str | Path,
    predictions_path: str | Path,
    metric: Metric,
    language: str | None = None,
) -> BenchmarkScores:
    """`score_questions_of_file` without unscorable questions (`lbmrc.data.benchmark`).

    For a file without such questions these are the official scores.

    Raises:
        UserError: as `score_questions_of_file`; also if no question can be scored.
    """
    dataset, predictions = read_squad_json(dataset_path), read_json(predictions_path)
    _warn_of_version(dataset, metric)
    found = list(benchmark_questions(dataset["data"]))
    questions = [question for question in found if isinstance(question, BenchmarkQuestion)]
    texts = [(question.id, [text for text, _ in question.answers]) for question in questions]
    paths = dataset_path, predictions_path
    scores = _scores_of_files(texts, predictions, paths, metric, language)
    return BenchmarkScores(scores, len(found) - len(questions))


def _scores_of_files(
    questions: Sequence[_Question],
    predictions: Any,
    paths: tuple[str | Path, str | Path],
    metric: Metric,
    language: str | None,
) -> list[QuestionScore]:
    """The scores; errors name the faulty file. ``paths``: of the data set and the predictions."""
    dataset_path, predictions_path = paths
    with _naming(predictions_path):
        _check_predictions(predictions, questions)
    with _naming(dataset_path):
        _check_answers(questions, predictions)
        if not questions:
            raise UserError(_NO_QUESTIONS)
    return _scores(questions, predictions, metric, language)


@contextmanager
def _naming(path: str | Path) -> Iterator[None]:
    """Prefix the message of a UserError with the file's path."""
    try:
        yield
    except UserError as error:
        raise UserError(f"{path}: {error}") from None


def _warn_of_version(dataset: Any, metric: Metric) -> None:
    version = dataset.get("version") if isinstance(dataset, dict) else None
    if version is not None and str(version) != DATASET_VERSIONS[metric]:
        expected = DATASET_VERSIONS[metric]
        print(f"Evaluation expects v-{expected}, but got dataset with v-{version}", file=sys.stderr)


def _questions(dataset: Any) -> Iterator[_Question]:
    place = "data"
    try:
        for found in walk(dataset["data"]):
            if isinstance(found, Misfit):
                raise found
            place = found.place
            id = id_at(found.record, place)
            answers = list_at(found.record, "answers", place)
            yield id, [answer["text"] for answer in answers]
    except (KeyError, TypeError, Misfit) as error:
        missing = "no " if isinstance(error, KeyError) else ""
        raise UserError(
            f"not a SQuAD-format data set at or after {place} ({missing}{error}); correct it"
        ) from None

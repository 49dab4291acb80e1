"""A trained system as a reader: questions and passages in, answers out.

Input: the folder of a trained system's model, of any family that lbmrc trains, and texts. Output:
`Answer`: a span of the passage in code points, the sentence it is in, its score and, if the system
was calibrated (`lbmrc.evaluation.calibration`), its confidence. `lbmrc.Reader` is the class
`Reader` here; transformers no longer has a question-answering pipeline.
"""

import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from lbmrc.common.errors import UserError
from lbmrc.common.progress import progress as progress_bar
from lbmrc.config.stages import DecodingSettings, WindowSettings
from lbmrc.data.examples import Example
from lbmrc.evaluation.calibration import FILE, SPANS, confidences, read_calibration
from lbmrc.evaluation.language_detection import detect_language
from lbmrc.evaluation.prediction import Prediction, predictions
from lbmrc.evaluation.sentence_context import sentence_around
from lbmrc.model.checkpoint_files import (
    language_ids,
    load_tokenizer,
    most_tokens,
    window_settings,
)
from lbmrc.tokenization.tokenize import tokenize
from lbmrc.windows.build import build_windows

UNCALIBRATED = f"no confidence: the model has no {FILE}"
_DETECTED_TEXTS = 10_000
_DEVICES = ("cpu", "cuda", "auto")
_UNSEEN = "ZCM"
"""Major categories of characters that show nothing alone: white space, controls, marks."""


class Question(NamedTuple):
    """A question on a passage; languages are two-letter codes, detected if None."""

    question: str
    passage: str
    question_language: str | None = None
    passage_language: str | None = None


@dataclass(frozen=True, slots=True)
class Span:
    """``passage[start:end] == text``, in code points.

    ``score`` is the sum of its start and end logits; ``confidence``, between 0 and 1, is the
    calibrated probability that it is right, or None without a calibration.
    """

    text: str
    start: int
    end: int
    score: float
    confidence: float | None


@dataclass(frozen=True, slots=True)
class Answer:
    """The best span of a passage, with the fields of `Span`, and its context.

    ``sentence`` is the sentence (or sentences) it is in, starting at ``sentence_start``;
    ``alternatives`` are the next best spans, best first; languages are "" if the model needs none;
    ``notes`` list doubts about the answer. If the passage has no words, ``text`` is empty and
    ``score`` None.
    """

    question: str
    text: str
    start: int
    end: int
    score: float | None
    confidence: float | None
    sentence: str
    sentence_start: int
    alternatives: tuple[Span, ...]
    question_language: str
    passage_language: str
    notes: tuple[str, ...]


class Reader:
    """A trained system, ready to answer.

    Args:
        folder: of its model, or the parent of that folder (``.../seed-42``).
        device: "cpu", "cuda", or "auto": cuda where there is one.
        batch_size: windows per batch.
        whole_words: extend spans to whole words; predictions for the official scores do not.

    Raises:
        UserError: if the folder holds no trained system, its calibration is broken, or there is no
            such device or batch size.
    """

    def __init__(
        self,
        folder: str | Path,
        *,
        device: str = "cpu",
        batch_size: int = 32,
        whole_words: bool = True,
    ):
        from lbmrc.model.span_model import load_model, pad_id
        from lbmrc.runtime.devices import resolve

        if device not in _DEVICES:
            raise UserError(f"device is {device!r}; it must be one of {', '.join(_DEVICES)}")
        _check_number(batch_size, "batch_size", least=1)
        self.folder = model_folder(folder)
        self._windows = _window_settings(self.folder)
        self.device = resolve(device)
        # transformers' decorator of `to` hides its arguments
        self._model = load_model(self.folder).to(self.device)  # type: ignore[arg-type]
        self._tokenizer = load_tokenizer(self.folder)
        self._pad_id = pad_id(self._model)
        self._decoding = DecodingSettings(
            n_best=SPANS, batch_size=batch_size, whole_words=whole_words
        )
        calibration = calibration_file(self.folder)
        self.calibration = read_calibration(calibration) if calibration else None
        self.languages = _readable(language_ids(self.folder), self._tokenizer)
        self._detect = lru_cache(_DETECTED_TEXTS)(detect_language)

    def answer(
        self,
        question: str,
        passage: str,
        *,
        question_language: str | None = None,
        passage_language: str | None = None,
        alternatives: int = 2,
    ) -> Answer:
        """Answer one question from one passage of any length.

        Args:
            question_language, passage_language: two letters; detected if None and the model needs
                languages (`languages`).
            alternatives: how many of the next best spans to return, at most 19.

        Raises:
            UserError: if a text is empty or not Unicode, the model does not know a language, or
                ``alternatives`` is out of range.
        """
        one = Question(question, passage, question_language, passage_language)
        return next(self.answer_many([one], alternatives=alternatives))

    def answer_many(
        self,
        questions: Iterable[Question | tuple | Mapping[str, str]],
        *,
        alternatives: int = 2,
        progress: bool = False,
        places: Sequence[str] | None = None,
    ) -> Iterator[Answer]:
        """Answer many questions in batches; answers come in the order of the questions.

        Args:
            questions: `Question`, tuples of its fields in order, or mappings with these keys.
            alternatives: as for `answer`.
            progress: show a bar on standard error.
            places: where each question is from, such as "questions.jsonl: line 3", for errors.

        Raises:
            UserError: as for `answer`, with the question's place, or its number if there are
                several.
        """
        _check_number(alternatives, "alternatives", least=0, most=SPANS - 1)
        given = list(questions)
        if places is None and len(given) > 1:
            places = [f"question {n + 1}" for n in range(len(given))]
        asked = [
            self._checked(number, f"{places[number]}: " if places else "", one)
            for number, one in enumerate(given)
        ]
        found = self._predict(example for example, _ in asked)
        bar = progress_bar(len(asked), "answer", "questions") if progress else nullcontext()
        with bar as shown:
            for (example, notes), prediction in zip(asked, found, strict=True):
                yield self._answer(example, notes, prediction, alternatives)
                if shown is not None:
                    shown.update()

    def _predict(self, examples: Iterable[Example]) -> Iterator[Prediction]:
        batches = build_windows(examples, self._tokenizer, self._windows, for_prediction=True)
        tables = (pa.Table.from_batches([batch]) for batch in batches)
        return predictions(self._model, tables, self._decoding, self.device, self._pad_id)

    def _checked(self, number: int, place: str, given) -> tuple[Example, tuple[str, ...]]:
        """The question with its languages, and notes on doubtful ones."""
        try:
            one = Question(**given) if isinstance(given, Mapping) else Question(*given)
        except TypeError as error:
            raise UserError(
                f"{place}not a question and a passage ({error}); its keys are "
                f"{', '.join(Question._fields)}"
            ) from None
        languages, notes = [], []
        for name in ("question", "passage"):
            text, language = getattr(one, name), getattr(one, f"{name}_language")
            _check_text(text, f"{place}the {name}")
            if language is not None:
                _check_language(language, self.languages, f"{place}the {name}'s language")
            elif self.languages:
                language, _, note = self._detect(text, self.languages)
                notes += [f"the {name}: {note}"] if note else []
            languages.append(language or "")
        question_language, passage_language = languages
        example = Example(
            id=str(number),
            passage_id="",
            passage_language=passage_language,
            question_language=question_language,
            passage=one.passage,
            question=one.question,
            answers=(),
        )
        return example, tuple(notes)

    def _answer(
        self, example: Example, notes: tuple[str, ...], found: Prediction, alternatives: int
    ) -> Answer:
        if self.calibration is None:
            notes = (*notes, UNCALIBRATED)
        spans = self._spans(found) if _has_words(example.passage) else ()
        best = spans[0] if spans else Span("", 0, 0, 0.0, None)
        first, end = sentence_around(example.passage, best.start, best.end)
        return Answer(
            question=example.question,
            text=best.text,
            start=best.start,
            end=best.end,
            score=best.score if spans else None,
            confidence=best.confidence,
            sentence=example.passage[first:end],
            sentence_start=first,
            alternatives=spans[1 : alternatives + 1],
            question_language=example.question_language,
            passage_language=example.passage_language,
            notes=notes if spans else (*notes, "the passage has no words"),
        )

    def _spans(self, found: Prediction) -> tuple[Span, ...]:
        confidence: list[float | None] = [None] * len(found.spans)
        if self.calibration and found.spans:
            scores = np.array([span.score for span in found.spans])
            confidence = confidences(scores, self.calibration.temperature).tolist()
        return tuple(
            Span(one.text, one.start, one.start + len(one.text), float(one.score), probability)
            for one, probability in zip(found.spans, confidence, strict=True)
        )


def model_folder(folder: str | Path) -> Path:
    """The folder of a system's model: the given one, or its subfolder ``model``."""
    below = Path(folder) / "model"
    here = (Path(folder) / "config.json").exists()
    return below if not here and (below / "config.json").exists() else Path(folder)


def check_languages_read(folder: str | Path, languages: Collection[str]) -> None:
    """Check that a model's reader takes these languages; quick, so it can run before it is loaded.

    Raises:
        UserError: if it does not take one of them.
    """
    if languages:
        known = _readable(language_ids(folder), load_tokenizer(folder))
        for language in languages:
            _check_language(language, known, "the language")


def calibration_file(model: Path) -> Path | None:
    """A model's calibration file: in its folder, or next to it, where the workflow writes it."""
    places = [model / FILE]
    if model.absolute().name == "model":
        places.append(model.absolute().parent / FILE)
    return next((path for path in places if path.exists()), None)


def _readable(languages: Iterable[str], tokenizer) -> tuple[str, ...]:
    """The languages that can be tokenized: for some, XLM needs segmenters that are missing here."""
    found = []
    for language in sorted(languages):
        with suppress(UserError):
            tokenize("a", language, tokenizer)
            found.append(language)
    return tuple(found)


def _window_settings(folder: Path) -> WindowSettings:
    """The windows that the model learnt from, else the usual ones if it has positions for them."""
    given = window_settings(folder)
    longest = given.get("max_length", WindowSettings().max_length)
    if (most := most_tokens(folder)) is not None:
        longest = min(longest, most)
    try:
        return WindowSettings(**given | {"max_length": longest})
    except ValueError as error:
        raise UserError(
            f"{folder / 'config.json'}: no windows of {longest} tokens with lbmrc_windows {given} "
            f"({error}); correct it, or take a model with more positions"
        ) from None


def _has_words(text: str) -> bool:
    return any(unicodedata.category(character)[0] not in _UNSEEN for character in text)


def _check_number(value: Any, name: str, least: int, most: int | None = None) -> None:
    whole = isinstance(value, int) and not isinstance(value, bool)
    if not whole or value < least or (most is not None and value > most):
        limit = f"{least} or more" if most is None else f"from {least} to {most}"
        raise UserError(f"{name} is {value!r}; it must be a whole number, {limit}")


def _check_language(language: object, known: Collection[str], name: str) -> None:
    """``known``: the languages that the model takes; none if it needs no language."""
    if not isinstance(language, str):
        raise UserError(f"{name} is {type(language).__name__}, not text")
    if known and language not in known:
        raise UserError(
            f"{name}: the model does not know {language}; it knows {', '.join(known)}. Give one "
            "of these, or none to have it detected"
        )


def _check_text(text: object, name: str) -> None:
    if not isinstance(text, str):
        raise UserError(f"{name} is {type(text).__name__}, not text")
    if not text.strip():
        raise UserError(f"{name} is empty; give one")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise UserError(f"{name} holds half a surrogate pair at {error.start}; remove it") from None

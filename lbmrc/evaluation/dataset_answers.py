"""A reader's answers to the questions of a SQuAD-format file, with or without gold answers."""

from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

from lbmrc.common.errors import UserError
from lbmrc.data.squad_json import Misfit, id_at, read_squad_json, text_at, walk
from lbmrc.evaluation.reader import UNCALIBRATED, Question, Reader


class DatasetAnswers(NamedTuple):
    """``{question id: text}``, and the number of questions for each note on languages."""

    predictions: dict[str, str]
    notes: Counter[str]


def answer_dataset(
    reader: Reader,
    dataset: str | Path,
    question_language: str | None = None,
    passage_language: str | None = None,
    *,
    progress: bool = False,
) -> DatasetAnswers:
    """Answer every question of a file; a blank question or passage gets an empty answer.

    Args:
        question_language, passage_language: the same for all; None to detect each text's.
        progress: show a bar on standard error.

    Raises:
        UserError: if the file is not in SQuAD's format, an id is used twice, or it has no question.
    """
    questions: dict[str, Question] = {}
    articles = read_squad_json(dataset)["data"]
    for found in walk([_titled(article) for article in articles], texts=True):
        try:
            if isinstance(found, Misfit):
                raise found
            id = id_at(found.record, found.place)
            text = text_at(found.record, "question", found.place)
            if id in questions:
                raise Misfit(f"{found.place}.id", "was already used in this file")
        except Misfit as misfit:
            raise UserError(f"{dataset}: {misfit}; correct it") from None
        questions[id] = Question(text, found.passage, question_language, passage_language)
    if not questions:
        raise UserError(f"{dataset}: no question in this file")
    asked = {
        id: one for id, one in questions.items() if one.question.strip() and one.passage.strip()
    }
    answers = reader.answer_many(asked.values(), alternatives=0, progress=progress)
    predictions, notes = dict.fromkeys(questions, ""), Counter[str]()
    for id, answer in zip(asked, answers, strict=True):
        predictions[id] = answer.text
        notes.update(note for note in answer.notes if note != UNCALIBRATED)
    return DatasetAnswers(predictions, notes)


def _titled(article: Any) -> Any:
    """With a title, which answers do not need: the official scorers read files without."""
    return {"title": "", **article} if isinstance(article, dict) else article

"""Ready-made translations: a published SQuAD in another language, aligned by question id.

MLQA's translate-train (Lewis et al. 2020), XTREME's (Hu et al. 2020) and XQuAD's human translations
have SQuAD's format and ids. Input: such a file and the English examples. Output: the same as from
our own translation.

Irregularities of published files are accepted and counted: questions omitted because their answer
was lost (MLQA), missing titles, repeated ids because each answer has its own record (XTREME), and
answers that are empty or not at their offset.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeGuard

from lbmrc.common.errors import UserError
from lbmrc.data.examples import Answer, Example
from lbmrc.data.squad_json import Misfit, id_at, read_squad_json, walk, whole_number
from lbmrc.translation.recovery.degeneration import degeneration_reason, usable_question
from lbmrc.translation.recovery.funnel import Finding, Funnel
from lbmrc.translation.recovery.markers import has_visible_text
from lbmrc.translation.recovery.projection import occurrences
from lbmrc.translation.translate import Translation, in_language


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """A question as given in the file; None if it is not text.

    ``answers``: those found in the passage, at their own offset or (``moved``) at their only other
    occurrence. If there are none, ``lost`` is the reason: ``malformed`` (question or passage is not
    text), ``malformed-answers`` (they are not a list), ``no-answer``, ``blank`` (nothing visible),
    ``not-in-passage``, ``ambiguous`` (not at its offset, but in several other places).
    """

    question: str | None
    passage: str
    answers: tuple[Answer, ...] = ()
    moved: bool = False
    lost: str | None = None


_NOT_TRANSLATED = ReadyMade(None, "", lost="not-translated")


def read_ready_made(path: str | Path) -> tuple[dict[str, ReadyMade], Counter[str]]:
    """The questions of a SQuAD-format file by id, and notes: ``repeated_ids``.

    If several records have the same id, the first with a usable answer is used.

    Raises:
        UserError: if the file is not JSON or has no ``data`` list.
    """
    content = read_squad_json(
        path,
        "ready-made translations have SQuAD's format, as MLQA's translate-train and XTREME's have",
    )
    found: dict[str, ReadyMade] = {}
    notes: Counter[str] = Counter()
    for question in walk(content["data"]):
        if isinstance(question, Misfit):
            continue
        try:
            id = id_at(question.record, question.place)
        except Misfit:
            continue
        notes["repeated_ids"] += id in found
        if id not in found or found[id].lost:
            found[id] = _ready(question.passage, question.record)
    return found, notes


def align(examples: Iterable[Example], path: str | Path, language: str) -> Translation:
    """Read the translation of each example, by its id, from a file in ``language``.

    In addition to `ReadyMade`'s reasons, an answer is lost as ``not-translated`` if its question is
    missing, and as ``degenerate-question`` if its question is blank or not a translation; such a
    question is None. Notes count moved answers, repeated ids, and degenerate
    passages and questions (`lbmrc.translation.recovery.degeneration`).

    Raises:
        UserError: if the file is not in SQuAD's format, or translates no question of ``examples``.
    """
    path = Path(path)
    translated, notes = read_ready_made(path)
    kept, found = [], {}
    questions: dict[str, str | None] = {}
    texts: dict[tuple[str, str], None] = {}
    funnel = Funnel(language, f"ready-made {path.name}")
    for example in examples:
        other = translated.get(example.id, _NOT_TRANSLATED)
        sample = {"id": example.id, "answer": example.answers[0].text}
        question = questions[example.id] = usable_question(example.question, other.question)
        if other.question is not None:
            sample["question"] = other.question
            texts[example.passage, other.passage] = texts[example.question, other.question] = None
            if question is None:
                funnel.count("degenerate-question", sample)
                continue
        if other.lost:
            funnel.count(other.lost, sample)
            continue
        assert question is not None  # else it was lost
        notes["answers_moved"] += other.moved
        funnel.count(None, sample | {"recovered": other.answers[0].text})
        found[example.id] = Finding("ready-made, moved" if other.moved else "ready-made", 1.0)
        kept.append(in_language(example, language, other.passage, question, *other.answers))
    if not texts:
        raise UserError(
            f"{path}: none of {funnel.questions} questions has a translation here with the same "
            "id; give the file that translates this data set"
        )
    notes.update(f"degenerate_{reason}" for pair in texts if (reason := degeneration_reason(*pair)))
    funnel.notes = +notes
    return Translation(kept, questions, funnel, found)


def _ready(passage: Any, record: dict[str, Any]) -> ReadyMade:
    question = record.get("question")
    if not _is_text(passage) or not _is_text(question):
        return ReadyMade(None, "", lost="malformed")
    placed: list[tuple[Answer, bool]] = []
    reasons: list[str] = []
    answers = record.get("answers") or []
    if not isinstance(answers, list):
        return ReadyMade(question, passage, lost="malformed-answers")
    for answer in answers:
        place = _place(answer if isinstance(answer, dict) else {}, passage)
        if isinstance(place, str):
            reasons.append(place)
        else:
            placed.append(place)
    if not placed:
        return ReadyMade(question, passage, lost=reasons[0] if reasons else "no-answer")
    found = tuple(dict.fromkeys(answer for answer, _ in placed))
    return ReadyMade(question, passage, found, moved=placed[0][1])


def _place(answer: dict[str, Any], passage: str) -> tuple[Answer, bool] | str:
    """The answer at its position and whether it was moved there, or the reason why it is lost."""
    text, start = answer.get("text"), whole_number(answer.get("answer_start"))
    if not _is_text(text) or not has_visible_text(text):
        return "blank"
    if start is not None and start >= 0 and passage.startswith(text, start):
        return Answer(text, start), False
    text = text.strip()
    places = [at for at in occurrences(text, passage) if passage.startswith(text, at)]
    if len(places) == 1:
        return Answer(text, places[0]), True
    return "ambiguous" if places else "not-in-passage"


def _is_text(value: Any) -> TypeGuard[str]:
    """Whether a value is text that can be written to files (no lone surrogate)."""
    try:
        return isinstance(value, str) and value.encode() is not None
    except UnicodeEncodeError:
        return False

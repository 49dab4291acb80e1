"""The synthetic corpus's parallel text, tokenized: token ids and aligned token positions.

Input: passages of the generator, in nine languages, with the code-point spans that are aligned
(the facts' values and the names). Output: per passage and language the subword ids, and for every
aligned span its first and last token, the same span at the same index in each language.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from lbmrc.miniworld.generator.passages import Passage

    Tokenize = Callable[[str, str], tuple[np.ndarray, np.ndarray]]

ABSENT = (-1, -1)


@dataclass(frozen=True, slots=True)
class AlignedTokens:
    """A text in one language: ids int32 (n,), and each span's first and last token (m, 2)."""

    ids: np.ndarray
    spans: np.ndarray


@dataclass(frozen=True, slots=True)
class ParallelQuestion:
    """A question in each language, and the passage's span that answers it."""

    texts: dict[str, AlignedTokens]
    answer: int


@dataclass(frozen=True, slots=True)
class ParallelPassage:
    """A passage in each language, its sentences as spans too, and its questions."""

    texts: dict[str, AlignedTokens]
    sentences: dict[str, np.ndarray]
    questions: list[ParallelQuestion]


def token_spans(offsets: np.ndarray, spans: Iterable[tuple[int, int]]) -> np.ndarray:
    """The first and last token of each code-point span: int32 (m, 2), (-1, -1) without a token.

    Offsets (n, 2) are the tokens' own code-point spans.
    """
    places = []
    for start, end in spans:
        inside = np.flatnonzero((offsets[:, 0] < end) & (offsets[:, 1] > start))
        places.append((inside[0], inside[-1]) if inside.size else ABSENT)
    return np.array(places, dtype=np.int32).reshape(-1, 2)


def parallel_passage(passage: "Passage", tokenize: "Tokenize") -> ParallelPassage:
    """The passage in token ids; the spans are its slots, in their order, then its anchors."""
    texts, sentences = {}, {}
    for language, text in passage.text.items():
        ids, offsets = tokenize(text, language)
        aligned = [slot.spans[language] for slot in passage.slots]
        aligned += [anchor[language] for anchor in passage.anchors]
        texts[language] = AlignedTokens(ids, token_spans(offsets, aligned))
        sentences[language] = token_spans(offsets, passage.sentences[language])
    questions = []
    for question in passage.questions:
        question_texts = {}
        for language, text in question.text.items():
            ids, offsets = tokenize(text, language)
            aligned = [mention[language] for mention in (question.entity, *question.anchors)]
            question_texts[language] = AlignedTokens(ids, token_spans(offsets, aligned))
        questions.append(ParallelQuestion(question_texts, question.slot))
    return ParallelPassage(texts, sentences, questions)

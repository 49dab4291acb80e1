"""The unit that is marked: the sentence or sentences of a passage that contain an answer."""

from collections.abc import Sequence
from dataclasses import dataclass

from lbmrc.common.spans import Span, overlap, trim
from lbmrc.data.examples import Example
from lbmrc.translation.recovery.markers import Lost, MarkerInText, has_visible_text, insert_markers


@dataclass(frozen=True, slots=True)
class TranslationUnit:
    """The sentences ``first`` to ``last`` of a passage, with the answer in ``text[start:end]``.

    ``whole``: the unit's span in the passage.
    """

    first: int
    last: int
    whole: Span
    text: str
    start: int
    end: int

    def marked(self, markers: Sequence[str]) -> str | Lost:
        """The unit with markers around the answer, or `Lost` if it already contains a marker."""
        try:
            return insert_markers(self.text, self.start, self.end, markers)
        except MarkerInText:
            return Lost("marker-in-text")


def answer_unit(example: Example, spans: Sequence[Span]) -> TranslationUnit | Lost:
    """The unit of an example's first answer; lost as ``blank`` if it has no visible character.

    ``spans`` are the sentences of its passage.
    """
    answer = example.answers[0]
    start, end = trim(example.passage, answer.start, answer.end)
    touched = [i for i, span in enumerate(spans) if overlap(span, (start, end))]
    if not touched or not has_visible_text(example.passage[start:end]):
        return Lost("blank")
    first, last = touched[0], touched[-1]
    whole = spans[first][0], spans[last][1]
    text = example.passage[slice(*whole)]
    return TranslationUnit(first, last, whole, text, start - whole[0], end - whole[0])

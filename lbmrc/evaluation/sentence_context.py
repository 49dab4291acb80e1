"""The sentence that an answer is in, in any of the languages of MLQA and XQuAD."""

import re
from collections.abc import Iterator

from lbmrc.common.spans import Span, overlap, trim
from lbmrc.translation.sentences import split_sentences

_UP_TO_MARK = re.compile(r"[^।॥؟۔。！？]*(?:[।॥؟۔。！？]+|$)")
"""A sentence by the marks of other scripts than English's; unlike a full stop, they end no
abbreviation."""


def sentence_around(passage: str, start: int, end: int) -> Span:
    """Start and end, in code points, of the sentences a span overlaps; the span's own if none."""
    around = [span for span in _sentences(passage) if overlap(span, (start, end))]
    return (min(start, around[0][0]), max(end, around[-1][1])) if around else (start, end)


def _sentences(passage: str) -> Iterator[Span]:
    for first, end in split_sentences(passage):
        for found in _UP_TO_MARK.finditer(passage, first, end):
            yield trim(passage, *found.span())

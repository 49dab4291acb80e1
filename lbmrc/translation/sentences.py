"""Sentences of English passages, with exact offsets: the unit that is translated.

Input: a passage. Output: one span of code points per sentence, in order; spans do not overlap and
do not begin or end with white space. Only white space lies between them, so the sentences and gaps
together are exactly the passage; `replace_spans` replaces the sentences and keeps the gaps.

Boundaries inside a line are nupunkt's (Punkt, trained on English; its spans cover the text). A line
break is also a boundary, as in a list or after a heading, unless the next line begins in lower
case or is a subscript that lost its mark-up ("O\\n2", frequent in SQuAD).
"""

import re
from collections.abc import Sequence

from nupunkt import sent_spans

from lbmrc.common.spans import Span, trim

_LINE_BREAK = re.compile(r"\s*[\n\r\u2028\u2029]\s*")
_SUBSCRIPT = re.compile(r"(?<!\w)[A-Z][A-Za-z0-9]{0,4}$")


def split_sentences(text: str) -> list[Span]:
    """The spans (start, end) of the sentences of ``text``, in code points."""
    spans = []
    for line_start, line_end in _lines(text):
        for start, end in sent_spans(text[line_start:line_end]):
            span = trim(text, line_start + start, line_start + end)
            if span[0] < span[1]:
                spans.append(span)
    return spans


def replace_spans(text: str, spans: Sequence[Span], texts: Sequence[str]) -> tuple[str, list[int]]:
    """``text`` with ``spans[i]`` replaced by ``texts[i]`` and the rest unchanged.

    Spans are in order and do not overlap. Returns the new text and where each of ``texts`` starts.
    """
    pieces, starts, length, done = [], [], 0, 0
    for (start, end), new in zip(spans, texts, strict=True):
        gap = text[done:start]
        starts.append(length + len(gap))
        pieces += [gap, new]
        length += len(gap) + len(new)
        done = end
    return "".join([*pieces, text[done:]]), starts


def _lines(text: str) -> list[Span]:
    lines, start = [], 0
    for match in _LINE_BREAK.finditer(text):
        before, after = text[start : match.start()], text[match.end() : match.end() + 1]
        subscript = after.isdigit() and _SUBSCRIPT.search(before)
        if not (after.islower() or subscript):
            lines.append((start, match.end()))
            start = match.end()
    return [*lines, (start, len(text))]

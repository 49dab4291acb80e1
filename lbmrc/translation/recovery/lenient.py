"""Lenient recovery of answers from markers that MT has damaged, for the cascade.

`markers.recover_answer` accepts one well-formed pair. Here a marker may also have white space
between its characters, full-width or typographic forms, or its characters in reverse order; it may
occur several times, and the closing marker may come before the opening one. The cascade then looks
for the answer in the clean translation, which rejects wrong readings.
"""

import re
from collections.abc import Sequence
from functools import cache

from lbmrc.translation.recovery.markers import Lost, Recovered, recover_answer

_ALIKE = ["(（﹙❨", ")）﹚❩", "[［【〔", "]］】〕", "{｛﹛", "}｝﹜", "<＜‹", ">＞›", "/／",
          "\"＂“”„‟«»″", "'＇‘’‚‛´`"]  # fmt: skip


def recover_lenient(text: str, markers: Sequence[str]) -> Recovered | Lost:
    """Like `recover_answer`, but also accepts damaged pairs.

    The answer runs from the first opening marker to the first closing marker after it; all other
    markers are removed.
    """
    found = _merged(text, _found(text, markers))
    kinds = [kind for kind, _, _ in found]
    if len(found) < 2 or len(set(kinds)) < 2:
        missing = "both" if not found else "close" if kinds[0] == "open" else "open"
        return Lost(f"missing-{missing}")
    first = kinds.index("open")
    if "close" in kinds[first:]:
        last = kinds.index("close", first)
    elif len(found) == 2:
        first, last = 0, 1
    else:
        return Lost("swapped")
    pieces, done = [], 0
    for number, (_, start, end) in enumerate(found):
        pieces.append(text[done:start])
        if number in (first, last):
            pieces.append(_SENTINELS[number == last])
        elif text[start - 1 : start].isspace() or start == 0:
            end += len(text[end:]) - len(text[end:].lstrip())
        done = end
    return recover_answer("".join([*pieces, text[done:]]), _SENTINELS)


def has_marker_lookalike(text: str, markers: Sequence[str]) -> bool:
    """Whether an unmarked text contains anything that would be read as a marker."""
    return bool(_found(text, markers))


# Private-use characters, which have no meaning in any text.
_SENTINELS = ("\ue0f0", "\ue0f1")


def _found(text: str, markers: Sequence[str]) -> list[tuple[str, int, int]]:
    """(open or close, start, end) of everything that looks like a marker, in order."""
    both = _pattern(*markers)
    if markers[0] == markers[1]:
        spans = [match.span() for match in both.finditer(text)]
        return [("close" if n % 2 else "open", *span) for n, span in enumerate(spans)]
    return [(str(match.lastgroup), *match.span()) for match in both.finditer(text)]


def _merged(text: str, found: list[tuple[str, int, int]]) -> list[tuple[str, int, int]]:
    """Merge adjacent markers of the same kind into one."""
    merged: list[tuple[str, int, int]] = []
    for kind, start, end in found:
        if merged and merged[-1][0] == kind and not text[merged[-1][2] : start].strip():
            merged[-1] = (kind, merged[-1][1], end)
        else:
            merged.append((kind, start, end))
    return merged


@cache
def _pattern(open_: str, close: str) -> re.Pattern[str]:
    return re.compile(f"(?P<open>{_forms(open_)})|(?P<close>{_forms(close)})", re.IGNORECASE)


def _forms(marker: str) -> str:
    orders = [marker]
    if len(marker) == 2 and not any(c.isalnum() for c in marker):
        orders.append(marker[::-1])
    return "|".join(r"\s*".join(map(_form, order)) for order in dict.fromkeys(orders))


def _form(character: str) -> str:
    for alike in _ALIKE:
        if character in alike:
            return f"[{re.escape(alike)}]"
    return re.escape(character)

"""Suggests the name that was probably meant, for errors about unknown names."""

import difflib
from collections.abc import Iterable

_LISTED = 24


def nearest(name: str, names: Iterable[str]) -> str:
    """A hint to append to an error: ``' (did you mean "x"?)'``.

    If none of ``names`` is close, all are listed; if there are more than 24, too many to list, the
    closest is proposed anyway. Empty if there are no names.
    """
    names = sorted(names)
    cutoff = 0.6 if len(names) <= _LISTED else 0.0
    if close := difflib.get_close_matches(name, names, n=1, cutoff=cutoff):
        return f' (did you mean "{close[0]}"?)'
    return f" (known: {', '.join(names)})" if names else ""

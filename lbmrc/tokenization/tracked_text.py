"""Text that tracks the origin of each of its characters through any chain of rewriting rules.

XLM's tokenizer rewrites a passage some sixty times (Moses' rules are regular expressions with
templates) before it splits it into subwords, and gives no offsets. A `TrackedText` applies the
same rules and keeps, for each character, the code point of the published text that it stands for,
so that each subword has an exact span.
"""

import re
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

_INSERTED = -1  # the origin of white space that has no counterpart in the published text


class Rule:
    """``re.sub(pattern, template)`` that tracks each character.

    A group keeps its characters' origins. The template's other printing characters take theirs
    from the printing characters of the match outside its groups (or from white space if there are
    none): one from one if their numbers are equal, else each from all. ``required`` is a substring
    of every match; checking for it first saves most searches.
    """

    __slots__ = ("parts", "pattern", "printing", "required", "simple")

    def __init__(self, pattern: str | re.Pattern, template: str, required: str | None = None):
        self.pattern = re.compile(pattern)
        self.required = required_substring(self.pattern.pattern) if required is None else required
        pieces = re.split(r"\\g<(\d+)>|\\(\d)", template)
        self.parts: list[int | _Literal] = []
        for literal, named, numbered in zip(
            pieces[::3], [*pieces[1::3], None], [*pieces[2::3], None], strict=True
        ):
            if literal:
                self.parts.append(_Literal(literal))
            if number := named or numbered:
                self.parts.append(int(number))
        self.printing = sum(part.printing for part in self.parts if isinstance(part, _Literal))
        character = self.pattern.pattern
        one_for_one = len(character) == len(template) == self.printing == 1
        self.simple = (
            (character, template) if one_for_one and required_substring(character) else None
        )


class _Literal:
    """Characters that a template adds, with their origins if all of them are white space."""

    __slots__ = ("inserted", "printing", "text")

    def __init__(self, text: str):
        self.text = text
        self.printing = sum(not character.isspace() for character in text)
        self.inserted = array("i", [_INSERTED] * len(text))

    def places(self, sources: list[int]) -> array:
        """The origin of each character; those of printing ones are taken from ``sources``."""
        if not self.printing:
            return self.inserted
        return array("i", [_INSERTED if c.isspace() else sources.pop(0) for c in self.text])


class Padding:
    """A rule that only puts a space before one character of its match, or on both sides:
    ``([a-z])[,]`` to ``\\1 , ``.

    Args:
        pattern, template: as for ``re.sub``; a group is one character.
        mark: the character. If the template names none (`` \\1 ``), it is the group.
    """

    __slots__ = ("both_sides", "mark", "pattern", "place")

    def __init__(self, pattern: str | re.Pattern, template: str, *, mark: str = ""):
        self.pattern = re.compile(pattern)
        self.mark = mark
        before, _, after = template.partition(mark or r"\1")
        self.place = before.count("\\")  # groups, so characters, before it
        self.both_sides = after.startswith(" ")

    def places(self, text: str) -> Iterator[int]:
        """The position of the character in each match of the pattern."""
        if not self.mark:
            yield from (match.start() for match in self.pattern.finditer(text))
            return
        # Patterns begin with sets of thousands of characters: a search for the mark is faster.
        done, place = 0, text.find(self.mark)
        while place >= 0:
            first = place - self.place
            if first >= done and (match := self.pattern.match(text, first)):
                yield place
                done = match.end()
            place = text.find(self.mark, place + 1)


def required_substring(pattern: str) -> str:
    """The longest string that every match of a simple pattern (no alternatives) holds."""
    best = run = ""
    tokens = re.findall(r"\[[^\]]*\]|\\.|.", pattern, re.DOTALL)
    for token, following in zip(tokens, [*tokens[1:], ""], strict=True):
        escaped = token[0] == "\\" and not token[1].isalnum()
        literal = token[-1] if escaped or (len(token) == 1 and token not in "()+*?^$.|") else ""
        run = run + literal if literal and following not in ("*", "?") else ""
        best = max(best, run, key=len)
        if following == "+":
            run = ""
    return best


@dataclass(slots=True)
class TrackedText:
    """A rewritten text: ``text[i]`` stands for the published code points from ``origin[i]`` on.

    A character stands for one code point, except those in ``wide`` (first code point → end).
    """

    text: str
    origin: array = field(default_factory=lambda: array("i"))
    wide: dict[int, int] = field(default_factory=dict)

    @classmethod
    def from_published(cls, text: str) -> "TrackedText":
        return cls(text, array("i", np.arange(len(text), dtype=np.int32).tobytes()))

    def end_of(self, origin: int) -> int:
        return self.wide.get(origin, origin + 1)

    def rewrite(self, rules: Iterable[Rule]) -> None:
        """Apply rules in turn, each wherever it matches, as ``re.sub`` would."""
        for rule in rules:
            if rule.required not in self.text:
                continue
            if rule.simple:
                self.text = self.text.replace(*rule.simple)
            else:
                self._substitute(rule)

    def pad(self, paddings: Iterable[Padding]) -> None:
        """Apply paddings in turn, each wherever it matches, as ``re.sub`` would."""
        for padding in paddings:
            if padding.mark not in self.text:
                continue
            places = []
            for place in padding.places(self.text):
                places.append(place)
                if padding.both_sides:
                    places.append(place + 1)
            if places:
                self.insert_spaces(places)

    def _substitute(self, rule: Rule) -> None:
        text = self.text
        pieces, origins, done = [], array("i"), 0
        for match in rule.pattern.finditer(text):
            first, last = match.span()
            pieces.append(text[done:first])
            origins += self.origin[done:first]
            sources = self._sources(match, rule) if rule.printing else []
            for part in rule.parts:
                if isinstance(part, int):
                    first_in_group, last_in_group = match.span(part)
                    pieces.append(text[first_in_group:last_in_group])
                    origins += self.origin[first_in_group:last_in_group]
                else:
                    pieces.append(part.text)
                    origins += part.places(sources)
            done = last
        if pieces:
            pieces.append(text[done:])
            origins += self.origin[done:]
            self.text, self.origin = "".join(pieces), origins

    def _sources(self, match: re.Match, rule: Rule) -> list[int]:
        """The origins of the printing characters that the template adds, in order."""
        grouped: set[int] = set()
        for part in rule.parts:
            if isinstance(part, int):
                grouped.update(range(*match.span(part)))
        free = [i for i in range(*match.span()) if i not in grouped]
        printing = [i for i in free if not self.text[i].isspace()] or free
        if len(printing) == rule.printing:
            return [self.origin[i] for i in printing]
        return [self.merge(printing)] * rule.printing

    def merge(self, places: list[int]) -> int:
        """The origin of one character that stands for all of those at ``places``."""
        first = min(self.origin[i] for i in places)
        end = max(self.end_of(self.origin[i]) for i in places)
        if end > first + 1:
            self.wide[first] = end
        return first

    def replace(self, text: str, places: list[int]) -> None:
        """Become ``text``, whose characters are (or represent) those at ``places``.

        A place of -1 is inserted white space.
        """
        self.origin = array("i", [_INSERTED if i < 0 else self.origin[i] for i in places])
        self.text = text

    def remove(self, characters: set[str]) -> None:
        """Drop every occurrence of some characters."""
        kept = [i for i, character in enumerate(self.text) if character not in characters]
        self.replace("".join([self.text[i] for i in kept]), kept)

    def strip(self) -> None:
        """Drop white space at both ends."""
        first = len(self.text) - len(self.text.lstrip())
        self.text = self.text.strip()
        self.origin = self.origin[first : first + len(self.text)]

    def insert_spaces(self, places: list[int]) -> None:
        """Insert a space before each of the given (ascending) places."""
        pieces, origins, done = [], array("i"), 0
        for place in places:
            pieces.append(self.text[done:place])
            origins += self.origin[done:place]
            origins.append(_INSERTED)
            done = place
        pieces.append(self.text[done:])
        origins += self.origin[done:]
        self.text, self.origin = " ".join(pieces), origins

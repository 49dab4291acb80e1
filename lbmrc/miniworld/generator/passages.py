"""Passages and questions of the synthetic corpus, parallel in nine languages, with exact spans.

Sentence i of a passage is the same in every language. A slot is a span of the text that holds a
value or names an entity; it is known in every language, in code points of that language's passage.
A question's answer is one slot. Anchors are aligned spans of other words (question
words, relations, generic nouns). The same split, count and seed give the same passages.
"""

import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from lbmrc.common.errors import UserError
from lbmrc.miniworld.generator.facts import (
    ENTITIES,
    RELATIONS,
    SHARED_KINDS,
    VALUES,
    Value,
    occupation,
)
from lbmrc.miniworld.generator.languages import MODULES
from lbmrc.miniworld.generator.lexicon import LANGUAGES
from lbmrc.miniworld.generator.names import fold, share_of_split

__all__ = ["LANGUAGES", "Passage", "Question", "Slot", "generate_passages"]

Span = tuple[int, int]


@dataclass(frozen=True)
class Slot:
    """A value or an entity's mention (relation "") at a known place in every language."""

    spans: dict[str, Span]
    kind: str
    entity: str
    relation: str


@dataclass(frozen=True)
class Question:
    """A question on its passage; `slot` is the index of the slot that answers it.

    `entity` is the aligned span of the entity's mention in the question, `anchors` those of the
    question word, the relation, the generic noun.
    """

    id: str
    text: dict[str, str]
    slot: int
    entity: dict[str, Span]
    anchors: list[dict[str, Span]]


@dataclass(frozen=True)
class Passage:
    """A passage in every language; sentences are joined by one space."""

    id: str
    title: str
    text: dict[str, str]
    sentences: dict[str, list[Span]]
    slots: list[Slot]
    anchors: list[dict[str, Span]]
    questions: list[Question]


_MIN_SENTENCES = 4

# Limit for all splits together: no two passages share an entity, and titles are finite.
_MAX_PASSAGES = 250_000

_GENDER = re.compile(r"\[([^\]|]*)\|([^\]]*)\]")
_MARK = re.compile(r"\{(\w+)\}|<(\w):([^>]*)>")

# Keys of the statements by entity type: the relations that one sentence states.
_PATTERNS: dict[str, list[tuple[str, ...]]] = {
    kind: [
        tuple(key.partition(".")[2].split("+"))
        for key in MODULES["en"].STATEMENTS
        if key.startswith(f"{kind}.")
    ]
    for kind in RELATIONS
}


@cache
def _parse_phrase(phrase: str, gender: str) -> list[tuple[str, str]]:
    """The pieces of a phrase: ("", literal), ("{", slot name), (anchor key, literal)."""
    phrase = _GENDER.sub(lambda match: match[2] if gender == "f" else match[1], phrase)
    pieces = []
    end = 0
    for match in _MARK.finditer(phrase):
        pieces.append(("", phrase[end : match.start()]))
        pieces.append(("{", match[1]) if match[1] else (match[2], match[3]))
        end = match.end()
    pieces.append(("", phrase[end:]))
    return pieces


def _realise(
    phrase: str, gender: str, values: dict[str, str], start: int = 0
) -> tuple[str, dict[str, Span], dict[str, Span]]:
    """The phrase's text, the spans of its slots and of its anchors, counted from `start`."""
    texts = []
    slots: dict[str, Span] = {}
    anchors: dict[str, Span] = {}
    for mark, content in _parse_phrase(phrase, gender):
        written = values[content] if mark == "{" else content
        end = start + len(written)
        if mark == "{":
            slots[content] = (start, end)
        elif mark:
            anchors[mark] = (start, end)
        texts.append(written)
        start = end
    return "".join(texts), slots, anchors


def _align(by_language: dict[str, dict[str, Span]]) -> dict[str, dict[str, Span]]:
    """Turn language → key → span into key → language → span, for keys that all languages have."""
    keys = [key for key in by_language["en"] if all(key in spans for spans in by_language.values())]
    return {key: {language: by_language[language][key] for language in LANGUAGES} for key in keys}


def _gender_in(values: dict[str, Value]) -> str:
    """The gender of the person in the sentence: the subject, else the value that is a person."""
    return values["x"].gender or next((v.gender for v in values.values() if v.gender), "m")


def _confusable(value: Value, others: list[Value]) -> bool:
    """Whether in some language the value equals, contains or is part of another one."""
    for other in others:
        for language in LANGUAGES:
            one, two = fold(value.text[language]), fold(other.text[language])
            if one in two or two in one:
                return True
    return False


def _entities(rng: random.Random, split: str, kind: str, used: set[str]) -> list[Value]:
    """Two or three new entities of a kind whose names differ clearly in every language."""
    entities: list[Value] = []
    count = rng.choice((2, 2, 2, 3, 3))
    while len(entities) < count:
        entity = ENTITIES[kind](rng, split)
        if entity.text["en"] not in used and not _confusable(entity, entities):
            used.add(entity.text["en"])
            entities.append(entity)
    return entities


def _facts(
    rng: random.Random, split: str, kind: str, entities: list[Value], relations: list[str]
) -> list[dict[str, Value]]:
    """For each entity its value of each relation; names that differ are not confusable."""
    facts: list[dict[str, Value]] = [{} for _ in entities]
    named = list(entities)
    for relation in relations:
        value_kind = RELATIONS[kind][relation]
        share = value_kind in SHARED_KINDS and rng.random() < 0.2
        for i, entity in enumerate(entities):
            earlier = [facts[j][relation] for j in range(i)]
            if value_kind == "occupation":
                facts[i][relation] = occupation(rng, entity.gender)
                continue
            if share and i == 1:
                facts[i][relation] = earlier[0]
                continue
            value = VALUES[value_kind](rng, split)
            is_name = value_kind in ("place", "river", "person", "title", "award", "motto")
            while _confusable(value, named if is_name else earlier):
                value = VALUES[value_kind](rng, split)
            if is_name:
                named.append(value)
            facts[i][relation] = value
    return facts


def _split_relations(rng: random.Random, kind: str, relations: list[str]) -> list[tuple[str, ...]]:
    """The relations divided into sentence patterns, sometimes two in one sentence."""
    left = list(relations)
    patterns = []
    pairs = [p for p in _PATTERNS[kind] if len(p) > 1 and set(p) <= set(left)]
    if pairs and rng.random() < 0.5:
        pattern = rng.choice(pairs)
        patterns.append(pattern)
        left = [relation for relation in left if relation not in pattern]
    return patterns + [(relation,) for relation in left]


def _is_note(kind: str, pattern: tuple[str, ...], n: int) -> bool:
    """Whether the phrase is a note, without a final full stop."""
    return MODULES["en"].STATEMENTS[f"{kind}.{'+'.join(pattern)}"][n].endswith("}")


def _phrase_number(rng: random.Random, kind: str, pattern: tuple[str, ...], last: bool) -> int:
    count = len(MODULES["en"].STATEMENTS[f"{kind}.{'+'.join(pattern)}"])
    notes = [n for n in range(count) if _is_note(kind, pattern, n)]
    if last and notes and rng.random() < 0.5:
        return rng.choice(notes)
    return rng.choice([n for n in range(count) if n not in notes])


def _passage(rng: random.Random, split: str, number: int, used: set[str]) -> Passage:
    kind = rng.choice(list(RELATIONS))
    entities = _entities(rng, split, kind, used)
    count = rng.choice((3, 3, 4)) if len(entities) == 2 else 2
    relations = rng.sample(list(RELATIONS[kind]), count)
    facts = _facts(rng, split, kind, entities, relations)

    plan: list[tuple[int, tuple[str, ...]]] = []
    while len(plan) < _MIN_SENTENCES:
        plan = [
            (e, p) for e in range(len(entities)) for p in _split_relations(rng, kind, relations)
        ]
    order = rng.random()
    if order < 0.25:
        rng.shuffle(plan)
    elif order < 0.5:
        plan.sort(key=lambda item: relations.index(item[1][0]))

    text = dict.fromkeys(LANGUAGES, "")
    sentences: dict[str, list[Span]] = {language: [] for language in LANGUAGES}
    slots: list[Slot] = []
    anchors: list[dict[str, Span]] = []
    for position, (e, pattern) in enumerate(plan):
        n = _phrase_number(rng, kind, pattern, last=position == len(plan) - 1)
        values = {"x": entities[e]} | {relation: facts[e][relation] for relation in pattern}
        gender = _gender_in(values)
        slot_spans, anchor_spans = {}, {}
        for language in LANGUAGES:
            start = len(text[language]) + (1 if text[language] else 0)
            phrase = MODULES[language].STATEMENTS[f"{kind}.{'+'.join(pattern)}"][n]
            written = {name: value.text[language] for name, value in values.items()}
            sentence, slot_spans[language], anchor_spans[language] = _realise(
                phrase, gender, written, start
            )
            text[language] += (" " if text[language] else "") + sentence
            sentences[language].append((start, start + len(sentence)))
        for name, spans in _align(slot_spans).items():
            relation = "" if name == "x" else name
            slots.append(Slot(spans, values[name].kind, entities[e].text["en"], relation))
        anchors.extend(_align(anchor_spans).values())

    identity = f"{split}-{number:06d}"
    questions = _questions(rng, identity, kind, entities, facts, slots)
    return Passage(identity, entities[0].text["en"], text, sentences, slots, anchors, questions)


def _questions(
    rng: random.Random,
    passage_id: str,
    kind: str,
    entities: list[Value],
    facts: list[dict[str, Value]],
    slots: list[Slot],
) -> list[Question]:
    """Three to five questions, each about a different entity and relation."""
    by_name = {entity.text["en"]: i for i, entity in enumerate(entities)}
    answerable = [i for i, slot in enumerate(slots) if slot.relation]
    chosen = rng.sample(answerable, min(len(answerable), rng.randint(3, 5)))
    questions = []
    for k, slot in enumerate(sorted(chosen)):
        relation = slots[slot].relation
        e = by_name[slots[slot].entity]
        phrases = MODULES["en"].QUESTIONS[f"{kind}.{relation}"]
        n = rng.randrange(len(phrases))
        gender = _gender_in({"x": entities[e], relation: facts[e][relation]})
        text, entity, anchors = {}, {}, {}
        for language in LANGUAGES:
            phrase = MODULES[language].QUESTIONS[f"{kind}.{relation}"][n]
            values = {"x": entities[e].text[language]}
            text[language], spans, anchors[language] = _realise(phrase, gender, values)
            entity[language] = spans["x"]
        aligned = list(_align(anchors).values())
        questions.append(Question(f"{passage_id}-{k}", text, slot, entity, aligned))
    return questions


def generate_passages(split: str, count: int, seed: int) -> Iterator[Passage]:
    """Yield `count` passages of one of the splits "pretrain", "train", "dev" and "test".

    Raises `UserError` for more passages than the split has titles for.
    """
    limit = int(_MAX_PASSAGES * share_of_split(split))
    if count > limit:
        raise UserError(
            f"the synthetic corpus has at most {limit} passages of the split {split!r}, not "
            f"{count}: ask for fewer, or take several seeds"
        )
    rng = random.Random(f"{seed} {split}")
    used: set[str] = set()
    for number in range(count):
        yield _passage(rng, split, number, used)

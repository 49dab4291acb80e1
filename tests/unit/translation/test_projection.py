"""Where an answer stands in the clean translation, exactly or nearly, and which of several."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.translation.recovery.projection import (
    Match,
    PositionHint,
    balance_quotes,
    find_exact,
    find_fuzzy,
    hint_across,
    hint_between,
    occurrences,
    snap_to_words,
)

NOWHERE = PositionHint(0, 0, 0.0)
WORDS = st.lists(
    st.sampled_from(
        ["una", "estatua", "3.5", "(a)", "«b»", "e\u0301l", "x\u200by", "שלום", "हिन्दी", "."]
    ),
    min_size=1,
    max_size=12,
).map(" ".join)


def found(place: Match | None, text: str) -> str | None:
    return text[place.start : place.end] if place else None


def edit_distance(one: str, other: str) -> int:
    """By the textbook, whole strings against each other."""
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row[0] = row[0], i
        for j, b in enumerate(other, 1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (a != b))
    return row[-1]


def test_whole_words_in_whatever_case():
    text = "El 5 y el 1995; el Elefante, (el) él."
    assert [text[at : at + 2] for at in occurrences("el", text)] == ["El", "el", "el", "el"]
    assert occurrences("5", text) == [3]
    assert occurrences("199", text) == occurrences("", text) == []
    assert occurrences("5", "5.140 y 5,2 y 1.5") == []
    assert occurrences("5", "Es 5. Y 5, o 5.") == [3, 8, 13]


def test_a_letter_is_not_found_without_its_combining_mark():
    assert occurrences("e", "e\u0301 e") == [3]
    assert occurrences("हि", "हिन्दी हि") == [7]


def test_scripts_without_spaces_have_words_anywhere():
    assert occurrences("京都", "私は京都に住む") == [2]


def test_which_of_several():
    text = "Ana vio a Eva y Ana huyó."
    assert find_exact("Ana", text, PositionHint(1, 2, 0.0)) == Match(16, 19, 1.0)
    assert find_exact("Ana", text, PositionHint(0, 2, 99.0)) == Match(0, 3, 1.0)
    assert find_exact("Ana", text, PositionHint(1, 3, 20.0)) == Match(16, 19, 0.5)
    assert find_exact("Eva", text, NOWHERE) == Match(10, 13, 1.0)
    assert find_exact("Leo", text, NOWHERE) is None


def test_the_turn_is_counted_where_the_answer_was_read():
    marked = "Luego Ana vio a Eva y Ana huyó."
    assert hint_between(marked, 22, 25, "Ana vio a Eva y Ana huyó.") == PositionHint(1, 2, 16)
    assert hint_across("Ann saw Eve, and Ann fled.", 17, 20, "x" * 13).ordinal == 1
    assert hint_between("Virginiaüber und Virginia", 0, 8, "Virginia").count == 0


def test_where_words_changed_the_place_is_counted_from_those_that_did_not():
    read, clean = "En 1990 ganó dos y perdió dos.", "Él en 1990 había ganado dos, dos o dos."
    hint = hint_between(read, read.rindex("dos"), len(read) - 1, clean)
    assert found(find_exact("dos", clean, hint), clean) == "dos"
    assert hint.count == 2


@pytest.mark.parametrize(
    ("answer", "text", "place"),
    [
        ("misterioso asesinato", "un misterioso asesinto aquí", "misterioso asesinto"),
        ("una estatua", "Hay dos estatuas.", "dos estatuas"),
        ("una estatua", "Hay dos estanques.", None),
        ("la vida de un pescador", "sobre la vida de un pescadora en", "la vida de un pescadora"),
        ("Krieg", "Im Kriegs-Jahr", "Kriegs"),
        ("abc", "xyz uvw", None),
        ("ab", "ax", None),
        ("5140", "emplea a 5.140 personas", "5.140"),
    ],
)
def test_nearly(answer, text, place):
    assert found(find_fuzzy(answer, text, NOWHERE), text) == place


def test_ten_edits_are_too_many_however_long_the_answer():
    answer = "uno dos tres cuatro cinco seis siete ocho nueve diez once doce"
    assert find_fuzzy(answer, answer.replace("cinco seis", "ciiiiiinco sis"), NOWHERE) is not None
    assert find_fuzzy(answer, answer.replace("cinco seis", "xxxxx yyyy zzzz"), NOWHERE) is None


@given(WORDS, st.data())
def test_what_stands_there_is_found_there(text, data):
    words = text.split(" ")
    starts = [len(" ".join(words[:i])) + (i > 0) for i in range(len(words))]
    first = data.draw(st.integers(0, len(words) - 1))
    last = data.draw(st.integers(first, len(words) - 1))
    start, end = starts[first], starts[last] + len(words[last])
    hint = hint_between(text, start, end, text)
    assert find_exact(text[start:end], text, hint) == Match(start, end, 1.0)
    assert snap_to_words(text, start, end) == (start, end)


@given(st.text("abc ", min_size=1, max_size=8), st.text("abc ", max_size=14))
def test_the_nearest_window_is_the_nearest_of_all(answer, text):
    from lbmrc.translation.recovery.projection import _least_edits

    edits, windows = _least_edits(answer, text)
    every = [(i, j) for i in range(len(text) + 1) for j in range(i, len(text) + 1)]
    distances = {window: edit_distance(answer, text[slice(*window)]) for window in every}
    assert edits == min(distances.values())
    assert all(distances[window] == edits for window in windows)
    assert windows or edits == len(answer)


@given(WORDS, st.data())
def test_edges_are_those_of_words(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = snap_to_words(text, start, end)
    part = text[first:last]
    assert part == part.strip()
    assert all(word in text.split(" ") or not word.isalnum() for word in part.split(" ")[1:-1])


@pytest.mark.parametrize(
    ("text", "span", "answer", "expected"),
    [
        ("Es «El puente».", "«El puente", "“The Bridge”", "«El puente»"),
        ("Es «El puente».", "«El puente", "The Bridge", "«El puente»"),
        ("Es «El puente».", "El puente»", "“The Bridge”", "«El puente»"),
        ("Es «El puente».", "El puente»", "The Bridge", "El puente"),
        ("Es «El puente viejo».", "«El puente", "The Bridge", "El puente"),
        ("Es (1990) así", "(1990)", "1990", "(1990)"),
        ("Es (1990) así", "1990)", "1990", "1990"),
        ("ist „Die Uhr“ da", "Die Uhr“", "The Clock", "Die Uhr"),
        ("ist „Die Uhr“ da", "„Die Uhr", "“The Clock”", "„Die Uhr“"),
        ("f(x) y", "f(x)", "f(x)", "f(x)"),
        ("a « b", "«", "b", "«"),
    ],
)
def test_marks_that_come_in_pairs(text, span, answer, expected):
    start = text.index(span)
    assert text[slice(*balance_quotes(text, start, start + len(span), answer))] == expected

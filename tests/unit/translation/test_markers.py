"""`recover_answer` inverts `insert_markers`; what MT does to markers is repaired or counted."""

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from lbmrc.translation.recovery.markers import (
    MARKERS,
    Lost,
    MarkerInText,
    Recovered,
    insert_markers,
    recover_answer,
)

STYLES = [MARKERS, ("[", "]"), ("<b>", "</b>"), ('"', '"'), ("aa", "a b"), ("<<", ">>")]
TEXTS = st.text() | st.lists(
    st.sampled_from(
        [*"ab ()[]<>.,\"' \n", "([", ")]", "\u200b", "\ufeff", "e\u0301", "שלום", "مر", "的"]
    )
).map("".join)


@st.composite
def spans(draw):
    text = draw(TEXTS)
    assume(text.strip("\u200b\ufeff \n"))
    start = draw(st.integers(0, len(text) - 1))
    end = draw(st.integers(start + 1, len(text)))
    return text, start, end


@settings(deadline=None)
@given(spans(), st.sampled_from(STYLES))
def test_recover_undoes_insert(span, markers):
    text, start, end = span
    answer = text[start:end]
    assume(answer == answer.strip())
    try:
        marked = insert_markers(text, start, end, markers)
    except MarkerInText:
        assert set(text) & set(markers[0] + markers[1])
    except ValueError:
        assert not any(c.isprintable() and not c.isspace() for c in answer)
    else:
        assert marked == text[:start] + markers[0] + answer + markers[1] + text[end:]
        assert recover_answer(marked, markers) == Recovered(text, start, end)


@settings(deadline=None)
@given(spans())
def test_an_ordinary_text_is_never_refused(span):
    text, start, end = span
    assume("([" not in text and ")]" not in text and text[start:end].strip().isalnum())
    assert isinstance(recover_answer(insert_markers(text, start, end)), Recovered)


@settings(deadline=None)
@given(spans())
def test_white_space_at_the_ends_of_a_span_stays_outside(span):
    text, start, end = span
    assume(any(c.isalnum() for c in text[start:end]) and "([" not in text and ")]" not in text)
    found = recover_answer(insert_markers(text, start, end))
    assert found.text == text
    assert text[found.start : found.end] == text[start:end].strip()


@settings(deadline=None)
@given(TEXTS)
def test_whatever_is_recovered_is_the_text_without_markers_and_some_white_space(text):
    found = recover_answer(text)
    if isinstance(found, Recovered):
        assert found.text[found.start : found.end].strip()
        bare = text.replace("([", "", 1).replace(")]", "", 1)
        assert "".join(found.text.split()) == "".join(bare.split())


@pytest.mark.parametrize(
    ("translated", "healed"),
    [
        ("está ([ una estatua )] con", "está una estatua con"),
        ("está ([una estatua)] con", "está una estatua con"),
        ("está([ una estatua )]con", "está una estatua con"),
        ("está ([ una estatua )], con", "está una estatua, con"),
        ("está ([ una estatua )] , con", "está una estatua, con"),
        ("está ([una estatua)] , con", "está una estatua , con"),
        ("([ Una estatua )] está", "Una estatua está"),
        ("está ([ una estatua )]", "está una estatua"),
        ("está ([ una estatua )].", "está una estatua."),
        ("está (([ una estatua )])", "está (una estatua)"),
        ("está ( ([ una estatua )] ) con", "está (una estatua) con"),
        ("es „([ eine Statue )]“ da", "es „eine Statue“ da"),
        ('dijo "([ una estatua )]" y', 'dijo "una estatua" y'),
        ("¿([ Qué )]?", "¿Qué?"),
        ("Post-([ Krieg )]-Zeit", "Post-Krieg-Zeit"),
        ("Dezember,([ 1998 )]: ja", "Dezember, 1998: ja"),
        ("etwa ([ 5 )] % davon", "etwa 5 % davon"),
        ("mit ([ 3 )] .5 davon", "mit 3 .5 davon"),
        ("hay  ([dos)]  espacios", "hay  dos  espacios"),
        ("un ([ a  b )] c", "un a  b c"),
        ("un ([\u200ba\u200b)] c", "un \u200ba\u200b c"),
        ("في ([ القاهرة )]، ثم", "في القاهرة، ثم"),
        ("  ([ a )]  ", "  a  "),
    ],
)
def test_white_space_around_markers_is_healed(translated, healed):
    found = recover_answer(translated)
    assert found.text == healed
    inner = translated.split("([")[1].split(")]")[0]
    assert healed[found.start : found.end] == inner.strip()


@pytest.mark.parametrize(
    ("translated", "reason"),
    [
        ("", "missing-both"),
        ("una estatua", "missing-both"),
        ("una ( [ estatua ) ]", "missing-both"),
        ("una estatua )] con", "missing-open"),
        ("una ([ estatua con", "missing-close"),
        ("una ([ estatua )] con )]", "doubled"),
        ("una ([ ([ estatua )] con", "doubled"),
        ("una )] estatua ([ con", "swapped"),
        ("una ([)] estatua", "empty"),
        ("una ([ \u200b\ufeff )] estatua", "empty"),
    ],
)
def test_lost(translated, reason):
    assert recover_answer(translated) == Lost(reason)


@pytest.mark.parametrize(
    ("translated", "reason"),
    [
        ('a "b', "missing-close"),
        ('a "b" "c', "doubled"),
        ("a b", "missing-both"),
        ('a "" b', "empty"),
    ],
)
def test_lost_with_the_same_marker_on_both_sides(translated, reason):
    assert recover_answer(translated, ('"', '"')) == Lost(reason)


@pytest.mark.parametrize("text", ["f([x]) is 1", "x (1)], 2", "([a)] b"])
def test_a_text_with_markers_of_its_own_is_refused(text):
    with pytest.raises(MarkerInText, match=r"\(\["):
        insert_markers(text, len(text) - 1, len(text))


@pytest.mark.parametrize("span", [(0, 0), (2, 1), (-1, 1), (0, 5), (4, 5)])
def test_a_span_outside_the_text_is_refused(span):
    with pytest.raises(ValueError, match="span"):
        insert_markers("abcd", *span)


@pytest.mark.parametrize("text", [" \n", "\u200b", "\ufeff\u200f"])
def test_an_invisible_answer_is_refused(text):
    with pytest.raises(ValueError, match="no visible character"):
        insert_markers("a" + text, 1, 1 + len(text))


@pytest.mark.parametrize("markers", [("", "]"), (" ", "]"), ("[", "[["), ("<<", "<")])
def test_markers_that_could_not_be_told_apart_are_refused(markers):
    with pytest.raises(ValueError, match="marker"):
        insert_markers("abcd", 1, 2, markers)

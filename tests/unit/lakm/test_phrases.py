import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.common.errors import UserError
from lbmrc.lakm.phrases import Filter, find, read_phrases, read_titles


def phrase(text: str) -> tuple[str, ...]:
    return tuple(text.casefold().split())


def test_the_longest_phrase_wins_and_none_overlaps():
    text = "He played at the Royal Albert Hall, (Albert Hall Mansions) and LONDON – Royal albert."
    phrases = {phrase("royal albert hall"), phrase("albert hall"), phrase("hall mansions")}
    spans = find(text, phrases)
    assert [text[a:b] for a, b in spans] == ["Royal Albert Hall", "Albert Hall"]


@pytest.mark.parametrize(
    ("text", "held"),
    [
        ("Im Jahr 1952 kam „Die Straße“ heraus.", "Die Straße"),
        ("1952 में नई दिल्ली, भारत।", "नई दिल्ली"),
        ("زار آدم ليمين القاهرة", "آدم ليمين"),
        ("Ö. von Österreich-Este kam", "Österreich-Este"),
    ],
)
def test_phrases_of_any_script_are_found_whole(text, held):
    start = text.index(held)
    words = {tuple(held.casefold().replace("-", " ").split())}
    assert find(text, words) == [(start, start + len(held))]


@given(st.lists(st.sampled_from(["aa", "bb", "cc,", "dd.", "ee"]), max_size=12))
def test_found_phrases_are_those_of_a_plain_search(words):
    text = " ".join(words)
    plain = [word.strip(",.") for word in words]
    phrases = {("aa", "bb"), ("bb", "cc", "dd"), ("ee", "ee")}
    expected, place = 0, 0
    while place < len(plain):
        sizes = [n for n in (4, 3, 2) if tuple(plain[place : place + n]) in phrases]
        expected += bool(sizes)
        place += max([*sizes, 1])
    spans = find(text, phrases)
    assert len(spans) == expected
    assert all(tuple(text[a:b].replace(",", "").split()) in phrases for a, b in spans)


def test_a_list_keeps_two_to_four_words(tmp_path):
    path = tmp_path / "en.txt"
    path.write_text("Paris\nNew York\nUnited States of America\na b c d e\n\n")
    assert read_phrases(path) == {phrase("new york"), phrase("united states of america")}
    path.write_text("Paris\n")
    with pytest.raises(UserError, match="no phrase of 2 to 4 words"):
        read_phrases(path)
    with pytest.raises(UserError, match="nowhere"):
        read_phrases(tmp_path / "nowhere")


TITLES = [
    *["New_York", "New_York_City", "New_York_(magazine)", "History_of_New_York"],
    *["The_Who", "The_Rolling_Stones", "Rolling_Stones", "The_Beatles"],
    *["Royal_Albert_Hall", "In_the_City", "The_Band_(album)", "Who_Was_the"],
]
PASSAGE = (
    "The Who and the Rolling Stones played in New York City, in the City, at Royal Albert Hall."
)


def test_titles_are_filtered_by_passages_stop_words_and_frequency(tmp_path):
    path = tmp_path / "titles.gz"
    path.write_bytes(gzip.compress("\n".join(TITLES).encode()))
    # "the" is the most frequent word of these titles
    assert read_titles(path, [PASSAGE], Filter(1, 2)) == {
        phrase("new york"),
        phrase("rolling stones"),
    }
    assert read_titles(path, [PASSAGE], Filter(1, 1)) == {
        *(phrase("new york"), phrase("new york city"), phrase("rolling stones")),
        *(phrase("royal albert hall"), phrase("in the city")),
    }
    with pytest.raises(UserError, match="no title is a phrase"):
        read_titles(path, ["Nothing of it."], Filter(1, 1))
    path.write_bytes(path.read_bytes()[:-12])
    with pytest.raises(UserError, match="not a readable title dump"):
        read_titles(path, [PASSAGE], Filter(1, 1))

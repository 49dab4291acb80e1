"""Sentences and gaps are the passage, always; boundaries where an English reader sees them."""

import json

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from lbmrc.translation.sentences import replace_spans, split_sentences

PIECES = (
    'Dr. |U.S. |It |rose |3.5 |p.m. |. |? |\n|\n\n|\r\n|“|"|O|2 |- |1. |…|\u200b|\ufeff|\u2028|\x85'
)
TEXTS = st.text() | st.lists(
    st.sampled_from([*PIECES.split("|"), "e\u0301", "שלום ", "مرحبا "])
).map("".join)


@settings(deadline=None)
@given(TEXTS)
@example("")
@example(" \n ")
@example("\ufeffOne. \u200bTwo.\u200b ")
@example("word")
def test_sentences_and_gaps_are_the_text(text):
    spans = split_sentences(text)
    edges = [0, *(edge for span in spans for edge in span), len(text)]
    assert edges == sorted(edges)
    for start, end in spans:
        assert text[start:end] == text[start:end].strip() != ""
    for end, start in zip(edges[::2], edges[1::2], strict=True):
        assert not text[end:start].strip()
    texts = [text[start:end] for start, end in spans]
    assert replace_spans(text, spans, texts) == (text, [start for start, _ in spans])


@pytest.mark.parametrize(
    "sentences",
    [
        ["Dr. Smith paid $3.5 million.", "He left."],
        ["The U.S. Army met St. Louis at 5 p.m. on Jan. 3.", "It won 2.5 to 1."],
        ["J. R. R. Tolkien wrote it.", "No. 5 is alive, e.g. here."],
        ["“Where is it?” he asked.", "“Here.”", "She left."],
        ['He wrote "It ends."', "Then it ended!", "Did it?"],
    ],
)
def test_sentence_boundaries(sentences):
    text = " ".join(sentences)
    assert [text[start:end] for start, end in split_sentences(text)] == sentences


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The rules\n1. Be kind\n2. Be brief", ["The rules", "1. Be kind", "2. Be brief"]),
        ("It goes\non here.\n\nAnd ends.", ["It goes\non here.", "And ends."]),
        ("It breathes O\n2 all day.", ["It breathes O\n2 all day."]),
        ("It lives \r\n\r\n Alone.", ["It lives", "Alone."]),
    ],
)
def test_line_breaks(text, sentences):
    assert [text[start:end] for start, end in split_sentences(text)] == sentences


def test_a_long_text_is_split_in_time():
    text = "It was the 3rd of May, 1.5 years after the war. " * 1000
    assert len(split_sentences(text)) == 1000


def test_replace_keeps_gaps_and_tells_offsets():
    text = " One.\n Two.\u2009Three. "
    new, starts = replace_spans(text, split_sentences(text), ["Uno.", "", "Tres y más."])
    assert new == " Uno.\n \u2009Tres y más. "
    assert [new[start : start + 4] for start in starts] == ["Uno.", "\u2009Tre", "Tres"]


def test_xquad_passages_are_split_as_a_reader_would(xquad_folder):
    articles = json.loads((xquad_folder / "xquad.en.json").read_text("utf-8"))["data"]
    passages = [p["context"] for article in articles for p in article["paragraphs"]]
    count = sum(len(split_sentences(passage)) for passage in passages)
    assert len(passages) == 240
    assert 1150 <= count <= 1210

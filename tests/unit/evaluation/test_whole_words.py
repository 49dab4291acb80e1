"""Spans that cut words, in the scripts of the benchmarks and in those without spaces."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.evaluation import whole_words
from lbmrc.evaluation.whole_words import Words, extend_to_words


def extended(text, part):
    start = text.index(part)
    first, end = extend_to_words(text, start, start + len(part))
    return text[first:end]


@pytest.mark.parametrize(
    ("text", "part", "whole"),
    [
        ("in Rosuban, 1997.", "uban", "Rosuban"),
        ("in Rosuban, 1997.", "19", "1997"),
        ("in Rosuban, 1997.", "suban, 19", "Rosuban, 1997"),
        ("in Rosuban, 1997.", "Rosuban", "Rosuban"),
        ("in Rosuban, 1997.", ", ", ", "),
        ("in Rosuban, 1997.", "n,", "Rosuban,"),
        ("the 4km2 park", "4", "4km2"),
        # decomposed: the accent is a character of its own
        ("Cafe\u0301s here", "Cafe", "Cafe\u0301s"),
        ("Cafe\u0301s here", "\u0301s", "Cafe\u0301s"),
        ("दिल्ली में", "दिल", "दिल्ली"),
        ("क्\u200dष में", "ष", "क्\u200dष"),
        ("مدينة القاهرة هنا", "قاهر", "القاهرة"),
        ("Москва река", "оск", "Москва"),
        ("İstanbul'da", "stan", "İstanbul"),
        # what separates words
        ("King's", "King", "King"),
        ("12.05.2010", "2010", "2010"),
        ("1870-1899", "187", "1870"),
        ("3,5 km", "3", "3"),
    ],
)
def test_a_span_that_cuts_a_word_gets_it_whole(text, part, whole):
    assert extended(text, part) == whole


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("他住在北京市", "北京"),
        ("東京タワーへ行く", "東京"),
        ("東京タワーへ行く", "タワ"),
        ("ひらがなを書く", "らが"),
        ("กรุงเทพมหานคร", "เทพ"),
        ("ນະຄອນຫຼວງວຽງຈັນ", "ວຽງ"),
        ("រាជធានីភ្នំពេញ", "ភ្នំ"),
        ("ရန်ကုန်မြို့", "ကုန်"),
        ("人々の家", "々"),
    ],
)
def test_scripts_without_spaces_stay_as_they_are(text, part):
    assert extended(text, part) == part


def test_numbers_and_latin_words_in_them_are_whole_words():
    assert extended("他在1997年出生", "19") == "1997"
    assert extended("住在Rosuban市", "uban") == "Rosuban"


def test_an_empty_span_and_the_edges_of_the_text():
    assert extend_to_words("word", 2, 2) == (2, 2)
    assert extend_to_words("", 0, 0) == (0, 0)
    assert extend_to_words("word", 1, 2) == (0, 4)


@given(st.text("ab1 .-é\u0301ب中", max_size=15), st.data())
def test_what_is_added_is_the_rest_of_words(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = extend_to_words(text, start, end)
    assert first <= start and end <= last
    assert not set(text[first:start] + text[end:last]) & set(" .-中")
    assert extend_to_words(text, first, last) == (first, last)


def test_hardly_any_gold_answer_of_xquad_is_cut(xquad_folder):
    golds = cut = 0
    for path in sorted(xquad_folder.glob("xquad.*.json")):
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                for question in paragraph["qas"]:
                    for gold in question["answers"]:
                        span = gold["answer_start"], gold["answer_start"] + len(gold["text"])
                        golds += 1
                        cut += extend_to_words(paragraph["context"], *span) != span
    assert (golds, cut) == (10_710, 46)


@given(
    st.text("aé1 ,\u0301\u200d京", max_size=20),
    st.lists(st.tuples(st.integers(0, 20), st.integers(0, 20)), max_size=8),
)
def test_words_that_were_found_before_are_the_same(text, spans):
    words = Words(text)
    for start, end in spans:
        start, end = min(start, len(text)), min(end, len(text))
        assert words.extended(start, end) == extend_to_words(text, start, end)


def test_many_spans_of_one_endless_word_read_it_once(monkeypatch):
    read = []
    monkeypatch.setattr(whole_words, "_in_word", lambda character: not read.append(character))
    text = "x" * 5_000
    words = Words(text)
    assert {words.extended(n, n + 3) for n in range(0, 4_000, 10)} == {(0, 5_000)}
    assert len(read) <= 5_000

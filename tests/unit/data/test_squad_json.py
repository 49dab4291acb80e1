import json
import subprocess
import sys

import pytest

from lbmrc.common.errors import UserError
from lbmrc.data.squad_json import Misfit, Question, list_at, read_squad_json, text_at, walk

DATA = [
    {
        "title": "A",
        "paragraphs": [
            {"context": "one", "qas": [{"id": "1"}, {"id": "2"}]},
            {"context": "two", "qas": []},
            {"context": "three", "qas": [{"id": "3"}]},
        ],
    },
    {"title": "B", "paragraphs": [{"context": "four", "qas": [{"id": "4"}]}]},
    {"title": "A", "paragraphs": [{"context": "five", "qas": [{"id": "5"}]}]},
]


@pytest.mark.parametrize("texts", [True, False])
def test_every_question_comes_in_order_with_its_place(texts):
    found = list(walk(DATA, texts))
    assert [(q.title, q.number, q.passage, q.record["id"]) for q in found] == [
        ("A", 0, "one", "1"),
        ("A", 0, "one", "2"),
        ("A", 2, "three", "3"),
        ("B", 0, "four", "4"),
        ("A", 3, "five", "5"),  # counted on: two articles have this title
    ]
    assert found[1].place == "data[0].paragraphs[0].qas[1]"


BROKEN = [
    {"title": "A", "paragraphs": [[], {"context": 3, "qas": [{"id": "1"}]}, {"context": "x"}]},
    {"title": None, "paragraphs": [{"context": "y", "qas": ["?"]}]},
    {"title": "C", "paragraphs": {}},
    "D",
]


def described(found):
    return found.place if isinstance(found, Question) else str(found)


def test_what_is_not_of_the_form_comes_in_its_turn():
    assert [described(x) for x in walk(BROKEN)] == [
        "data[0].paragraphs[0] is list, not an object",
        "data[0].paragraphs[1].qas[0]",
        "data[0].paragraphs[2].qas is missing",
        "data[1].paragraphs[0].qas[0]",
        "data[2].paragraphs is dict, not a list",
        "data[3] is str, not an object",
    ]


def test_titles_and_contexts_must_be_text_if_asked_for():
    assert [described(x) for x in walk(BROKEN, texts=True)] == [
        "data[0].paragraphs[0] is list, not an object",
        "data[0].paragraphs[1].context is int, not text",
        "data[0].paragraphs[2].qas is missing",
        "data[1].title is NoneType, not text",
        "data[2].paragraphs is dict, not a list",
        "data[3] is str, not an object",
    ]


def test_fields_are_checked():
    assert text_at({"a": "ä"}, "a", "x") == "ä"
    assert list_at({"a": [1]}, "a", "x") == [1]
    with pytest.raises(Misfit, match=r"x\.a half a surrogate pair at 1"):
        text_at({"a": "b\ud800"}, "a", "x")
    with pytest.raises(Misfit, match=r"x\.a is missing"):
        list_at({}, "a", "x")


@pytest.mark.parametrize("content", [[], {}, {"data": {}}, None])
def test_a_file_has_a_list_at_its_top(tmp_path, content):
    path = tmp_path / "file.json"
    path.write_text(json.dumps(content))
    with pytest.raises(UserError, match=r'file\.json: no list "data" at the top; as MLQA has'):
        read_squad_json(path, "as MLQA has")


def test_the_walk_needs_the_standard_library_alone():
    code = "import sys, lbmrc.data.squad_json; print('pyarrow' in sys.modules)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "False\n"

"""Types and lengths of answers, and boundaries, from scores of questions written by hand."""

import pandas as pd
import pytest

from lbmrc.analysis.error_analysis import (
    answer_length,
    answer_type,
    boundaries,
    by_kind,
    to_markdown,
)

ROWS = [
    # system, context, question, id, exact, f1, predicted span, gold text and span; exact match and
    # F1 as whole words where they differ
    ("a", "en", "en", "1", 1, 1.0, (3, 7), "1920", (3, 7)),
    ("a", "en", "en", "2", 0, 0.5, (10, 20), "the Red Cross", (12, 25)),
    ("a", "es", "es", "1", 0, 0.0, (30, 34), "1920", (3, 7)),
    ("a", "es", "es", "2", 0, 0.0, (None, None), "la Cruz Roja", (12, 24)),
    ("a", "es", "es", "3", 1, 1.0, (0, 5), "siete", (0, 5)),
    ("a", "es", "en", "1", 1, 1.0, (3, 7), "1920", (3, 7)),
    ("b", "en", "en", "1", 0, 0.5, (3, 9), "1920", (3, 7)),
    ("b", "en", "en", "2", 0, 0.5, (12, 19), "the Red Cross", (12, 25)),
    ("c", "en", "en", "1", 0, 0.0, (3, 5), "1920", (3, 7), 1, 1.0),
    ("c", "en", "en", "2", 1, 1.0, (12, 25), "the Red Cross", (12, 25), 0, 0.8),
    ("c", "es", "es", "1", 0, 0.0, (3, 6), "1920", (3, 7), 1, 1.0),
    ("c", "es", "es", "2", 0, 0.0, (3, 6), "la Cruz Roja", (12, 24), 0, 0.5),
]


@pytest.fixture
def questions():
    records = [
        {
            "system": system,
            "seed": 1,
            "benchmark": "mlqa",
            "split": "test",
            "passage_language": context,
            "question_language": question,
            "id": id,
            "exact_match": exact,
            "f1": f1,
            "whole_word_exact_match": words[0] if words else exact,
            "whole_word_f1": words[1] if words else f1,
            "prediction_start": found[0],
            "prediction_end": found[1],
            "gold": gold,
            "gold_start": place[0],
            "gold_end": place[1],
        }
        for system, context, question, id, exact, f1, found, gold, place, *words in ROWS
    ]
    return pd.DataFrame(records).astype({"prediction_start": float, "prediction_end": float})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("July 11, 1924", "date"),
        ("1924", "date"),
        ("from 1870 to 1899", "date"),
        ("1870-1899", "date"),
        ("in the 1990s", "date"),
        ("the 12th century", "date"),
        ("Tuesday", "date"),
        ("1500 miles", "number"),
        ("19,240", "number"),
        ("twenty-one", "number"),
        ("3.5%", "number"),
        ("8400", "number"),
        ("Bank of the Rhine", "name"),
        ("São Paulo", "name"),
        ("the city hall", "other"),
        ("Roman soldiers", "other"),
        ("marching", "other"),
        ("", "other"),
    ],
)
def test_types_follow_the_rule(text, expected):
    assert answer_type(text) == expected


def test_lengths_are_in_words():
    texts = ["1920", "Red Cross", "the Red Cross", "a b c d", "a b c d e", ""]
    assert list(map(answer_length, texts)) == ["1", "2", "3-4", "3-4", "5+", "1"]


def test_boundaries_of_wrong_answers(questions):
    frame = boundaries(questions).set_index(["system", "language"])
    a = frame.loc[("a", "all")]
    assert a["answers"] == 5
    assert (a["exact"], a["overlapping"], a["elsewhere"]) == pytest.approx((0.4, 0.2, 0.4))
    assert a["overlap"] == pytest.approx(1 / 3)
    assert a["edges_mean"] == a["edges_median"] == 2 + 5
    assert (a["start_right"], a["end_right"]) == (0, 0)
    b = frame.loc[("b", "en")]
    assert (b["exact"], b["overlap"], b["edges_mean"], b["start_right"]) == (0, 1, (2 + 6) / 2, 1)
    spanish = frame.loc[("a", "es")]
    assert spanish["overlap"] == 0 and pd.isna(spanish["edges_mean"])


def test_boundaries_count_what_whole_words_repair_and_break(questions):
    frame = boundaries(questions).set_index(["system", "language"])
    c = frame.loc[("c", "all")]
    assert (c["exact"], c["whole_word_exact"]) == (0.25, 0.5)
    assert (c["repaired"], c["broken"]) == (2, 1)
    assert (c["f1"], c["whole_word_f1"]) == pytest.approx((0.25, 0.825))
    spanish = frame.loc[("c", "es")]
    assert (spanish["whole_word_exact"], spanish["repaired"], spanish["broken"]) == (0.5, 1, 0)
    a = frame.loc[("a", "all")]
    assert (a["exact"], a["repaired"], a["broken"]) == (a["whole_word_exact"], 0, 0)


def test_kinds_follow_the_english_answer_where_there_is_one(questions):
    frame = by_kind(questions).set_index(["system", "kind", "group"])
    assert frame.loc[("a", "type", "date"), "answers"] == 2
    assert frame.loc[("a", "type", "date"), "f1"] == pytest.approx(50)
    assert frame.loc[("a", "type", "name"), "answers"] == 2
    assert frame.loc[("a", "type", "other"), "answers"] == 1
    assert frame.loc[("a", "length", "1"), "answers"] == 3
    assert frame.loc[("a", "length", "3-4"), "f1"] == pytest.approx(25)


def test_markdown_names_groups_with_their_sizes(questions):
    text = to_markdown(boundaries(questions), by_kind(questions))
    assert "| date (2) | name (2) | other (1) |" in text
    assert "| a      | 5       | 40.0% | 33.3% " in text
    whole_words = text[text.index("## mlqa test: whole words") :].splitlines()
    row = next(line for line in whole_words if line.startswith("| c "))
    assert [cell.strip() for cell in row.strip("| ").split("|")] == [
        "c", "25.0%", "50.0%", "2", "1", "25.0%", "82.5%"
    ]  # fmt: skip

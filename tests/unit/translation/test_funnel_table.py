"""The tables on translated answers: beside published rates, by step, by what was lost."""

import pytest

from lbmrc.translation.funnel_table import in_cascade_order, mean_confidences, to_markdown
from lbmrc.translation.recovery.funnel import Finding, write_findings


def recovery(language, **more):
    content = {"language": language, "engine": "marian x", "questions": 10, "kept": 9}
    return content | {"lost": {"not-found": 1}, "notes": {}} | more


def rows(markdown):
    cells = [line.strip("| ").split("|") for line in markdown.splitlines() if line.startswith("|")]
    return {row[0].strip(): [cell.strip() for cell in row[1:]] for row in cells}


def test_ours_stands_beside_what_others_kept():
    text = to_markdown([recovery("es"), recovery("vi")], {})
    table = rows(text.partition("\n## ")[0])
    assert table["es"] == [
        "marian x",
        "10",
        "9",
        "90.0%",
        "93.4% (81,810)",
        "99.5% (87,134)",
        ">97%",
    ]
    assert table["vi"][-3:] == ["-", "-", ">97%"]
    assert rows(text)["not-found"] == ["1", "1"]


def test_each_step_has_answers_and_confidence_by_language(tmp_path):
    write_findings(
        tmp_path / "es.parquet",
        {
            "a": Finding("markers", 1.0),
            "b": Finding("verbatim", 0.5),
            "c": Finding("verbatim", 1.0),
        },
    )
    confidences = mean_confidences(tmp_path / "es.parquet")
    assert confidences == {"markers": 1.0, "verbatim": pytest.approx(0.75)}
    steps = {"verbatim": 2, "markers": 7}
    text = to_markdown([recovery("es", steps=steps), recovery("de")], {"es": confidences})
    table = rows(text)
    assert table["`markers`"] == ["7", "70.0%", "1.00", "0", "0.0%", "-"]
    assert table["`verbatim`"] == ["2", "20.0%", "0.75", "0", "0.0%", "-"]
    assert text.index("`markers`") < text.index("`verbatim`")
    assert "Found by which step" not in to_markdown([recovery("es")], {})


def test_degenerate_translations_are_counted():
    notes = {"degenerate_copy": 3, "degenerate_empty": 1, "inputs_split": 0}
    text = to_markdown([recovery("es", notes=notes), recovery("de")], {})
    assert rows(text)["copy of the source"] == ["3", "0"]
    assert rows(text)["empty"] == ["1", "0"]
    assert "in parts" not in text
    assert "None." in to_markdown([recovery("es")], {})


def test_what_happened_in_a_leg_of_a_chain_is_told_of_that_leg():
    notes = {"leg_1_markers_lost": 5, "leg_2_markers_lost": 2, "leg_2_degenerate_copy": 1}
    table = rows(to_markdown([recovery("es", notes=notes)], {}))
    assert table["leg 1: marked texts that lost their markers for good"] == ["5"]
    assert table["leg 2: marked texts that lost their markers for good"] == ["2"]
    assert table["leg 2: copy of the source"] == ["1"]


def test_steps_are_in_the_order_of_their_turns():
    steps = ["attention", "markers [ ]", "projected", "markers"]
    assert in_cascade_order(steps) == ["markers", "markers [ ]", "projected", "attention"]
    assert in_cascade_order([]) == []

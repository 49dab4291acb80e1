"""The explorer's data, unpacked as a browser does it and compared with what runs were scored."""

import base64
import gzip
import json

import pytest

from lbmrc.common.errors import UserError
from lbmrc.common.paths import SystemPaths
from lbmrc.evaluation.metrics import score_benchmark
from lbmrc.evaluation.question_scores import CELL, question_rows, read_questions, write_questions
from lbmrc.report.explorer_data import FIRST_RUN_CODE, explorer_data, packed

PASSAGE = "Die 𝔸-Stadt wurde 1871 von Anna Berg gegründet."
ENGLISH = "The city was founded in 1871 by Anna Berg."
CELLS = {
    ("mlqa", "test", "de", "en"): (PASSAGE, "Who founded it?", "When?"),
    ("mlqa", "test", "en", "en"): (ENGLISH, "Who founded it?", "When?"),
}
GIVEN = {
    ("baseline", 1): {"who": "Anna", "when": "1871"},
    ("baseline", 2): {"who": "Anna Berg", "when": "1871"},
    ("ours", 1): {"who": "Anna", "when": "Stadt"},
}


def benchmark(passage, who, when):
    def qa(id, question, text, start=None):
        start = passage.index(text) if start is None else start
        return {"id": id, "question": question, "answers": [{"text": text, "answer_start": start}]}

    qas = [qa("who", who, "Anna Berg"), qa("when", when, "1871")]
    qas[1]["answers"].append({"text": "in 1871", "answer_start": 0})  # not there
    return {"data": [{"title": "A", "paragraphs": [{"context": passage, "qas": qas}]}]}


@pytest.fixture
def files(tmp_path):
    found = []
    for cell, texts in CELLS.items():
        path = tmp_path / f"{'.'.join(cell)}.json"
        path.write_text(json.dumps(benchmark(*texts)), encoding="utf-8")
        found.append((cell, path))
    for run, given in GIVEN.items():
        rows = []
        predictions = tmp_path / "predictions.json"
        predictions.write_text(json.dumps(given))
        for cell, path in found:
            scores, _ = score_benchmark(path, predictions, "mlqa", cell[2])
            named = dict(zip(CELL, cell, strict=True))
            rows += question_rows(path, predictions, scores, named, "mlqa")
        target = tmp_path / SystemPaths.under("systems", *run).question_scores
        target.parent.mkdir(parents=True)
        write_questions(target, rows)
    return found


@pytest.fixture
def data(files, tmp_path):
    return explorer_data("by-hand", files, list(GIVEN), scores_in(tmp_path), "ours")


def scores_in(folder):
    return [read_questions(folder / "systems", [run]) for run in GIVEN]


def in_javascript(text, place):
    """What ``text.slice(...place)`` is there."""
    units = text.encode("utf-16-le")
    start, end = place
    return units[2 * start : 2 * end].decode("utf-16-le")


def test_every_run_has_its_prediction_and_score(data):
    for cell in data["cells"]:
        for id, passage, _, _, _, answers, by_run in cell["rows"]:
            text = data["passages"][passage][2]
            for (system, seed), code in zip(data["runs"], by_run, strict=True):
                place, verdict, f1 = answers[ord(code) - FIRST_RUN_CODE]
                given = GIVEN[data["systems"][system], seed][id]
                if given not in text:
                    assert (place, verdict, f1) == ("Stadt", 0, 0)
                else:
                    assert in_javascript(text, place) == given
                    gold = {"who": "Anna Berg", "when": "1871"}[id]
                    assert verdict == (2 if given == gold else 1 if given in gold else 0)
                    assert f1 == pytest.approx({"Anna": 2 / 3, "Stadt": 0}.get(given, 1), abs=1e-4)


def test_an_answer_stands_once_for_all_runs_that_gave_it(data):
    who, when = data["cells"][0]["rows"]
    assert [len(who[5]), len(when[5])] == [2, 2]
    assert (who[6], when[6]) == ("010", "001")


def test_gold_answers_are_places_or_texts_that_are_not_there(data):
    for cell in data["cells"]:
        who, when = cell["rows"]
        text = data["passages"][who[1]][2]
        assert [in_javascript(text, place) for place in who[4]] == ["Anna Berg"]
        assert in_javascript(text, when[4][0]) == "1871" and when[4][1] == "in 1871"


def test_texts_stand_once_and_types_are_those_of_the_english_answer(data):
    assert data["passages"] == [["de", "A/0", PASSAGE], ["en", "A/0", ENGLISH]]
    assert data["questions"] == ["Who founded it?", "When?"]
    assert {data["types"][row[3]] for cell in data["cells"] for row in cell["rows"][:1]} == {"name"}
    assert {data["types"][row[3]] for cell in data["cells"] for row in cell["rows"][1:]} == {"date"}
    assert data["systems"][data["first"]] == "ours"


def test_packing_keeps_everything_and_is_repeatable(data):
    text = packed(data)
    assert json.loads(gzip.decompress(base64.b64decode(text))) == data
    assert text == packed(data)


def test_scores_of_other_questions_are_refused(files, tmp_path):
    (cell, path), _ = files
    content = json.loads(path.read_text(encoding="utf-8"))
    content["data"][0]["paragraphs"][0]["qas"].reverse()
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UserError, match=r"baseline, seed 1, on mlqa\.test\.de\.en.*score again"):
        explorer_data("r", [(cell, path)], list(GIVEN), scores_in(tmp_path), "ours")

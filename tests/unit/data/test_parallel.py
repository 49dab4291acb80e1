"""Questions of one language on passages of another, joined by id."""

import json

import pytest

from lbmrc.common.errors import UserError
from lbmrc.data.parallel import join_questions


def squad(passage, questions):
    qas = [
        {"id": id, "question": text, "answers": [{"text": passage[:3], "answer_start": 0}]}
        for id, text in questions.items()
    ]
    return {
        "version": "1.1",
        "data": [{"title": "A", "paragraphs": [{"context": passage, "qas": qas}]}],
    }


def write(path, content):
    path.write_text(json.dumps(content))
    return path


def test_passages_and_answers_stay_and_questions_follow_their_ids(tmp_path):
    es = write(tmp_path / "es.json", squad("Ana vive.", {"1": "¿Quién?", "2": "¿Qué?"}))
    de = write(tmp_path / "de.json", squad("Anna lebt.", {"2": "Was?", "1": "Wer?"}))
    assert join_questions(es, de, tmp_path / "es.de.json") == 2
    found = json.loads((tmp_path / "es.de.json").read_text())
    assert found == squad("Ana vive.", {"1": "Wer?", "2": "Was?"})


def test_a_question_without_its_twin_is_named(tmp_path):
    es = write(tmp_path / "es.json", squad("Ana vive.", {"1": "¿Quién?", "2": "¿Qué?"}))
    de = write(tmp_path / "de.json", squad("Anna lebt.", {"1": "Wer?"}))
    with pytest.raises(UserError, match=r'de.json: no question with the id "2", which .*es.json'):
        join_questions(es, de, tmp_path / "es.de.json")
    assert not (tmp_path / "es.de.json").exists()


def test_what_is_malformed_stays_for_the_reader_to_report(tmp_path):
    content = squad("Ana vive.", {"1": "¿Quién?", "2": "¿Qué?"})
    content["data"][0]["paragraphs"][0]["qas"][1] = {"question": "no id"}
    es = write(tmp_path / "es.json", content)
    de = write(tmp_path / "de.json", squad("Anna lebt.", {"1": "Wer?"}))
    assert join_questions(es, de, tmp_path / "es.de.json") == 1
    qas = json.loads((tmp_path / "es.de.json").read_text())["data"][0]["paragraphs"][0]["qas"]
    assert qas[1] == {"question": "no id"}


def test_xquad_is_parallel(tmp_path, xquad_folder):
    target = tmp_path / "joined.json"
    assert (
        join_questions(xquad_folder / "xquad.tr.json", xquad_folder / "xquad.hi.json", target)
        == 1190
    )

"""The web application, by FastAPI's own client: answers as the reader's, wrong input 422."""

import asyncio
import json
import re
import time
from pathlib import Path

import pytest
from readers import calibrate, write_xlm

from lbmrc.evaluation.reader import Question, Reader

pytest.importorskip("fastapi", reason="lbmrc[serve] is not installed")

from fastapi.testclient import TestClient

from lbmrc.serving import app as serving
from lbmrc.serving.app import create_app
from lbmrc.serving.batching import Batcher, Busy

PASSAGE = "The Denver Broncos beat the Carolina Panthers. Beyoncé 🎤 sang “Halo” in 2016."
ASKED = {"question": "Who sang?", "passage": PASSAGE}


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    return Reader(calibrate(write_xlm(tmp_path_factory.mktemp("xlm"))))


@pytest.fixture(scope="module")
def client(reader):
    with TestClient(create_app(reader), raise_server_exceptions=False) as client:
        yield client


def test_an_answer_is_the_readers(client, reader):
    asked = {**ASKED, "question_language": "en", "passage_language": "en", "alternatives": 4}
    found = client.post("/answer", json=asked)
    expected = reader.answer(
        ASKED["question"], PASSAGE, question_language="en", passage_language="en", alternatives=4
    )
    assert found.status_code == 200
    content = found.json()
    assert (content["text"], content["start"]) == (expected.text, expected.start)
    assert PASSAGE[content["start"] : content["end"]] == content["text"]
    assert content["confidence"] == pytest.approx(expected.confidence, abs=1e-5)
    assert len(content["alternatives"]) == 4


def test_languages_are_detected(client):
    content = client.post("/answer", json={**ASKED, "question": "¿Quién cantó en el año?"}).json()
    assert (content["question_language"], content["passage_language"]) == ("es", "en")


WRONG = [
    b"",
    b"{",
    b"null",
    b"[]",
    b"[" * 50_000,
    b"\xff\xfe",
    *(
        json.dumps(wrong).encode()
        for wrong in (
            {},
            {"question": "Who?"},
            {**ASKED, "question": ""},
            {**ASKED, "question": " \n"},
            {**ASKED, "passage": None},
            {**ASKED, "passage": ["x"]},
            {**ASKED, "question": 3},
            {**ASKED, "question": "Who\ud800?"},
            {**ASKED, "question\ud800": "x"},
            {**ASKED, "question": "x" * 2_001},
            {**ASKED, "passage": "x" * 50_001},
            {**ASKED, "alternatives": -1},
            {**ASKED, "alternatives": 20},
            {**ASKED, "alternatives": "2"},
            {**ASKED, "question_language": "xx"},
            {**ASKED, "passage_language": "zh"},
            {**ASKED, "file": "/etc/passwd"},
        )
    ),
]


@pytest.mark.parametrize("number", range(len(WRONG)))
def test_wrong_input_is_422(client, number):
    headers = {"content-type": "application/json"}
    found = client.post("/answer", content=WRONG[number], headers=headers)
    assert found.status_code == 422
    assert found.json()["detail"]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", None])
def test_what_another_page_could_send_without_asking_is_refused(client, kind):
    headers = {"content-type": kind} if kind else {}
    assert client.post("/answer", content=json.dumps(ASKED), headers=headers).status_code == 422


def test_a_wrong_language_is_answered_with_those_of_health_and_without_paths(client, reader):
    known = client.get("/health").json()["languages"]
    for language in ("xx", "zh", "th"):  # XLM has ids for the latter two, and no segmenters
        detail = client.post("/answer", json=ASKED | {"passage_language": language}).json()[
            "detail"
        ]
        assert f"does not know {language}; it knows {', '.join(known)}. " in detail
        assert str(reader.folder) not in detail


def test_a_passage_that_shows_nothing_has_no_words(client):
    found = client.post("/answer", json=ASKED | {"passage": "\u200b\u200b"}).json()
    assert (found["text"], found["score"]) == ("", None)
    assert "the passage has no words" in found["notes"]


def test_a_body_that_is_too_large_is_413(client):
    large = json.dumps({**ASKED, "passage": "x" * serving.MOST_BYTES})
    assert client.post("/answer", content=large).status_code == 413

    def chunks():  # of a length that is not declared
        for _ in range(80):
            yield b"x" * (1 << 14)

    assert client.post("/answer", content=chunks()).status_code == 413


def test_an_answer_that_takes_too_long_is_503(reader, monkeypatch):
    monkeypatch.setattr(reader, "answer_many", lambda *_, **__: time.sleep(0.5) or [])
    with TestClient(create_app(reader, seconds=0.05)) as client:
        found = client.post("/answer", json=ASKED)
    assert found.status_code == 503
    assert found.json() == {"detail": "took longer than 0.05 s"}


@pytest.mark.parametrize(
    "path",
    ["/../pyproject.toml", "/pages/page.js", "/%2e%2e/app.py", "//etc/passwd", "/style.css/../x"],
)
def test_no_other_file_is_read(client, path):
    assert client.get(path).status_code == 404


def test_pages_need_nothing_from_elsewhere(client):
    pages = {
        path: client.get(path) for path in ("/", "/docs", "/page.js", "/docs.js", "/style.css")
    }
    for page in pages.values():
        assert page.status_code == 200
        assert "default-src 'none'" in page.headers["content-security-policy"]
        assert not re.search(r"(?:src|href)=\"(?:https?:)?//|@import|url\(", page.text)
    for path in ("/", "/docs"):
        for linked in re.findall(r'(?:src|href)="([^"]+)"', pages[path].text):
            if not linked.startswith("data:"):
                assert client.get("/" + linked.removeprefix(".")).status_code == 200


def test_the_interface_is_described(client):
    api = client.get("/openapi.json").json()
    assert set(api["paths"]) == {"/answer", "/health"}
    fields = api["components"]["schemas"]["Asked"]["properties"]
    assert fields["passage"]["maxLength"] == 50_000
    page = (Path(serving.__file__).parent / "pages/page.html").read_text()
    for limit in serving.MOST_CHARACTERS.values():
        assert f'maxlength="{limit}"' in page
    health = client.get("/health").json()
    assert (health["status"], health["calibrated"]) == ("ok", True)
    assert "en" in health["languages"] and "zh" not in health["languages"]


def test_only_the_given_names_are_answered(reader):
    with TestClient(create_app(reader, ["127.0.0.1", "localhost"])) as client:
        assert client.get("http://127.0.0.1/health").status_code == 200
        assert client.get("http://localhost:8000/health").status_code == 200
        assert client.get("http://attacker.example/health").status_code == 400


class Counted:
    """A reader that notes its batches and takes its time."""

    def __init__(self, reader):
        self.reader, self.sizes = reader, []

    def answer_many(self, questions, alternatives):
        self.sizes.append(len(questions))
        time.sleep(0.05)
        return self.reader.answer_many(questions, alternatives=alternatives)


def answered(reader, questions):
    """What comes of questions asked at the same time: an answer or the error of each."""

    async def all_at_once():
        batcher = Batcher(reader)
        worker = asyncio.create_task(batcher.run())
        tasks = [batcher.answer(question, n % 3) for n, question in enumerate(questions)]
        found = await asyncio.gather(*tasks, return_exceptions=True)
        worker.cancel()
        return found

    return asyncio.run(all_at_once())


def test_questions_that_wait_are_answered_together(reader):
    counted = Counted(reader)
    questions = [Question(f"Who sang {n}?", PASSAGE, "en", "en") for n in range(20)]
    found = answered(counted, questions)
    assert [answer.question for answer in found] == [one.question for one in questions]
    assert [len(answer.alternatives) for answer in found] == [n % 3 for n in range(20)]
    alone = reader.answer(*questions[7][:2], question_language="en", passage_language="en")
    assert (found[7].text, found[7].start) == (alone.text, alone.start)
    assert sum(counted.sizes) == 20 and len(counted.sizes) <= 2


def test_a_question_that_nobody_waits_for_is_not_answered(reader):
    counted = Counted(reader)
    question = Question("Who?", PASSAGE, "en", "en")

    async def one_leaves():
        batcher = Batcher(counted)
        tasks = [asyncio.create_task(batcher.answer(question, 0)) for _ in range(2)]
        await asyncio.sleep(0)
        tasks[0].cancel()
        worker = asyncio.create_task(batcher.run())
        found = await tasks[1]
        worker.cancel()
        return found

    assert asyncio.run(one_leaves()).text
    assert counted.sizes == [1]


def test_a_wrong_question_spoils_no_other(reader):
    wrong = Question("Who?", PASSAGE, "xx", "en")
    good = Question("Who?", PASSAGE, "en", "en")
    first, second, third = answered(reader, [good, wrong, good])
    assert first.text == third.text
    assert "does not know xx" in str(second)


def test_long_passages_are_not_all_in_one_batch(reader, monkeypatch):
    monkeypatch.setattr("lbmrc.serving.batching._MOST_CHARACTERS", 3 * len(PASSAGE))
    counted = Counted(reader)
    long = Question("Who?", PASSAGE, "en", "en")
    found = answered(counted, [long] * 6)
    assert all(answer.text for answer in found)
    assert max(counted.sizes) == 3


def test_too_many_are_refused_at_once(reader, monkeypatch):
    monkeypatch.setattr("lbmrc.serving.batching._MOST_WAITING", 3)
    found = answered(reader, [Question("Who?", PASSAGE, "en", "en")] * 5)
    assert sum(isinstance(one, Busy) for one in found) == 2

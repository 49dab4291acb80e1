"""Bad benchmark files are found before the first job."""

import json
from pathlib import Path

import pytest
import yaml

from lbmrc.common.errors import UserError
from lbmrc.config.loading import load
from lbmrc.planning.benchmark_files import check_benchmark_files

REPOSITORY = Path(__file__).parents[3]
WINDOWS = "results/case/windows/benchmarks/bench.test.arrow"


@pytest.fixture
def config(tmp_path, monkeypatch):
    """A config with a benchmark in two languages, whose Spanish file has a bad question."""
    monkeypatch.chdir(tmp_path)

    def load_with(policy="stop", dev=None, **benchmark):
        content = yaml.safe_load((REPOSITORY / "tests/micro.yaml").read_text())
        content["run"] = "case"
        content["data"] |= {"folder": "data", "source": {"kind": "folder"}}
        content["data"] |= {"on_bad_example": policy, "articles": {"some": ["t"]}}
        rules = {"metric": "squad", "languages": ["en", "es"]}
        content["benchmarks"] = {"bench": {**rules, "file": "b.{context}.json", **benchmark}}
        for key in ("sweep", "comparisons", "dev"):
            content.pop(key, None)
        content |= {"dev": dev} if dev else {}
        Path("config.yaml").write_text(yaml.safe_dump(content))
        return load("config.yaml")

    good = {"id": "a", "question": "?", "answers": [{"text": "x", "answer_start": 9}]}
    Path("data").mkdir()
    for language, last in (("en", []), ("es", [{"id": "b", "question": "?", "answers": []}])):
        articles = [
            {"title": "t", "paragraphs": [{"context": "x", "qas": [good]}]},
            {"title": "u", "paragraphs": [{"context": "x", "qas": last}]},
        ]
        Path(f"data/b.{language}.json").write_text(json.dumps({"data": articles}))
    return load_with


def test_a_bad_file_stops_the_run(config):
    with pytest.raises(UserError) as stopped:
        check_benchmark_files(config(), {WINDOWS})
    assert str(stopped.value).startswith("data/b.es.json: data[1].paragraphs[0].qas[0].answers")
    Path("data/b.en.json").write_text("[")
    with pytest.raises(UserError) as stopped:
        check_benchmark_files(config(), {f"module/{WINDOWS}"})
    assert len(str(stopped.value).splitlines()) == 2


def test_dev_data_are_checked_too(config):
    by_split = {"file": "b.{context}{split}.json", "languages": ["en"]}
    Path("data/b.entest.json").write_text("[")
    Path("data/b.endev.json").write_text("{")
    with_dev = config(dev={"benchmark": "bench", "split": "dev"}, **by_split)
    with pytest.raises(UserError, match=r"^data/b\.endev\.json: not valid JSON"):
        check_benchmark_files(with_dev, {"results/case/windows/dev/bench.dev.arrow"})


def test_what_is_left_out_is_counted_and_listed(config):
    (note,) = check_benchmark_files(config("skip"), {WINDOWS})
    assert note.startswith("data/b.es.json: 1 of 2 questions are neither asked nor scored: data[1]")
    assert '(id "b"): has no text' in note


def test_files_that_are_not_read_now_are_not_checked(config):
    assert check_benchmark_files(config(), set()) == []
    assert check_benchmark_files(config(), {WINDOWS, "data/b.es.json"}) == []
    assert check_benchmark_files(config(articles="some"), {WINDOWS}) == []
    Path("data/b.es.json").unlink()
    assert check_benchmark_files(config(), {WINDOWS}) == []

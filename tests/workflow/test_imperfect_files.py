"""Stages on files that are not as they should be: what is left out is counted and listed."""

import json
import os
import subprocess
import sys

import pytest

from lbmrc.config.stages import WindowSettings
from lbmrc.data.examples import write_examples
from lbmrc.data.squad import read_squad
from lbmrc.windows.files import read_windows

BEES = "Mira Toval keeps bees near Lodar. She sold 40 jars of honey in 2011."
BRIDGE = "The Lodar bridge is made of oak. It was built in 1874 by Jon Keld."


def qa(id, question, *answers):
    answers = [{"text": text, "answer_start": start} for text, start in answers]
    return {"id": id, "question": question, "answers": answers}


def write(path, bees, bridge):
    paragraphs = [{"context": BEES, "qas": bees}, {"context": BRIDGE, "qas": bridge}]
    content = {"version": "1.1", "data": [{"title": "Lodar", "paragraphs": paragraphs}]}
    path.write_text(json.dumps(content))
    return path


BENCHMARKS = {
    "a question without an answer": (
        [qa("q1", "Who?", ("Mira Toval", 0)), qa("q5", "Who painted the jars?")],
        [qa("q3", "Made of what?", ("oak", 28))],
        {"q1": "Mira Toval", "q3": "oak"},
        1,
    ),
    "an answer with a wrong offset": (
        [qa("q1", "Who?", ("Mira Toval", 0))],
        [qa("q3", "Made of what?", ("oak", 29))],
        {"q1": "Mira Toval", "q3": "oak"},
        0,
    ),
    "ids that are numbers": (
        [qa(101, "Who?", ("Mira Toval", "0"))],
        [qa(103, "Made of what?", ("oak", "28"))],
        {"101": "Mira Toval", "103": "oak"},
        0,
    ),
}


@pytest.fixture
def stage(repository):
    """Run a stage by how its script's name begins or ends."""

    def stage(script, **arguments):
        (path,) = (repository / "workflow/scripts").glob(script)
        command = [sys.executable, str(path)]
        for name, value in arguments.items():
            command += ["--" + name.replace("_", "-"), str(value)]
        environment = os.environ | {"PYTHONPATH": str(repository), "HF_HUB_OFFLINE": "1"}
        return subprocess.run(command, capture_output=True, text=True, env=environment)

    return stage


@pytest.mark.parametrize("name", BENCHMARKS)
def test_a_perfect_system_gets_100(stage, repository, tmp_path, name):
    bees, bridge, answers, left_out = BENCHMARKS[name]
    path = write(tmp_path / "bench.json", bees, bridge)
    windows = stage(
        "*benchmark_windows.py",
        files=path,
        cells=json.dumps([["en", "en"]]),
        on_bad_example="skip",
        tokenizer=repository / "lbmrc/miniworld/checkpoints/xlm",
        settings=WindowSettings(max_length=64, stride=32, max_question_length=16).model_dump_json(),
        dataset="bench.test",
        target=tmp_path / "windows.arrow",
        manifest=tmp_path / "windows.json",
    )
    assert windows.returncode == 0, windows.stderr
    assert read_windows([tmp_path / "windows.arrow"])["example"] == list(answers)
    listed = json.loads((tmp_path / "windows.json").read_text())["result"].get("left_out", [])
    assert len(listed) == left_out and all('(id "q5")' in problem for problem in listed)
    (tmp_path / "predictions.json").write_text(json.dumps(answers))
    scored = stage(
        "score*.py",
        files=path,
        predictions=tmp_path / "predictions.json",
        system="perfect",
        seed=42,
        metrics=json.dumps({"bench": "squad"}),
        targets=tmp_path / "bench.test.en.en.json",
        questions=tmp_path / "questions.parquet",
    )
    assert scored.returncode == 0, scored.stderr
    scores = json.loads((tmp_path / "bench.test.en.en.json").read_text())
    assert (scores["exact_match"], scores["f1"]) == (100.0, 100.0)
    assert scores.get("left_out", 0) == left_out


@pytest.mark.parametrize("minimum", [0.1, 0])
def test_a_language_without_answers_stops_in_translation(stage, tmp_path, minimum):
    english = [[qa("q1", "Who?", ("Mira Toval", 0))], [qa("q3", "Made of what?", ("oak", 28))]]
    source = write(tmp_path / "train.json", *english)
    write_examples(tmp_path / "en.parquet", read_squad(source, "en", "en").examples)
    empty = [[qa("q1", "¿Quién?")], [qa("q3", "¿De qué?")]]
    translated = stage(
        "translate*.py",
        examples=tmp_path / "en.parquet",
        legs=json.dumps([{"engine": "ready-made", "file": "es.json"}]),
        places=json.dumps([{"file": str(write(tmp_path / "es.json", *empty))}]),
        recover=json.dumps({"mode": "markers", "markers": ["([", ")]"]}),
        min_recovered=minimum,
        language="es",
        device="cpu",
        store=tmp_path / "store",
        target=tmp_path / "es.parquet",
        questions=tmp_path / "questions.parquet",
        found=tmp_path / "found.parquet",
        recovery=tmp_path / "recovery.json",
    )
    assert translated.returncode == (1 if minimum else 0), translated.stderr
    if minimum:
        assert "es.json: only 0 of 2 answers were recovered" in translated.stderr
        assert "no-answer 2" in translated.stderr and "Traceback" not in translated.stderr

"""`lbmrc markers`: how often each pair of markers survives the engine in use."""

from pathlib import Path

import pytest
import yaml

from lbmrc.cli import main
from lbmrc.data.examples import Answer, Example
from lbmrc.miniworld.generator.publish import publish
from lbmrc.translation.cache import TranslationCache
from lbmrc.translation.engines.base import Engine, Output
from lbmrc.translation.marker_survey import measure_survival

REPOSITORY = Path(__file__).parents[3]


class Spoiling(Engine):
    name = "spoiling"

    def stream(self, texts):
        for index, text in enumerate(texts):
            text = text.replace("([", "（［") if "Bob" in text else text.replace("[Eve]", "[Eve")
            yield index, Output(text)


def test_what_becomes_of_each_pair():
    names = ["Ann", "Bob", "Eve", "\u200b"]
    examples = [
        Example(n, "t/0", "en", "en", f"It was {n}.", "Who?", (Answer(n, 7),)) for n in names
    ]
    first, second = measure_survival(
        examples, TranslationCache(Spoiling()), [("([", ")]"), ("[", "]")]
    )
    assert (first.kept, first.lenient, first.lost) == (2, 1, {"blank": 1})
    assert (second.kept, second.lenient) == (2, 0)
    assert second.lost == {"missing-close": 1, "blank": 1}
    assert first.total == second.total == 4


@pytest.fixture
def config(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    content = (REPOSITORY / "tests/micro.yaml").read_text(encoding="utf-8")
    (tmp_path / "micro.yaml").write_text(content, encoding="utf-8")
    return tmp_path / "micro.yaml"


def test_the_command(config, capsys):
    publish("data/micro", 2, 1, 1, seed=3)
    command = ["markers", "--languages", "es", "--sample", "4", "--configfile", str(config)]
    assert main(command) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "es: 4 answers, marian opus-mt-en-es"
    assert [line.split("  ")[1].strip() for line in lines[2:]] == [
        "([ )]",
        "[ ]",
        "<b> </b>",
        '" "',
    ]
    assert all("%" in line for line in lines[2:])
    assert main([*command[:2], "fr", *command[3:]]) == 1
    assert 'translates into "fr"' in capsys.readouterr().err


def test_before_fetch_it_says_what_is_missing_and_what_to_run(config, capsys):
    command = ["markers", "--languages", "es", "--sample", "2", "--configfile", str(config)]
    assert main(command) == 1
    said = capsys.readouterr().err
    assert "data/micro/squad/train-v1.1.json: missing" in said
    assert f"run `snakemake fetch --cores all --configfile {config}` first" in said
    publish("data/micro", 2, 1, 1, seed=3)
    content = yaml.safe_load(config.read_text())
    hub = {"id": "some/model", "revision": "0" * 40}
    content["translation"]["engines"]["es"]["checkpoint"] = hub
    config.write_text(yaml.safe_dump(content))
    assert main(command) == 1
    assert f"models/some/model/{'0' * 40}: missing" in capsys.readouterr().err

"""The commands: wrong usage ends with status 2 and the remedy."""

import io
import sys

import pytest

from lbmrc.cli import main

ASK = ["ask", "nowhere", "--language", "en", "--question", "Who?", "--passage", "Ann left."]
MARKERS = ["markers", "--languages", "es", "--config", "tests/micro.yaml"]


def usage_error(capsys, arguments) -> str:
    with pytest.raises(SystemExit) as stopped:
        main([str(argument) for argument in arguments])
    assert stopped.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize("number", [0, -1, "1.5", "x"])
@pytest.mark.parametrize("command", [[*ASK, "--top"], [*MARKERS, "--sample"]])
def test_a_count_is_a_whole_number_above_0(capsys, command, number):
    printed = usage_error(capsys, [*command[:-1], f"{command[-1]}={number}"])
    assert f"{command[-1]}: must be a whole number above 0; it is {number}" in printed


@pytest.mark.parametrize("text", ["", "  \n"])
@pytest.mark.parametrize("name", ["question", "passage"])
def test_an_empty_text_is_asked_for(capsys, name, text):
    printed = usage_error(capsys, [*ASK, f"--{name}", text])
    assert f"the {name} is empty; give one with --{name}" in printed


def test_the_path_of_a_passage_is_refused_with_the_way_to_give_it(capsys, tmp_path):
    path = tmp_path / "a passage.txt"
    path.write_text("Ann left.")
    printed = usage_error(capsys, [*ASK, "--passage", path])
    assert f"takes the text itself, and {path} is a file: give `--file '{path}'`" in printed


def test_the_folder_of_several_models_is_refused_with_one_of_them(capsys, tmp_path):
    model = tmp_path / "systems/baseline/seed-42/model"
    model.mkdir(parents=True)
    (model / "config.json").write_text("{}")
    for folder in (model.parents[1], tmp_path):
        printed = usage_error(capsys, ["ask", folder, *ASK[2:]])
        assert f"{folder} is the folder above a model: give {model.parent}" in printed


def test_a_folder_without_any_model_is_an_error(capsys, tmp_path):
    assert main(["ask", str(tmp_path), *ASK[2:]]) == 1
    assert f"{tmp_path}: no checkpoint here" in capsys.readouterr().err


def test_a_passage_in_latin_1_is_an_error(capsys, monkeypatch):
    """As from a file that another program wrote, and as an argument in such a terminal."""
    latin_1 = "René Toval keeps bees.".encode("latin-1")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(latin_1), "utf-8"))
    assert main([*ASK, "--passage", "-"]) == 1
    problem = "lbmrc: the passage is not UTF-8 at byte 3; save it as UTF-8\n"
    assert capsys.readouterr().err == problem
    argument = latin_1.decode("utf-8", "surrogateescape")
    assert main([*ASK, "--passage", argument]) == 1
    assert capsys.readouterr().err == problem
    assert main([*ASK, "--question", argument]) == 1
    assert "the question is not UTF-8 at byte 3" in capsys.readouterr().err


def test_a_long_passage_is_no_path(capsys):
    assert main([*ASK, "--passage", "word " * 10_000]) == 1
    assert "nowhere: no checkpoint here" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["--best", "2"], "--best is now called --top"),
        (["--top", "21"], "--top is 20 at most"),
        (["--file", "x.txt"], "not allowed with argument --passage"),
    ],
)
def test_options_that_do_not_go(capsys, arguments, problem):
    assert problem in usage_error(capsys, [*ASK, *arguments])


def test_without_a_text_it_is_asked_for(capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    printed = usage_error(capsys, ["ask", "nowhere", "--question", "Who?"])
    assert "give a text: --passage TEXT, --file PATH or --jsonl PATH" in printed
    printed = usage_error(capsys, ["ask", "nowhere", "--file", "-"])
    assert "stdin is the passage, so give the questions with --question" in printed

"""`lbmrc why`: what Snakemake's reasons mean."""

import json

import pytest

from lbmrc.cli import main
from lbmrc.common.errors import UserError
from lbmrc.planning.rerun_reasons import explain, made_on_other_devices, why

CHANGED = "Union of exclusive params before and now across all output:"
CODES = {
    "0" * 16: {"lbmrc/a.py": "1", "lbmrc/b.py": "1", "lbmrc/gone.py": "1"},
    "1" * 16: {"lbmrc/a.py": "2", "lbmrc/b.py": "1", "lbmrc/new.py": "1"},
}


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        ("Missing output files: a.json, b.json", "it has not made a.json, b.json"),
        ("Updated input files: d, a, b, c", "a, b and 2 more changed"),
        ("Input files updated by another job: a", "a will be made anew"),
        ("Forced execution", "it was asked for (--forcerun)"),
        (
            "Updated input files: a; Code has changed since last execution",
            "a changed; the rule's command changed",
        ),
        (
            "Params have changed since last execution: "
            f"{CHANGED} before: '{'0' * 16}' now: '{'1' * 16}' ",
            "lbmrc/a.py, lbmrc/gone.py, lbmrc/new.py changed",
        ),
        (
            "Params have changed since last execution: "
            f"{CHANGED} before: '{'2' * 16}' now: '{'1' * 16}' ",
            "its code changed (what it was is not on record)",
        ),
        (
            "Set of input files has changed since last execution; Params have changed since last "
            f'execution: {CHANGED} before: \'{{"t": 2.0, "w": 1}}\',\'["a"]\' '
            'now: \'["a", "b"]\',\'{"t": 5.0, "w": 1}\' ',
            "it reads other files than before; t was 2.0 and is 5.0, and ['a'] became ['a', 'b']",
        ),
        (
            f"Params have changed since last execution: {CHANGED} "
            "before: <nothing exclusive> now: 64 ",
            "the parameter 64 is new",
        ),
        ("Something Snakemake learned to say", "Something Snakemake learned to say"),
    ],
)
def test_a_reason_in_words(reason, words):
    assert explain(reason, CODES) == words


def test_it_needs_a_workflow(tmp_path):
    with pytest.raises(UserError, match="no Snakefile here"):
        list(why(tmp_path, []))


def test_an_error_of_the_config_is_passed_on_alone(repository, monkeypatch, capsys):
    monkeypatch.chdir(repository)
    assert main(["why", "--config", "trainin={epochs: 3}"]) == 1
    problem = '--config: unknown key "trainin" (did you mean "training"?)'
    assert capsys.readouterr().err == f"lbmrc: {problem}\n"


def test_a_config_that_snakemake_cannot_read_is_named(repository, monkeypatch, capsys, tmp_path):
    monkeypatch.chdir(repository)
    path = tmp_path / "mine.yaml"
    path.write_text("run: a\nseeds: [1\nx: 2\n")
    assert main(["why", "--configfile", str(path)]) == 1
    assert f"lbmrc: {path}: not valid YAML at line 3, column 2" in capsys.readouterr().err


def test_results_of_another_device_are_mentioned(tmp_path):
    device = {"kind": "cuda", "name": "H100", "precision": "bfloat16"}
    for system, content in {
        "a": {"device": device},
        "b": {},
        "c": {"device": {"kind": "cpu"}},
    }.items():
        manifest = tmp_path / f"results/mine/systems/{system}/seed-1/manifest.json"
        manifest.parent.mkdir(parents=True)
        manifest.write_text(json.dumps(content))
    (note,) = made_on_other_devices(tmp_path, "mine", "cpu")
    assert "1 jobs were made on cuda in bfloat16" in note
    assert "systems/a/seed-1" in note
    assert not list(made_on_other_devices(tmp_path, "another", "cpu"))

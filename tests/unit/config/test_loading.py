"""Reading configs: files over files, and errors that name the file, the place and the remedy."""

import copy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from lbmrc.common.errors import UserError
from lbmrc.config import loading

REPOSITORY = Path(__file__).parents[3]
MICRO = yaml.safe_load((REPOSITORY / "tests/micro.yaml").read_text(encoding="utf-8"))


@pytest.fixture
def write(tmp_path, monkeypatch):
    """Write a config file, of text or of what it says, into the current folder."""
    monkeypatch.chdir(tmp_path)

    def write(name: str, content) -> str:
        text = content if isinstance(content, str | bytes) else yaml.safe_dump(content)
        Path(name).write_bytes(text if isinstance(text, bytes) else text.encode())
        return name

    return write


def message(load, *arguments) -> str:
    with pytest.raises(UserError) as error:
        load(*arguments)
    return str(error.value)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "training: {epochs: 1}\nrun: a\ntraining: {}\n",
            "training is there twice (lines 1 and 3)",
        ),
        ("a:\n  - b: {c: 1, c: 2}\n", "a.0.b.c is there twice (line 2)"),
        ('{"a": {"b": 1,\t"b": 2}}', "b is there twice"),
        ("", "is empty; a config is a table of keys and values"),
        ("# nothing\n", "is empty; a config is a table of keys and values"),
        ("- a\n", "a config is a table of keys and values"),
        ("run: a\nseeds: [1\nx: 2\n", "not valid YAML at line 3, column 2 ("),
        ("run: a\n\tseeds: 1\n", "not valid YAML at line 2, column 1 ("),
        ("run: a\nb: 2024-13-40\n", "not valid YAML (month must be in 1..12"),
        ("run: a\nb: \x00\n", "not valid YAML at line 2 (the character U+0000)"),
        ("a: 1\n---\nb: 1\n", "not valid YAML at line 2"),
        ("run: Ren\xe9\n".encode("latin-1"), "not UTF-8 at byte 8; save it as UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_as_a_config(write, text, problem):
    assert message(loading.load, write("mine.yaml", text)).startswith(f"mine.yaml: {problem}")


def test_a_missing_file_and_a_folder_are_named(write, tmp_path):
    assert message(loading.load, "none.yaml").startswith("none.yaml: cannot be read (No such file")
    assert message(loading.load, tmp_path).startswith(f"{tmp_path}: cannot be read (Is a directory")


def test_every_key_given_twice_is_listed(write):
    text = "a: 1\na: 2\nb: {c: 1}\nb: {c: 2}\nb: 3\n"
    lines = message(loading.load, write("mine.yaml", text)).splitlines()
    assert lines == [
        "mine.yaml: a is there twice (lines 1 and 2)",
        "mine.yaml: b is there twice (lines 3 and 4)",
        "mine.yaml: b is there twice (lines 4 and 5)",
    ]


def test_an_alias_and_a_merged_key_are_given_once(write):
    text = yaml.safe_dump(MICRO | {"run": "a"})
    text += "training: &x {epochs: 2}\n" if "training" not in MICRO else ""
    text = text.replace("device:", "device: &d", 1)
    assert loading.load(write("mine.yaml", text)).run == "a"


def test_json_is_a_config_too(write):
    import json

    assert loading.load(write("mine.json", json.dumps(MICRO, indent="\t"))).run == "micro"


@pytest.mark.parametrize(
    ("second", "override", "guilty", "problem"),
    [
        (
            {"training": {"epochs": 0}},
            [],
            "two.yaml",
            "training.epochs: must be 1 or more; it is 0",
        ),
        ({"training": {"epoch": 1}}, [], "two.yaml", 'training: unknown key "epoch"'),
        ({"trainin": {}}, [], "two.yaml", 'unknown key "trainin"'),
        ({"run": "b"}, ["training={epochs: x}"], "--config", "training.epochs: must be a whole"),
        ({"run": "b"}, ["trainin={epochs: 1}"], "--config", 'unknown key "trainin"'),
        ({"languages": ["en", "es"]}, [], "one.yaml", 'translation.engines: "de" is not in langua'),
        ({"lakm": {"phrases": {"kind": "titles", "least_titles": 2}}}, [], "two.yaml", "lakm.phra"),
        (
            {"systems": {"mixmrc": {"train": ["mixd"]}}},
            [],
            "two.yaml",
            "systems.mixmrc.train: no d",
        ),
        ({"comparisons": [["a", "mixmrc"]]}, [], "two.yaml", 'comparisons.0: no system "a"'),
        ({"run": "b"}, ["comparisons=[[a, mixmrc]]"], "--config", 'comparisons.0: no system "a"'),
    ],
)
def test_the_last_file_that_sets_the_key_is_the_guilty_one(
    write, second, override, guilty, problem
):
    files = [write("one.yaml", MICRO), write("two.yaml", second)]
    (line, *_) = message(loading.load_merged, files, override).splitlines()
    assert line.startswith(f"{guilty}: {problem}")


def test_a_key_that_all_files_lack_is_a_problem_of_all(write):
    one = {key: value for key, value in MICRO.items() if key != "seeds"}
    files = [write("one.yaml", one), write("two.yaml", {"run": "b"})]
    assert message(loading.load_merged, files) == "one.yaml, two.yaml: seeds: is required"


def test_null_in_a_later_file_removes_a_system(write):
    without = {"systems": {"ours-mix-teachers": None, "lakm": None}, "lakm": None}
    files = [write("one.yaml", MICRO), write("two.yaml", without)]
    config = loading.load_merged(files)
    assert sorted(config.systems) == [
        x for x in sorted(MICRO["systems"]) if x not in ("ours-mix-teachers", "lakm")
    ]
    assert config.lakm is None
    assert (
        "mixmrc"
        not in loading.load_merged(files, ["systems={mixmrc: null}", "comparisons=[]"]).systems
    )


def test_what_names_a_removed_system_must_be_set_anew(write):
    without = {"systems": {"baseline": None, "teacher-es": None, "ours-hyper": None}}
    files = [write("one.yaml", MICRO), write("two.yaml", without)]
    removed = "two.yaml removes it, so set"
    assert message(loading.load_merged, files).splitlines() == [
        'one.yaml: systems.ours-imp.distil.teachers: no system "teacher-es": '
        f"{removed} systems.ours-imp.distil.teachers there as well",
        f'one.yaml: comparisons.1: no system "baseline": {removed} comparisons there as well',
        f'one.yaml: sweep.student: no distilled system "ours-hyper": {removed} sweep.student '
        "there as well",
    ]


def test_null_removes_nothing_that_no_earlier_file_has(write):
    more = {"systems": {"ours-hypr": None}}
    files = [write("one.yaml", MICRO), write("two.yaml", more)]
    assert message(loading.load_merged, files).startswith(
        "two.yaml: systems.ours-hypr: must be a table of keys and values; it is empty"
    )


def test_merging_leaves_the_files_as_they_were(write):
    """Else the first file would be guilty of what the second sets."""
    files = [write("one.yaml", MICRO), write("two.yaml", {"data": {"source": {"seed": -1}}})]
    assert message(loading.load_merged, files).startswith("two.yaml: data.source.seed: must be")


class TestInTheWorkflow:
    """Snakemake has merged the files already, and knows nothing of keys that are there twice."""

    def test_the_files_are_read_again(self, write):
        path = write("mine.yaml", "run: a\nrun: b\n")
        problem = message(loading.load_in_workflow, [Path(path).absolute()], {}, {"run": "b"})
        assert problem == "mine.yaml: run is there twice (lines 1 and 2)"

    def test_the_command_line_is_guilty_of_what_it_sets(self, write):
        path = write("mine.yaml", MICRO)
        merged = copy.deepcopy(MICRO)
        merged["training"]["epochs"] = "x"
        problem = message(loading.load_in_workflow, [path], {"training": {"epochs": "x"}}, merged)
        assert problem == '--config: training.epochs: must be a whole number; it is "x"'

    def test_its_values_are_typed(self, write):
        path = write("mine.yaml", MICRO)
        merged = copy.deepcopy(MICRO)
        merged["training"]["epochs"] = "7"
        config = loading.load_in_workflow([path], {"training": {"epochs": "7"}}, merged)
        assert config.training.epochs == 7

    def test_a_config_that_another_workflow_hands_over_counts(self, write):
        path = write("outer.yaml", {"lbmrc": MICRO})
        assert loading.load_in_workflow([path], {}, MICRO).run == "micro"
        problem = message(loading.load_in_workflow, [path], {}, MICRO | {"seeds": [-1]})
        assert problem.startswith("outer.yaml: seeds.0: must be between 0 and 4294967295")


def test_checking_a_config_imports_nothing_heavy(repository):
    code = (
        "import sys; from lbmrc.config import loading; loading.load('config/config.yaml'); "
        "print([m for m in ('torch', 'pandas', 'numpy', 'pyarrow') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"

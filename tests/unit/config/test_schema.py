"""The config: strict, clear about mistakes, and in step with its documents."""

import copy
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.common.errors import UserError
from lbmrc.config import docs as config_docs
from lbmrc.config import schema as config
from lbmrc.config.data import FolderSource

MINI = yaml.safe_load((Path(__file__).parents[3] / "config/mini.yaml").read_text(encoding="utf-8"))


def changed(path: str, value) -> dict:
    data = copy.deepcopy(MINI)
    *parents, last = path.split("/")
    section = data
    for parent in parents:
        section = section.setdefault(parent, {})
    section[last] = value
    return data


@pytest.mark.parametrize("name", ["config", "mini", "xquad"])
def test_our_own_configs_are_valid(repository, name):
    config.load(repository / f"config/{name}.yaml")


def test_mini_full_runs_every_system_of_the_paper(repository):
    more = yaml.safe_load((repository / "config/mini-full.yaml").read_text(encoding="utf-8"))
    merged = MINI | more | {"systems": MINI["systems"] | more["systems"]}
    full = config.parse(merged, "mini and mini-full")
    paper = config.load(repository / "config/config.yaml")
    assert list(full.systems) == list(paper.systems)
    assert {name: system.model_dump() for name, system in full.systems.items()} == {
        name: system.model_dump() for name, system in paper.systems.items()
    }
    assert full.comparisons == paper.comparisons


@pytest.mark.parametrize("names", [["config"], ["mini", "mini-full"]])
def test_lakm_is_compared_with_its_own_data_and_no_student_is_mixmrc_full(repository, names):
    read = config.load_merged([repository / f"config/{name}.yaml" for name in names])
    pairs = [tuple(pair) for pair in read.comparisons]
    assert ("lakm", "translate-train") in pairs and ("lakm", "baseline") not in pairs
    lakm, control = read.systems["lakm"], read.systems["translate-train"]
    assert control.train == lakm.train and lakm.lakm and not control.lakm
    students = [system.distil for system in read.systems.values() if system.distil]
    assert students and all(student.settings.get("kd_weight") != 0 for student in students)


def test_a_second_config_may_change_where_the_data_come_from(repository):
    path = repository / "config/xquad.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["data"]["source"] |= {"kind": "folder"}
    assert config.parse(data, "two files").data.source == FolderSource(kind="folder")


def test_lakm_without_its_section_is_refused():
    data = {key: value for key, value in MINI.items() if key != "lakm"}
    data["systems"] = MINI["systems"] | {"lakm": {"train": ["squad.en"], "lakm": True}}
    with pytest.raises(UserError, match="there is no section `lakm`"):
        config.parse(data, "mini")


def test_teachers_of_several_seeds():
    more = {"distil": {"teachers": ["mixmrc"], "teacher_seeds": [42, 43], "weights": "uniform"}}
    data = MINI | {"systems": MINI["systems"] | {"mix": more}, "seeds": [42, 44]}
    parsed = config.parse(data, "mini")
    assert parsed.systems["mix"].distil.teacher_runs(44) == [("mixmrc", 42), ("mixmrc", 43)]
    assert parsed.teacher_runs() == [
        *((f"teacher-{language}", seed) for seed in (42, 44) for language in ("en", "es", "de")),
        *(("mixmrc", seed) for seed in (42, 43)),
    ]


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        ("distilation", {}, 'unknown key "distilation" (did you mean "distillation"?)'),
        ("training/epoch", 3, 'training: unknown key "epoch" (did you mean "epochs"?)'),
        ("training/epochs", "three", "training.epochs: Input should be a valid integer"),
        ("training/epochs", 3.5, "training.epochs: Input should be a valid integer"),
        ("windows/max_length", "384", "windows.max_length: Input should be a valid integer"),
        ("windows/max_question_length", 400, "leaves no room for the passage"),
        ("systems/baseline/train", ["sqad.en"], 'no dataset "sqad.en" (did you mean "squad.en"?)'),
        ("systems/baseline/train", ["squad.fr"], 'systems.baseline.train: no dataset "squad.fr"'),
        (
            "systems/baseline/distil",
            {"teachers": ["mixmrc"], "weights": "uniform"},
            "either train or",
        ),
        (
            "systems/ours-imp/distil/teachers",
            ["teacher-fr"],
            'no system "teacher-fr" (did you mean',
        ),
        ("systems/ours-imp/distil/weights", [0.5], "1 weights for 3 teachers"),
        (
            "systems/ours-imp/distil",
            {"teachers": ["mixmrc"], "teacher_seeds": [1, 2, 3], "weights": [0.5, 0.5]},
            "2 weights for 3 teachers",
        ),
        (
            "systems/ours-imp/distil",
            {"teachers": ["mixmrc"], "teacher_seeds": [1, 1], "weights": "uniform"},
            "a teacher is listed twice",
        ),
        (
            "systems/ours-imp/distil/weights",
            "unform",
            'no weighting "unform" (did you mean "uniform"',
        ),
        ("data/source/test_passage", 3, 'did you mean "test_passages"'),
        ("systems/ours-imp/lakm", True, "lakm goes with train"),
        ("lakm/phrases", {"kind": "titel"}, "'file', 'titles'"),
        ("systems/ours-imp/distil/settings", {"temperatur": 2}, 'did you mean "temperature"?'),
        ("systems/mixmrc/training", {"epochs": -1}, "systems.mixmrc.training.epochs"),
        ("training/select", "best", "'last' or 'dev'"),
        ("training/select", "dev", "training.select: no section `dev`"),
        (
            "systems/mixmrc/training",
            {"select": "dev"},
            "systems.mixmrc.training.select: no section `dev`",
        ),
        ("dev", {"benchmark": "mlqq"}, 'dev.benchmark: no benchmark "mlqq" (did you mean "mlqa"'),
        (
            "dev",
            {"benchmark": "mlqa", "split": "test"},
            "dev.split: nothing is ever",
        ),
        ("dev", {"benchmark": "xquad"}, "dev.benchmark: xquad has no file of its own for dev"),
        ("languages", ["en", "es", "de", "fr"], 'no engine for "fr"'),
        ("languages", ["en", "es"], 'translation.engines: "de" is not in languages'),
        ("benchmarks/xquad/articles", "tset", 'no list "tset" in data.articles'),
        (
            "comparisons",
            [["ours-im", "mixmrc"]],
            'comparisons.0: no system "ours-im" (did you mean',
        ),
        ("comparisons", [["mixmrc", "mixmrc"]], "mixmrc is compared with itself"),
        ("comparisons", [["mixmrc", "baseline"]] * 2, "mixmrc against baseline is listed twice"),
        ("comparisons", [["mixmrc"]], "comparisons.0.1: Field required"),
        ("backbone", {"id": "a/b", "revision": "main"}, "pinned revision"),
        ("backbone", {}, "give one of folder, bundled, or id with revision; here is none of them"),
        ("backbone", {"folder": "a", "bundled": "xlm"}, "here is folder and bundled"),
        ("backbone", {"bundled": "xml"}, 'no bundled checkpoint "xml" (did you mean "xlm"?)'),
        ("run", "a run", "run: "),
        ("seeds", [42, 42], "seeds: a seed is listed twice"),
        ("benchmarks/xquad/metric", "mlqa", "MLQA's metric does not know el, ru, tr"),
    ],
)
def test_a_mistake_is_named(path, value, message):
    with pytest.raises(UserError) as error:
        config.parse(changed(path, value), "mine.yaml")
    assert message in str(error.value)
    assert all(line.startswith("mine.yaml: ") for line in str(error.value).splitlines())


FORMER_KEYS = [
    ("published_figures", True, "same_data_as_paper"),
    ("training/save_minutes", 5, "checkpoint_minutes"),
    ("training/processes", 2, "num_processes"),
    ("training/recompute", True, "gradient_checkpointing"),
    ("systems/mixmrc/training/save_minutes", 5, "checkpoint_minutes"),
    ("systems/mixmrc/training/processes", 2, "num_processes"),
    ("systems/mixmrc/training/recompute", True, "gradient_checkpointing"),
    ("lakm/phrases/least_titles", 2, "min_titles"),
    ("lakm/masking/share", 0.2, "mask_rate"),
    ("benchmarks/xquad/rules", "squad", "metric"),
]


@pytest.mark.parametrize(("path", "value", "name"), FORMER_KEYS)
def test_a_key_under_its_former_name_is_refused_with_its_name_of_today(path, value, name):
    titles = {"phrases": {"kind": "titles", "file": "{language}.gz"}}
    data = changed("lakm", titles)
    *above, key = path.split("/")
    section = data
    for part in above:
        section = section.setdefault(part, {})
    section[key] = value
    with pytest.raises(UserError) as error:
        config.parse(data, "mine.yaml")
    place = path.replace("/", ".")
    assert str(error.value) == f'mine.yaml: {place}: this key is now called "{name}"'


@pytest.mark.parametrize("former", ["training={recompute: true}", "published_figures=true"])
def test_a_former_name_is_refused_on_the_command_line_too(repository, former):
    with pytest.raises(UserError, match=r"mini\.yaml and --config: .* this key is now called"):
        config.load_merged([repository / "config/mini.yaml"], [former])


def test_values_of_the_command_line_get_the_types_they_would_have_in_a_file():
    given = {"training": {"epochs": "2"}, "seeds": ["42", "43"], "same_data_as_paper": "true"}
    expected = {"training": {"epochs": 2}, "seeds": [42, 43], "same_data_as_paper": True}
    assert config.typed(given) == expected
    assert config.typed({"run": "a", "x": "1e-5", "y": "[", "z": 3}) == {
        "run": "a", "x": "1e-5", "y": "[", "z": 3
    }  # fmt: skip


def test_a_cycle_of_teachers_is_refused():
    data = changed("systems/a", {"distil": {"teachers": ["b"], "weights": "uniform"}})
    data["systems"]["b"] = {"distil": {"teachers": ["a"], "weights": "uniform"}}
    with pytest.raises(UserError, match=r"systems.a: a cycle of teachers \(a <- b <- a\)"):
        config.parse(data, "mine.yaml")


def test_a_student_may_teach():
    data = changed("systems/again", {"distil": {"teachers": ["ours-imp"], "weights": "uniform"}})
    assert "again" in config.parse(data, "mine.yaml").systems


@given(st.recursive(st.none() | st.integers() | st.text(), lambda x: st.lists(x), max_leaves=5))
def test_nonsense_never_escapes_as_another_error(value):
    for path in ("training", "systems", "data/source", "languages", "systems/mixmrc/train"):
        try:
            config.parse(changed(path, value), "mine.yaml")
        except UserError as error:
            assert str(error).startswith("mine.yaml: ")


def test_the_union_is_its_branches_in_order():
    parsed = config.parse(MINI, "mini.yaml")
    assert parsed.parts(["union"]) == ["branch.en", "branch.es", "branch.de"]
    assert parsed.parts(["branch.es", "union"]) == ["branch.es", "branch.en", "branch.de"]


def test_overrides_reach_one_system_alone():
    parsed = config.parse(changed("systems/baseline/training", {"epochs": 7}), "mini.yaml")
    assert parsed.training_of("baseline").epochs == 7
    assert parsed.training_of("mixmrc").epochs == MINI["training"]["epochs"]


def test_the_documents_are_in_step(repository):
    folder = repository / "config"
    assert (folder / "schema.json").read_text(encoding="utf-8") == config_docs.schema(), "make docs"
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert config_docs.readme(text) == text, "run `make docs`"


def test_checking_a_config_imports_nothing_heavy(repository):
    code = (
        "import sys; from lbmrc.config import schema; schema.load('config/config.yaml'); "
        "print([m for m in ('torch', 'pandas', 'numpy', 'pyarrow') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", code], cwd=repository, capture_output=True, text=True, check=True
    )
    assert result.stdout.strip() == "[]"


def test_bundled_checkpoints_are_found_in_the_library():
    parsed = config.parse(MINI, "mini.yaml")
    assert parsed.backbone.bundled == "xlm"
    assert Path(parsed.checkpoint_folder(parsed.backbone), "config.json").is_absolute()
    assert Path(parsed.checkpoint_folder(parsed.backbone), "config.json").is_file()


def test_only_the_source_languages_dev_data_choose_a_model():
    data = changed("dev", {"benchmark": "mlqa"})
    read = config.parse(data, "mini")
    assert read.selected_on_dev() == [] and read.dev_cells() == []
    data["systems"]["baseline"]["training"] = {"select": "dev"}
    read = config.parse(data, "mini")
    assert read.selected_on_dev() == ["baseline"]
    assert read.dev_cells() == [("mlqa", "dev", "en", "en")]
    data["benchmarks"]["mlqa"]["languages"] = ["es", "de"]
    with pytest.raises(UserError, match="mlqa has no en, the source language"):
        config.parse(data, "mini")

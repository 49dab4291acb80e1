"""The runs of a study: each a whole config that is valid and differs in what it should."""

import pytest

from lbmrc.common.errors import UserError
from lbmrc.config import loading as config
from lbmrc.config.variants import variants


def study(repository, name, *overrides):
    base = "real" if name == "translators" else "mini"
    paths = [repository / f"config/{part}.yaml" for part in (base, name)]
    return config.load_merged(paths, overrides)


def parsed(study):
    return {name: config.parse(data, name) for name, data in variants(study).items()}


def test_a_config_without_a_study_has_no_other_runs(repository):
    assert variants(config.load(repository / "config/mini.yaml")) == {}


def test_runs_with_noise_differ_in_name_and_noise_alone(repository):
    read = study(repository, "noise")
    found = parsed(read)
    assert list(found) == ["noise-10", "noise-20", "noise-30", "noise-40"]
    for name, variant in found.items():
        share = int(name.removeprefix("noise-")) / 100
        noise = variant.translation.noise.model_dump()
        assert noise == {kind: share for kind in noise if kind != "seed"} | {"seed": 1}
        assert variant.run == f"study-{name}"
        without = {"run": True, "study": True, "translation": {"noise"}}
        assert variant.model_dump(exclude=without) == read.model_dump(exclude=without)
        assert variant.study is None


def test_the_noise_study_has_the_systems_and_sizes_it_is_about(repository):
    read = study(repository, "noise")
    assert {name for pair in read.comparisons for name in pair} == {
        "mixmrc",
        "mixmrc-full",
        "ours-hyper",
        "ours-imp",
        "ours-mix-teachers",
    }
    assert len(read.seeds) == 5


def test_runs_with_fewer_languages_keep_the_systems_that_these_allow(repository):
    read = study(repository, "branches")
    found = parsed(read)
    assert [(len(v.languages), v.training.max_steps) for v in found.values()] == [
        *((count, steps) for count in (1, 2, 3, 5) for steps in (None, 500)),
        (9, 500),
    ]
    for name, variant in found.items():
        languages = variant.languages
        assert languages == read.languages[: len(languages)]
        assert list(variant.translation.engines) == languages[1:]
        teachers = [f"teacher-{language}" for language in languages]
        assert sorted(variant.systems) == sorted([*teachers, "mixmrc", "mixmrc-full", "ours-hyper"])
        assert variant.systems["ours-hyper"].distil.teachers == teachers
        assert variant.comparisons == read.comparisons
        assert variant.benchmarks == read.benchmarks
        assert variant.run == f"branches-{name}"


def test_a_student_and_a_comparison_without_their_systems_are_left_out(repository):
    read = study(
        repository,
        "branches",
        "systems={only-german: {distil: {teachers: [teacher-de], weights: uniform}}}",
        "comparisons=[[only-german, mixmrc], [mixmrc-full, mixmrc]]",
    )
    found = parsed(read)
    assert found["2-languages"].comparisons == [("mixmrc-full", "mixmrc")]
    assert "only-german" not in found["2-languages"].systems
    assert "only-german" in found["3-languages"].systems


def test_runs_with_other_translators_differ_in_name_and_engine_alone(repository):
    read = study(repository, "translators")
    found = parsed(read)
    assert list(found) == ["through-portuguese", "rules"]
    for name, variant in found.items():
        assert variant.translation.engines == read.study.translators[name]
        assert variant.run == f"translators-{name}"
        without = {"run": True, "study": True, "translation": {"engines"}}
        assert variant.model_dump(exclude=without) == read.model_dump(exclude=without)


def test_the_articles_of_the_translator_study_are_all_of_xquad(repository):
    articles = study(repository, "translators").data.articles
    assert len(articles["train"]) == 32 and len(articles["test"]) == 16
    assert not set(articles["train"]) & set(articles["test"])


@pytest.mark.parametrize(
    ("name", "override", "message"),
    [
        (
            "translators",
            "data={source: {kind: download, files: {}}}",
            "study.translators.through-portuguese: needs data.source.kind miniworld or folder; "
            "fetch the files first",
        ),
        (
            "translators",
            "study={translators: {rules: {sp: {engine: ready-made, file: x.json}}}}",
            'study.translators.rules: "sp" is not in translation.engines',
        ),
        (
            "translators",
            "study={translators: {rules: {es: {engine: chain, command: null, "
            "texts_per_chunk: null, through: [it, fr]}}}}",
            'study.translators.rules.es.through.0: no engine for "it"',
        ),
        (
            "noise",
            "data={source: {kind: folder}}",
            "study.noise: is only for the synthetic corpus (data.source.kind: miniworld), and the "
            "source here is folder; remove it",
        ),
        (
            "noise",
            "translation={noise: {wrong_words: 0.1}}",
            "study.noise: this run is level 0; remove translation.noise",
        ),
        (
            "noise",
            "study={noise: {levels: [0]}}",
            "study.noise.levels.0: must be 1 or more",
        ),
        (
            "branches",
            "study={branches: {languages: [3, 9]}}",
            "study.branches.languages.1: must be below 9, the languages of this run",
        ),
        (
            "branches",
            "data={source: {kind: download, files: {}}}",
            "study.branches: needs data.source.kind miniworld or folder; fetch the files first",
        ),
    ],
)
def test_a_study_that_cannot_be_run_is_refused(repository, name, override, message):
    with pytest.raises(UserError) as error:
        study(repository, name, override)
    assert message in str(error.value)


def test_nine_languages_have_nine_teachers_and_leave_none_to_zero_shot(repository):
    read = config.load_merged([repository / f"config/{x}.yaml" for x in ("config", "nine")])
    assert set(read.languages) == set(read.benchmarks["xquad"].languages)
    teachers = [f"teacher-{language}" for language in read.languages]
    for student in ("ours-hyper", "ours-imp"):
        assert read.systems[student].distil.teachers == teachers
    for language, teacher in zip(read.languages, teachers, strict=True):
        branches = dict.fromkeys(["branch.en", f"branch.{language}"])
        assert read.systems[teacher].train == list(branches)

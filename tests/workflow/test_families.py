"""The whole micro run on a small backbone of each family beside XLM, and nothing of it twice."""

import json

import pytest
import yaml
from families import FAMILIES, write_backbone
from micro import checkout, snakemake

from lbmrc.miniworld.generator.publish import publish

OVERLAY = {
    "systems": {"lakm": None},  # LAKM trains XLM's masked-LM head
    "lakm": None,
    "windows": {"max_length": 120, "stride": 64, "max_question_length": 32},
    "training": {"dropout": 0.0, "freeze_embeddings": True},
}


@pytest.fixture(scope="module")
def texts(tmp_path_factory):
    """Passages and questions of a small world in nine languages."""
    folder = tmp_path_factory.mktemp("world")
    publish(folder, seed=3, train_passages=4, dev_passages=2, test_passages=2)
    found = []
    for path in sorted(folder.rglob("*.json")):
        for article in json.loads(path.read_text(encoding="utf-8"))["data"]:
            for paragraph in article["paragraphs"]:
                found += [paragraph["context"], *(qa["question"] for qa in paragraph["qas"])]
    return sorted(set(found))


@pytest.mark.slow
@pytest.mark.parametrize("family", FAMILIES)
def test_the_micro_run(family, texts, tmp_path):
    folder = checkout(tmp_path / "run")
    write_backbone(family, folder / "backbone", texts)
    overlay = OVERLAY | {"backbone": {"folder": "backbone"}}
    (folder / "family.yaml").write_text(yaml.safe_dump(overlay), encoding="utf-8")
    printed = snakemake(folder, "family.yaml")
    assert "Table 1" in printed
    system = folder / "results/micro/systems/ours-imp/seed-42"
    manifest = json.loads((system / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["settings"]["training"]["freeze_embeddings"]
    assert manifest["device"]["precision"] == "float32"
    assert manifest["machine"]["malloc"]["MALLOC_TOP_PAD_"] == "268435456"
    config = json.loads((system / "model/config.json").read_text(encoding="utf-8"))
    assert config["model_type"] == family
    windows = json.loads(
        (folder / "results/micro/manifests/windows.branch.de.json").read_text(encoding="utf-8")
    )["result"]
    assert windows["answers_unreachable"] == 0
    assert windows["windows_with_answer"] > 0
    assert "Nothing to be done" in snakemake(folder, "family.yaml")

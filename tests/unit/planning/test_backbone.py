"""A backbone that does not fit the config is refused before anything runs."""

import json
from pathlib import Path

import pytest

from lbmrc.cli import main
from lbmrc.common.errors import UserError
from lbmrc.config.loading import load_merged
from lbmrc.planning.backbone import check_backbone

MICRO = Path(__file__).parents[2] / "micro.yaml"
XLM = {"model_type": "xlm", "max_position_embeddings": 512}


@pytest.fixture
def micro(tmp_path, monkeypatch):
    """The micro run's config on a backbone with this config.json, local or from the hub."""
    monkeypatch.chdir(tmp_path)

    def micro(of_backbone, *overrides, hub=False):
        folder = Path("models/a/b", "0" * 40) if hub else Path("backbone")
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(of_backbone))
        backbone = f"id: a/b, revision: '{'0' * 40}', folder: null" if hub else f"folder: {folder}"
        return load_merged([MICRO], [f"backbone={{{backbone}}}", *overrides])

    return micro


@pytest.mark.parametrize(
    ("of_backbone", "overrides", "problem"),
    [
        (XLM | {"lang2id": {"en": 0, "es": 1}}, [], "does not know de, hi, ru"),
        (XLM, ["windows={max_length: 513}"], "windows.max_length: 513 tokens"),
        (XLM, ["lakm={masking: {max_length: 513}}"], "lakm.masking.max_length: 513 tokens"),
        ({"model_type": "bert"}, [], "LAKM is built for XLM's masked-LM head"),
    ],
)
@pytest.mark.parametrize("hub", [False, True])
def test_what_does_not_fit_is_refused(micro, of_backbone, overrides, problem, hub):
    with pytest.raises(UserError, match=problem):
        check_backbone(micro(of_backbone, *overrides, hub=hub))


def test_without_lakm_any_family_does(micro):
    check_backbone(micro({"model_type": "bert"}, "systems={lakm: null}"))


def test_a_hub_checkpoint_that_is_not_fetched_is_not_asked(micro):
    config = micro({"model_type": "bert"}, hub=True)
    Path("models/a/b", "0" * 40, "config.json").unlink()
    check_backbone(config)


def test_the_plan_refuses_it_too(micro, capsys):
    micro({"model_type": "bert"})
    assert (
        main(["plan", "--configfile", str(MICRO), "--config", "backbone={folder: backbone}"]) == 1
    )
    assert "LAKM is built for XLM's masked-LM head" in capsys.readouterr().err

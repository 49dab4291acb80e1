import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tiny
import tiny_xlm

from lbmrc import miniworld
from lbmrc.common.errors import UserError
from lbmrc.model.checkpoint_files import (
    check_languages,
    check_length,
    check_phrase_masking,
    check_weights,
    language_ids,
    load_tokenizer,
    read_config,
    tokenizer_files,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.write_backbone(tmp_path_factory.mktemp("backbone"))


def test_languages_that_a_checkpoint_does_not_know_are_named(folder):
    assert language_ids(folder)["es"] == 5
    check_languages(folder, ["en", "es", "ar"])
    with pytest.raises(UserError, match=r"does not know nl, pt; it knows ar, bg, .*zh"):
        check_languages(folder, ["en", "nl", "pt"])


def test_the_tokenizer_knows_the_models_languages(folder, tmp_path):
    own = tiny_xlm.build_tokenizer(tmp_path)
    shutil.copy(folder / "config.json", tmp_path)
    tokenizer = load_tokenizer(tmp_path)
    assert tokenizer.lang2id == language_ids(folder)
    assert tokenizer("Die Straße")["input_ids"] == own("Die Straße")["input_ids"]


def test_a_family_without_languages_takes_any(tmp_path):
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    check_languages(tmp_path, ["en", "xx"])
    assert language_ids(tmp_path) == {}


def test_what_is_missing_or_broken_is_said(folder, tmp_path):
    with pytest.raises(UserError, match=r"nowhere: no checkpoint here \(no config.json\)"):
        read_config(tmp_path / "nowhere")
    with pytest.raises(UserError, match=r"config.json: a file, and a checkpoint is a folder"):
        read_config(folder / "config.json")
    check_weights(folder)
    bare = shutil.copytree(folder, tmp_path / "bare")
    (bare / "model.safetensors").unlink()
    with pytest.raises(UserError, match=r"bare: no weights \(model.safetensors\)"):
        check_weights(bare)
    (bare / "config.json").write_text("{")
    with pytest.raises(UserError, match=r"config.json: not JSON"):
        read_config(bare)
    wordless = shutil.copytree(folder, tmp_path / "wordless")
    (wordless / "vocab.json").unlink()
    with pytest.raises(UserError, match=r"no tokenizer"):
        load_tokenizer(wordless)


def test_the_tokenizers_files_are_found_and_no_others(folder):
    names = {path.name for path in tokenizer_files(folder)}
    assert {"vocab.json", "merges.txt"} <= names
    assert not names & {"config.json", "model.safetensors"}


def test_windows_longer_than_the_positions_are_refused(tmp_path):
    (tmp_path / "config.json").write_text('{"max_position_embeddings": 512}')
    check_length(tmp_path, 512)
    with pytest.raises(UserError, match=r"windows.max_length: 513 tokens.* at most"):
        check_length(tmp_path, 513)


def test_xlms_tokenizer_loads_without_torch():
    """A job that only cuts windows need not wait for it."""
    folder = Path(miniworld.__file__).parent / "checkpoints/xlm"
    program = (
        "import sys\n"
        "from lbmrc.model.checkpoint_files import load_tokenizer\n"
        f"print(len(load_tokenizer({str(folder)!r})), 'torch' in sys.modules)\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    size, torch_is_there = ran.stdout.split()
    assert int(size) > 1000 and torch_is_there == "False"


@pytest.mark.parametrize(
    ("config", "longest"),
    [
        ({"model_type": "xlm-roberta", "max_position_embeddings": 514, "pad_token_id": 1}, 512),
        ({"model_type": "camembert", "max_position_embeddings": 514}, 512),
        ({"model_type": "xmod", "max_position_embeddings": 514, "pad_token_id": None}, 512),
        ({"model_type": "mpnet", "max_position_embeddings": 514, "pad_token_id": 1}, 512),
        ({"model_type": "bert", "max_position_embeddings": 512, "pad_token_id": 0}, 512),
        ({"model_type": "xlm", "max_position_embeddings": 512, "pad_index": 2}, 512),
    ],
)
def test_families_that_count_positions_from_the_padding_have_fewer(tmp_path, config, longest):
    (tmp_path / "config.json").write_text(json.dumps(config))
    check_length(tmp_path, longest)
    with pytest.raises(UserError, match=rf"has {longest} positions for them; set it to {longest}"):
        check_length(tmp_path, longest + 1)


def test_xlm_r_really_takes_no_more(tmp_path):
    import torch
    from transformers import XLMRobertaConfig, XLMRobertaForQuestionAnswering

    config = XLMRobertaConfig(
        vocab_size=8, hidden_size=4, num_hidden_layers=1, num_attention_heads=1,
        intermediate_size=4, max_position_embeddings=34, type_vocab_size=1,
    )  # fmt: skip
    config.save_pretrained(tmp_path)
    network = XLMRobertaForQuestionAnswering(config).eval()
    check_length(tmp_path, 32)
    assert network(torch.full((1, 32), 5)).start_logits.shape == (1, 32)
    with pytest.raises(UserError, match=r"lakm.masking.max_length: 33 tokens"):
        check_length(tmp_path, 33, "lakm.masking.max_length")
    with pytest.raises((IndexError, RuntimeError), match="out of"):
        network(torch.full((1, 33), 5))


def test_lakm_is_for_xlm_alone(folder, tmp_path):
    check_phrase_masking(folder)
    (tmp_path / "config.json").write_text('{"model_type": "xlm-roberta"}')
    with pytest.raises(UserError, match=r"a checkpoint of xlm-roberta; take the systems with"):
        check_phrase_masking(tmp_path)

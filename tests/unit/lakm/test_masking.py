import json
from collections import Counter

import numpy as np
import pytest
import tiny
import tiny_xlm
import torch
import torch.nn.functional as F
from transformers import AutoModelForQuestionAnswering, XLMConfig, XLMWithLMHeadModel

from lbmrc.common.errors import UserError
from lbmrc.config.stages import MaskingSettings, TrainingSettings
from lbmrc.data.examples import Answer, Example, write_examples
from lbmrc.lakm.build_windows import write_phrase_windows
from lbmrc.lakm.masking import (
    PhraseMasking,
    attach_head,
    detach_head,
    mask_tokens,
    select_positions,
)
from lbmrc.lakm.passages import Passage, passages_of_dump, passages_of_examples
from lbmrc.lakm.phrase_window_files import read_phrase_windows
from lbmrc.lakm.task import Alternating, Lakm
from lbmrc.model.span_model import load_model, masked_lm_bias
from lbmrc.training.span_extraction import SpanExtraction
from lbmrc.training.trainer import train
from lbmrc.windows.files import read_windows

TEXTS = [
    "In 1952 Adam Lemin wrote a book about Anna Belran, and Adam Lemin was glad of it.",
    "Nothing here is known to anybody.",
    "The city of New Lines stands by the river. " * 6,
]
PHRASES = {("adam", "lemin"), ("anna", "belran"), ("new", "lines")}


# ---------------------------------------------------------------------------------------- windows


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory):
    return tiny_xlm.build_tokenizer(tmp_path_factory.mktemp("tokenizer"), TEXTS)


@pytest.fixture(scope="module")
def windows_file(tokenizer, tmp_path_factory):
    path = tmp_path_factory.mktemp("windows") / "phrases.en.arrow"
    passages = [Passage(f"p/{n}", text) for n, text in enumerate(TEXTS)]
    write_phrase_windows(path, passages, PHRASES, tokenizer, "en", 40)
    return path


def test_tokens_know_their_phrase(windows_file, tokenizer):
    rows = read_phrase_windows([windows_file])
    assert set(rows["passage_id"]) == {"p/0", "p/2"}
    for row in rows:
        assert len(row["input_ids"]) == len(row["phrases"]) <= 40
        assert (row["phrases"][0], row["phrases"][-1]) == (-1, -1)
        assert row["input_ids"][0] == row["input_ids"][-1] == 1  # </s>
        assert row["language_id"] == tiny_xlm.LANG2ID["en"]
    first = rows[0]
    texts = {}
    for token, number in zip(first["input_ids"], first["phrases"], strict=True):
        if number > 0:
            texts.setdefault(number, []).append(token)
    spelled = [
        tokenizer.convert_tokens_to_string(tokenizer.convert_ids_to_tokens(t))
        for t in texts.values()
    ]
    assert [text.strip() for text in spelled] == ["adam lemin", "anna belran", "adam lemin"]


def test_windows_hold_each_token_once(tokenizer, tmp_path):
    counts = write_phrase_windows(
        tmp_path / "w.arrow", [Passage("p", TEXTS[2])], PHRASES, tokenizer, "en", 30
    )
    rows = read_phrase_windows([tmp_path / "w.arrow"])
    inner = [token for ids in rows["input_ids"] for token in ids[1:-1]]
    everything = tokenizer.convert_tokens_to_ids(tokenizer.tokenize(TEXTS[2]))
    assert inner == everything[: len(inner)]  # what is left at the end holds no phrase
    assert "new" not in tokenizer.decode(everything[len(inner) :])
    assert (
        counts["phrases"]
        == 6
        + sum(  # a phrase cut by a window's edge counts in both
            ids[-2] > 0 and ids[-2] == following[1]
            for ids, following in zip(rows["phrases"][:-1], rows["phrases"][1:], strict=True)
        )
    )
    assert counts["passages"] == 1 and counts["windows"] == len(rows)


def test_passages_come_once_from_examples_or_a_dump(tmp_path):
    examples = [
        Example(str(n), f"t/{n // 2}", "en", "en", TEXTS[n // 2], "Who?", (Answer("Adam", 8),))
        for n in range(2)
    ]
    write_examples(tmp_path / "e.parquet", examples)
    assert list(passages_of_examples(tmp_path / "e.parquet")) == [Passage("t/0", TEXTS[0])]
    (tmp_path / "en.txt").write_text("One.\nTwo.\n")
    assert [p.text for p in passages_of_dump(tmp_path / "en.txt")] == ["One.", "Two."]
    with pytest.raises(UserError, match="not a readable text dump"):
        list(passages_of_dump(tmp_path / "none.txt"))


def test_without_a_phrase_there_is_nothing_to_mask(tokenizer, tmp_path):
    path = tmp_path / "w.arrow"
    write_phrase_windows(path, [Passage("p", TEXTS[1])], PHRASES, tokenizer, "en", 30)
    with pytest.raises(UserError, match="no passage holds a phrase"):
        read_phrase_windows([path])


# ---------------------------------------------------------------------------------------- masking


def test_phrases_are_hidden_first_and_whole():
    phrases = np.array([0] * 20 + [1, 1, 1] + [0] * 10 + [2, 2] + [0] * 5)
    for seed in range(20):
        places = select_positions(phrases, 0.15, np.random.default_rng(seed))
        assert len(places) == 6 and list(places) == sorted(set(places))
        assert {20, 21, 22, 33, 34} < set(places)
    cut = [select_positions(phrases, 0.1, np.random.default_rng(seed)) for seed in range(40)]
    whole = Counter(tuple(np.unique(phrases[p], return_counts=True)[1]) for p in cut)
    assert set(whole) == {(3, 1), (2, 2)}  # the first phrase drawn is whole, the second cut


def test_where_phrases_suffice_nothing_else_is_hidden():
    phrases = np.array([1] * 30 + [0] * 10)
    assert (select_positions(phrases, 0.15, np.random.default_rng(0)) < 30).all()
    assert len(select_positions(np.array([0]), 0.15, np.random.default_rng(0))) == 1


def test_four_fifths_are_masked_a_tenth_is_anything_a_tenth_stays():
    ids = np.full(100_000, 7)
    hidden = mask_tokens(ids, 5, 1_000, np.random.default_rng(0))
    assert (hidden == 5).mean() == pytest.approx(0.8, abs=0.01)
    assert (hidden == 7).mean() == pytest.approx(0.1, abs=0.01)
    anything = hidden[(hidden != 5) & (hidden != 7)]
    assert anything.min() < 10 and anything.max() > 990


@pytest.fixture
def masking(windows_file):
    return PhraseMasking(
        read_phrase_windows([windows_file]),
        mask_id=5,
        vocabulary=400,
        pad_id=2,
        share=0.15,
        batch_size=2,
        seed=3,
    )


def test_every_window_comes_once_a_round_and_is_hidden_anew(masking):
    n = len(masking.windows)
    batches = -(-n // 2)
    rounds = [
        sorted(number for b in range(batches) for number in masking.numbers(turn * batches + b))
        for turn in range(3)
    ]
    assert rounds == [list(range(turn * n, (turn + 1) * n)) for turn in range(3)]
    first, again, other = (masking.__getitems__([number]) for number in (0, 0, n))
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["input_ids"], other["input_ids"])


def test_a_batch_hides_what_its_targets_tell(masking):
    n = len(masking.windows)
    batch = masking.__getitems__(list(range(n)))
    original = masking.windows["input_ids"]
    for row in range(n):
        size = len(original[row])
        assert batch["mask"][row].tolist() == [True] * size + [False] * (
            batch["mask"].shape[1] - size
        )
        columns = batch["positions"][batch["positions"][:, 0] == row, 1]
        assert len(columns) == max(1, round(0.15 * (size - 2)))
        assert 0 not in columns and size - 1 not in columns
        shown = batch["input_ids"][row, :size].clone()
        shown[columns] = batch["targets"][batch["positions"][:, 0] == row]
        assert shown.tolist() == original[row]
    assert (batch["langs"] == tiny_xlm.LANG2ID["en"]).all()


# ------------------------------------------------------------------------------------------- loss


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tokenizer):
    """A tiny XLM with its masked-LM head."""
    path = tmp_path_factory.mktemp("backbone")
    torch.manual_seed(0)
    config = XLMConfig(
        vocab_size=max(len(tokenizer), tiny.VOCABULARY),
        emb_dim=32,
        n_layers=2,
        n_heads=2,
        n_langs=15,
        lang2id=tiny_xlm.LANG2ID,
        max_position_embeddings=64,
        dropout=0.0,
        attention_dropout=0.0,
    )
    model = XLMWithLMHeadModel(config)
    torch.nn.init.normal_(model.get_output_embeddings().bias)
    model.save_pretrained(path)
    tokenizer.save_pretrained(path)
    return path


def test_the_loss_is_that_of_xlms_own_head(folder, masking):
    model = load_model(folder, head_seed=1)
    attach_head(model, folder)
    batch = masking.__getitems__([0, 1, 2])
    own = XLMWithLMHeadModel.from_pretrained(folder).eval()
    labels = torch.full_like(batch["input_ids"], -100)
    labels[batch["positions"][:, 0], batch["positions"][:, 1]] = batch["targets"]
    logits = own(
        input_ids=batch["input_ids"],
        attention_mask=batch["mask"].long(),
        langs=batch["langs"],
    ).logits
    expected = F.cross_entropy(logits.flatten(0, 1), labels.flatten(), ignore_index=-100)
    loss = masking.losses(model, batch)["loss"]
    torch.testing.assert_close(loss, expected)
    loss.backward()
    assert model.masked_lm_bias.grad.abs().sum() > 0
    assert model.transformer.embeddings.weight.grad.abs().sum() > 0


def test_another_family_or_no_head_is_refused(folder, tmp_path):
    with pytest.raises(UserError, match="no masked-LM head"):
        masked_lm_bias(tiny.write_backbone(tmp_path / "headless"))
    config = json.loads((folder / "config.json").read_text()) | {"model_type": "bert"}
    (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(UserError, match="checkpoint of bert"):
        masked_lm_bias(tmp_path)


# --------------------------------------------------------------------------------------- training


@pytest.fixture(scope="module")
def questions(tmp_path_factory):
    path = tmp_path_factory.mktemp("questions") / "squad.en.arrow"
    return read_windows([tiny.write_windows(path, 21)])


def fit(folder, questions, windows_file, root, epochs=3, select="last"):
    lakm = Lakm(
        read_phrase_windows([windows_file]), MaskingSettings(), 5, folder, batch_size=8, seed=7
    )
    return train(
        folder,
        questions,
        TrainingSettings(
            learning_rate=1e-3, epochs=epochs, batch_size=8, warmup_steps=2, select=select
        ),
        seed=7,
        device="cpu",
        model=root / "model",
        metrics=root / "metrics.jsonl",
        state=root / "state",
        make_task=lakm.make_task,
    )


def test_questions_and_masked_passages_take_turns(folder, questions, windows_file, tmp_path):
    summary = fit(folder, questions, windows_file, tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "metrics.jsonl").read_text().splitlines()]
    assert summary["steps"] == len(lines) == 2 * 3 * 3
    assert ["lakm" if "lakm" in line else "nll" for line in lines] == ["nll", "lakm"] * 9
    assert lines[-1]["epoch"] == 3
    told = [line["lakm"] for line in lines if "lakm" in line]
    assert np.mean(told[-3:]) < np.mean(told[:3])
    _, found = AutoModelForQuestionAnswering.from_pretrained(
        tmp_path / "model", output_loading_info=True
    )
    assert not found["missing_keys"] and not found["unexpected_keys"]


def test_the_same_seed_gives_the_same_bytes(folder, questions, windows_file, tmp_path):
    for name in ("one", "two"):
        fit(folder, questions, windows_file, tmp_path / name, epochs=1)
    for file in ("metrics.jsonl", "model/model.safetensors"):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()


def test_the_models_of_each_epoch_only_answer_questions_too(
    folder, questions, windows_file, tmp_path
):
    fit(folder, questions, windows_file, tmp_path / "last", epochs=2)
    fit(folder, questions, windows_file, tmp_path / "dev", epochs=2, select="dev")
    models = tmp_path / "dev/model"
    assert {path.name for path in models.iterdir()} == {"step-6", "step-12"}
    for path in (tmp_path / "last/model").iterdir():
        assert (models / "step-12" / path.name).read_bytes() == path.read_bytes()
    _, found = AutoModelForQuestionAnswering.from_pretrained(
        models / "step-6", output_loading_info=True
    )
    assert not found["missing_keys"] and not found["unexpected_keys"]


def test_an_epoch_has_its_questions_once_and_goes_on_through_the_passages(
    folder, questions, masking
):
    task = Alternating(SpanExtraction(questions, 2), masking, folder)
    batches = task.batches(8, 7)
    seen = []
    for epoch in range(2):
        batches.set_epoch(epoch)
        rows = list(batches)
        assert len(rows) == len(batches) == 6
        assert sorted(row for batch in rows[::2] for row in batch) == list(range(21))
        seen += [row - 21 for batch in rows[1::2] for row in batch]
    n = len(masking.windows)
    assert sorted(seen)[:n] == list(range(n))
    assert len(seen) == len(set(seen))
    (masked,) = task.describe([21 + n])
    assert masked["masked_passage"].startswith("p/") and masked["language"] in {"en", "de"}
    assert [record["example"] for record in task.describe([2, 0])] == ["question-2", "question-0"]


def test_the_head_comes_off(folder):
    model = load_model(folder, head_seed=1)
    names = set(model.state_dict())
    attach_head(model, folder)
    assert set(model.state_dict()) - names == {"masked_lm_bias"}
    detach_head(model)
    assert set(model.state_dict()) == names

"""The tiny XLM: its vocabulary, a few steps of its pre-training, and the shipped files."""

import itertools
import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from lbmrc.miniworld.models.parallel import (
    AlignedTokens,
    ParallelPassage,
    ParallelQuestion,
    token_spans,
)
from lbmrc.miniworld.models.settings import MatchingSettings, PretrainingSettings
from lbmrc.miniworld.models.vocabulary import LANG2ID, MASK_ID, SPECIAL_TOKENS, learn_merges

SHIPPED = Path(__file__).parents[3] / "lbmrc/miniworld/checkpoints/xlm"


def test_language_ids_are_xlm15s():
    in_its_order = [
        "ar",
        "bg",
        "de",
        "el",
        "en",
        "es",
        "fr",
        "hi",
        "ru",
        "sw",
        "th",
        "tr",
        "ur",
        "vi",
        "zh",
    ]
    assert {language: n for n, language in enumerate(in_its_order)} == LANG2ID


def slow_merges(words, count):
    """Sennrich et al.'s Algorithm 1, ties to the first pair in order."""
    spelled = {(*word[:-1], word[-1] + "</w>"): n for word, n in words.items()}
    merges = []
    for _ in range(count):
        pairs = Counter()
        for spelling, n in spelled.items():
            for pair in itertools.pairwise(spelling):
                pairs[pair] += n
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        merged = {}
        for spelling, n in spelled.items():
            parts, i = [], 0
            while i < len(spelling):
                two = spelling[i : i + 2] == best
                parts.append("".join(spelling[i : i + 2]) if two else spelling[i])
                i += 2 if two else 1
            merged[tuple(parts)] = n
        spelled = merged
    return merges


def test_merges_are_those_of_the_published_algorithm():
    random = np.random.default_rng(0)
    words = Counter(
        {"".join(random.choice(list("abc"), random.integers(1, 9))): int(n) for n in range(1, 60)}
    )
    assert learn_merges(words, 40) == slow_merges(words, 40)
    assert learn_merges(Counter({"aa": 1}), 9) == [("a", "a</w>")]


def test_token_spans():
    offsets = np.array([(0, 2), (2, 5), (6, 9)])
    assert token_spans(offsets, [(0, 5), (3, 4), (5, 6), (4, 7)]).tolist() == [
        [0, 1],
        [1, 1],
        [-1, -1],
        [1, 2],
    ]


@pytest.fixture
def two_languages():
    """Passage `20 21 22 . 23 24 .` in English, `30 . 31 32 33 .` in Russian; the answer is 2nd."""
    en = AlignedTokens(np.array([20, 21, 22, 9, 23, 24, 9]), np.array([[0, 1], [4, 5]]))
    ru = AlignedTokens(np.array([30, 9, 31, 32, 33, 9]), np.array([[0, 0], [2, 4]]))
    asked = {
        "en": AlignedTokens(np.array([23, 29]), np.array([[0, 0]])),
        "ru": AlignedTokens(np.array([39, 31]), np.array([[1, 1]])),
    }
    sentences = {"en": np.array([[0, 3], [4, 6]]), "ru": np.array([[0, 1], [2, 5]])}
    return ParallelPassage({"en": en, "ru": ru}, sentences, [ParallelQuestion(asked, 1)])


def test_a_question_is_read_with_its_passage_in_two_languages(two_languages):
    from lbmrc.miniworld.models.masked_sequences import IGNORED, SequenceSampler, collate

    settings = PretrainingSettings(masked=0.0, tlm=0.0, crossed=0.0, short=0.0, batch_size=4)
    batch = next(SequenceSampler([two_languages], 40, settings).batches())
    answers = {LANG2ID["en"]: [23, 24], LANG2ID["ru"]: [31, 32, 33]}
    seen = set()
    for sequence in batch:
        text = np.where(sequence.labels == IGNORED, sequence.ids, sequence.labels)
        language = int(sequence.languages[0])
        assert set(sequence.languages) == {language}
        assert text.tolist().count(1) == 4 and text[0] == text[-1] == 1
        masked = sequence.labels[sequence.labels != IGNORED].tolist()
        assert masked in ([], answers[language])
        assert (sequence.ids[sequence.answer] == MASK_ID).all()
        seen.add(bool(masked))
    assert len({int(s.languages[0]) for s in batch}) == 2
    aligned = collate(batch)["aligned"]
    assert aligned.shape == (6, 2, 3)  # two questions, each of them with three aligned spans
    for here, there in aligned.tolist():
        assert batch[here[0]].languages[0] != batch[there[0]].languages[0]


def test_a_translation_pair_has_the_same_sentences_and_both_languages(two_languages):
    from lbmrc.miniworld.models.masked_sequences import SequenceSampler, collate

    settings = PretrainingSettings(masked=0.0, tlm=1.0, batch_size=16)
    batch = next(SequenceSampler([two_languages], 40, settings).batches())
    for sequence in batch:
        assert set(sequence.languages) == {LANG2ID["en"], LANG2ID["ru"]}
        first_sentence = 20 in sequence.ids
        assert (30 in sequence.ids) == first_sentence
        assert (24 in sequence.ids) == (33 in sequence.ids) == (not first_sentence)
    assert collate(batch)["aligned"].shape == (8, 2, 3)


def test_alignment_loss_is_infonce():
    import torch

    from lbmrc.miniworld.models.pretraining import alignment_loss

    states = torch.randn(2, 4, 5, generator=torch.Generator().manual_seed(0))
    aligned = torch.tensor([[[0, 0, 1], [1, 2, 3]], [[0, 2, 2], [1, 0, 0]]])
    expected = []
    unit = states.numpy() / np.linalg.norm(states.numpy(), axis=-1, keepdims=True)
    for place in (1, 2):
        here = np.stack([unit[p[0, 0], p[0, place]] for p in aligned.numpy()])
        there = np.stack([unit[p[1, 0], p[1, place]] for p in aligned.numpy()])
        for scores in (here @ there.T / 0.1, there @ here.T / 0.1):
            expected += [np.log(np.exp(scores[i]).sum()) - scores[i, i] for i in range(2)]
    assert float(alignment_loss(states, aligned, 0.1)) == pytest.approx(np.mean(expected), rel=1e-5)


def check_files(folder):
    """The folder loads as each of the three classes and is an XLM-15 but for its size."""
    from transformers import (
        AutoTokenizer,
        XLMForQuestionAnsweringSimple,
        XLMModel,
        XLMTokenizer,
        XLMWithLMHeadModel,
    )

    tokenizer = AutoTokenizer.from_pretrained(folder)
    assert isinstance(tokenizer, XLMTokenizer)
    assert tokenizer.lang2id == LANG2ID and tokenizer.do_lowercase_and_remove_accent
    assert tokenizer.convert_ids_to_tokens(list(range(14))) == list(SPECIAL_TOKENS)
    assert (tokenizer.sep_token_id, tokenizer.pad_token_id, tokenizer.mask_token_id) == (1, 2, 5)
    stored = json.loads((folder / "config.json").read_text())
    assert stored["dtype"] == "float16" and stored["model_type"] == "xlm"
    for loaded in (XLMWithLMHeadModel, XLMModel, XLMForQuestionAnsweringSimple):
        model, report = loaded.from_pretrained(folder, output_loading_info=True)
        missing = {key for key in report["missing_keys"] if not key.startswith("qa_outputs")}
        assert not missing
        assert (model.config.n_langs, model.config.use_lang_emb) == (15, True)
        assert model.config.lang2id == LANG2ID and model.config.vocab_size == len(tokenizer)
        assert model.config.max_position_embeddings == 512


def test_the_command_makes_a_checkpoint_again(tmp_path):
    from lbmrc.miniworld.models.pretraining import pretrain

    small = {"layers": 2, "width": 64, "heads": 2, "merges": 600, "batch_size": 8}
    losses = pretrain(
        tmp_path, passages=18, steps=130, warmup_steps=20, matching_steps=120, **small
    )
    assert [entry["step"] for entry in losses] == [100, 130]
    assert losses[1]["mlm"] < losses[0]["mlm"] and losses[1]["alignment"] < losses[0]["alignment"]
    matching = json.loads((tmp_path / "pretraining.json").read_text())["matching"]
    assert [entry["step"] for entry in matching] == [100, 120]
    assert matching[1]["matching"] < matching[0]["matching"]
    check_files(tmp_path)


def test_what_a_question_is_about_is_marked_alike_in_two_languages():
    from transformers import XLMTokenizer

    from lbmrc.miniworld.generator.passages import generate_passages
    from lbmrc.miniworld.models.matching import PairSampler
    from lbmrc.miniworld.models.parallel import parallel_passage
    from lbmrc.tokenization.tokenize import tokenize

    tokenizer = XLMTokenizer.from_pretrained(SHIPPED)
    corpus = list(generate_passages("pretrain", 12, 5))
    parallel = [parallel_passage(p, lambda t, lang: tokenize(t, lang, tokenizer)) for p in corpus]
    pairs = PairSampler(corpus, parallel, MatchingSettings(batch_size=4))
    seen = np.zeros(3, dtype=bool)
    for batch in itertools.islice(pairs.batches(), 8):
        for english, other in batch:
            assert english.language == LANG2ID["en"] != other.language
            assert english.aligned.keys() == other.aligned.keys()
            for key, (first, last) in english.aligned.items():
                for sequence, (start, end) in (
                    (english, (first, last)),
                    (other, other.aligned[key]),
                ):
                    inside = key[0] == "passage"
                    assert inside == (start >= sequence.passage_first)
                    assert (sequence.targets[start] == sequence.targets[end]).all()
                assert (english.targets[first] == other.targets[other.aligned[key][0]]).all()
            assert not english.targets[: english.passage_first].any()
            # the asked fact is the one that is both of the named thing and of the asked kind
            asked = english.targets[:, 1] * english.targets[:, 2]
            assert asked.any()
            seen |= english.targets.any(axis=0)
    assert seen.all()


def test_the_shipped_checkpoint():
    check_files(SHIPPED)
    assert sum(file.stat().st_size for file in SHIPPED.iterdir()) <= 5_000_000


def test_the_shipped_vocabulary_knows_the_corpus():
    from transformers import XLMTokenizer

    from lbmrc.miniworld.generator.passages import generate_passages

    tokenizer = XLMTokenizer.from_pretrained(SHIPPED)
    for passage in generate_passages("test", 10, 1):
        for text in passage.text.values():
            assert tokenizer.unk_token_id not in tokenizer.convert_tokens_to_ids(
                tokenizer.tokenize(text)
            )

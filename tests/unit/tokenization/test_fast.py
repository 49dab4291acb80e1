"""Fast tokenizers: ids as they are, and spans of exactly what each subword stands for."""

import unicodedata

import numpy as np
import pytest
from families import FAMILIES, build_tokenizer, nmt_nfkc
from hypothesis import given
from hypothesis import strategies as st
from tiny_xlm import SAMPLE
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

from lbmrc.tokenization.tokenize import tokenize

DECOMPOSED = unicodedata.normalize("NFD", SAMPLE)
LINES = [*SAMPLE.strip().splitlines(), *DECOMPOSED.strip().splitlines()]
_LETTERS = (
    "aeé e\u0301o\u0302\u0301½ﬁ㎞…  \n\t"
    "\u200b\u200d\u200f\ufeff\u00ad▁क़्ि각\u1100\u1161\u11a8ا\u0651ß,(中😀\ufe0f"
)
texts = st.one_of(st.text(max_size=30), st.text(alphabet=_LETTERS, max_size=30))


@pytest.fixture(scope="module", params=FAMILIES)
def family(request):
    return request.param, build_tokenizer(request.param)


@pytest.fixture(scope="module")
def metaspaces():
    """XLM-R's steps with letters alone as pieces, so that every word begins with a lone ▁."""
    pieces = [("<unk>", 0.0), ("▁", -1.0), *((c, -2.0) for c in "abcéểcaf½12⁄!(…")]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=0))
    tokenizer.normalizer = nmt_nfkc()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, unk_token="<unk>")


def pieces(text, tokenizer):
    return [text[first:end] for first, end in tokenize(text, "en", tokenizer)[1].tolist()]


def letters(text, tokenizer):
    """What a text is after the tokenizer's normalisation, white space and marks of it left out."""
    steps = tokenizer.backend_tokenizer.normalizer
    return "".join((steps.normalize_str(text) if steps else text).replace("▁", " ").split())


def test_ids_are_the_tokenizers_own(family):
    _, tokenizer = family
    for text in ["", " ", "\u0301", "\u200b", *LINES]:
        ids, offsets = tokenize(text, "en", tokenizer)
        assert ids.tolist() == tokenizer(text, add_special_tokens=False)["input_ids"]
        assert ids.dtype == offsets.dtype == np.int32 and offsets.shape == (len(ids), 2)


@pytest.mark.parametrize("name", ["xlm-roberta", "deberta-v2"])
def test_a_subword_covers_what_its_piece_is_made_of(name):
    tokenizer = build_tokenizer(name)
    for text in LINES:
        ids, offsets = tokenize(text, "en", tokenizer)
        surfaces = tokenizer.convert_ids_to_tokens(ids.tolist())
        spans = offsets.tolist()
        for surface, (first, end) in zip(surfaces, spans, strict=True):
            covered, piece = letters(text[first:end], tokenizer), surface.lstrip("▁")
            # the parts of what one character became, as of … the three full stops, share it
            is_shared = sum(a < end and first < b for a, b in spans) > 1
            if surface != tokenizer.unk_token:
                assert piece in covered if is_shared else piece == covered, (text, surface)


@given(texts)
def test_spans_ascend_and_leave_out_blanks_and_format_characters_alone(family, text):
    name, tokenizer = family
    _, offsets = tokenize(text, "en", tokenizer)
    first, end = offsets.T
    assert (first <= end).all() and (np.diff(first) >= 0).all() and (np.diff(end) >= 0).all()
    assert all(not text[a].isspace() for a, b in offsets.tolist() if a < b)
    covered = {place for a, b in offsets.tolist() for place in range(a, b)}
    left_out = [c for place, c in enumerate(text) if place not in covered]
    letters = [c for c in left_out if unicodedata.category(c)[0] == "L"]
    assert not letters, (name, letters)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a b", ["", "a", "", "b"]),
        (" a\u200bb", ["", "a", "", "b"]),
        ("cafe\u0301 a", ["", "c", "a", "f", "e\u0301", "", "a"]),
        ("e\u0302\u0309", ["", "e\u0302\u0309"]),
        ("a\u00a0½", ["", "a", "", "½", "½", "½"]),
    ],
)
def test_a_lone_metaspace_is_empty_and_marks_stay_with_their_letter(metaspaces, text, expected):
    assert pieces(text, metaspaces) == expected


def test_white_space_that_is_a_token_covers_nothing():
    tokenizer = build_tokenizer("modernbert")
    assert "".join(pieces("a \n b", tokenizer)) == "ab"

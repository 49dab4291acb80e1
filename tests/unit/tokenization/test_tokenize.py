"""XLM subwords: ids against transformers' own tokenizer, offsets against what they must cover."""

import re
import unicodedata
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tiny_xlm import LANG2ID, SAMPLE, build_tokenizer
from transformers.models.xlm.tokenization_xlm import (
    lowercase_and_remove_accent,
    replace_unicode_punct,
)

from lbmrc.common.errors import UserError
from lbmrc.tokenization import moses
from lbmrc.tokenization import tokenize as tokenization
from lbmrc.tokenization.bpe import fold
from lbmrc.tokenization.tokenize import TokenCache, cached_size, tokenize, tokenizer_fingerprint
from lbmrc.tokenization.tracked_text import Padding, Rule, TrackedText, required_substring


@pytest.fixture(scope="module")
def xlm(tmp_path_factory):
    return build_tokenizer(tmp_path_factory.mktemp("xlm"))


@pytest.fixture(scope="module")
def cased_xlm(tmp_path_factory):
    tokenizer = build_tokenizer(tmp_path_factory.mktemp("cased"))
    tokenizer.do_lowercase_and_remove_accent = False
    return tokenizer


def reference(tokenizer, text):
    return tokenizer.convert_tokens_to_ids(tokenizer.tokenize(text))


def pieces(text, tokenizer):
    _, offsets = tokenize(text, "en", tokenizer)
    return [text[first:end] for first, end in offsets]


def words(text, tokenizer):
    """The published text of each word (the spans of its subwords, joined)."""
    ids, offsets = tokenize(text, "en", tokenizer)
    surfaces = tokenizer.convert_ids_to_tokens(ids.tolist())
    found, first = [], None
    for surface, (start, end) in zip(surfaces, offsets.tolist(), strict=True):
        first = start if first is None else first
        if surface.endswith("</w>"):
            found.append(text[first:end])
            first = None
    return found


# Characters that some rule of Moses or XLM looks at, and some of each script.
_SPECIAL = (
    ' \u00a0\u2009\u3000\n\r\t.,.,.,\'\'"""``´‘’‚„“”«»–—-()[]{}<>:;?!%…/&@#$_*+=^~|\\'
    "，。、∶：？《》）！（；１」「０．～━〈〉【】％\u200b\u200c\u200d\u200e\u200f\ufeff\u00ad\x00\x1c\x85"
    "º°²½€£₹©®™№ªǅßẞİıſσςΣΆάΐǰéÉñÑçøłĄåÅK\u0301\u0300\u0327\u0308\u0345\u20dd\u302e\U0001d165\ufe0f"
    "नमस्तेक़ॉ़्ाि।॥१२ةأإآؤئىوَُّْ١٢،؛؟ًЙйёЁъ가각가中文ไทยあァ😀👨\U000e0001\ue000DOTMULTIstSmMdDNoArtnopp"
)
_WORDS = [
    *["Mr.", "No.", "pp.", "e.g.", "U.S.", "etc.", "p.m.", "DOTMULTI", "DOTDOTMULTI", "...", ".."],
    *[
        "'s",
        "n't",
        "l'eau",
        "O'Neil",
        "'90s",
        "10\u00a0000",
        "3,5",
        "5 %",
        "nº\u00a05",
        " ) .",
        "''",
    ],
    *[
        'foo".',
        'bar",',
        '",.',
        "\u00a0«\u00a0x\u00a0»\u00a0",
        "\u00a0ºC",
        "\u00a0cm",
        "</s>",
        "<s>",
    ],
    *[
        "<special3>",
        "<unk>",
        "ΟΔΥΣΣΕΥΣ",
        "ΑΣ.",
        "İstanbul",
        "ＡＢＣ",
        "e\u0301\u0327",
        "क्षि",
        "हिन्दी",
    ],
    *[
        "cafe\u0301",
        ".'",
        "it.'",
        "a\nb",
        "x\u200by",
        "。  ",
        "1185–1226",
        "30 °C.",
        "(a) .",
        "THE",
    ],
]
texts = st.one_of(
    st.text(max_size=60),
    st.text(alphabet=_SPECIAL, max_size=60),
    st.lists(
        st.one_of(
            st.sampled_from(_WORDS), st.text(alphabet=_SPECIAL, max_size=4), st.just(" "), st.text()
        ),
        max_size=14,
    ).map("".join),
)


class TestIds:
    @pytest.mark.parametrize("text", [*SAMPLE.strip().splitlines(), "", " ", "\u0301", "\u200b"])
    def test_are_those_of_the_reference(self, xlm, text):
        ids, offsets = tokenize(text, "en", xlm)
        assert ids.tolist() == reference(xlm, text)
        assert ids.dtype == offsets.dtype == np.int32
        assert offsets.shape == (len(ids), 2)

    @given(texts)
    @settings(max_examples=600, deadline=None)
    def test_are_those_of_the_reference_on_any_text(self, xlm, text):
        assert tokenize(text, "en", xlm)[0].tolist() == reference(xlm, text)

    @given(texts)
    @settings(max_examples=200, deadline=None)
    def test_are_those_of_a_reference_that_keeps_case(self, cased_xlm, text):
        assert tokenize(text, "en", cased_xlm)[0].tolist() == reference(cased_xlm, text)

    def test_do_not_depend_on_the_language(self, xlm):
        text = "L'État, c'est moi. Le No. 5 coûte 3,5 %."
        for language in ("fr", "ro", "ar"):
            assert tokenize(text, language, xlm)[0].tolist() == xlm.convert_tokens_to_ids(
                xlm.tokenize(text, lang=language)
            )

    def test_punctuation_table_is_that_of_transformers(self):
        """Every code point, between letters and white space."""
        for start in range(0, 0x110000, 0x400):
            text = "x \n".join(chr(c) for c in range(start, start + 0x400))
            tracked = TrackedText.from_published(text)
            tracked.rewrite(moses._UNICODE_PUNCTUATION)
            assert tracked.text == replace_unicode_punct(text)


class TestOffsets:
    @given(texts)
    @settings(max_examples=600, deadline=None)
    def test_cover_what_the_subwords_stand_for(self, xlm, text):
        """Each printing character is in a subword, and folds to that subword's characters."""
        _, offsets = tokenize(text, "en", xlm)
        surfaces = xlm.tokenize(text)
        assert ((offsets[:, 0] >= 0) & (offsets[:, 1] <= len(text))).all()
        assert (offsets[:, 0] < offsets[:, 1]).all()
        covered = np.zeros(len(text), bool)
        for surface, (first, end) in zip(surfaces, offsets.tolist(), strict=True):
            covered[first:end] = True
            if surface in xlm.all_special_tokens:
                assert text[first:end] == surface
            elif "dot" not in text.lower():
                surface = surface.removesuffix("</w>")
                missing = Counter(surface) - Counter(folded(text[first:end]))
                assert not missing, (surface, text[first:end])
        for character, inside in zip(text, covered, strict=True):
            category = unicodedata.category(character)
            assert inside or character.isspace() or category == "Mn" or category[0] == "C"

    @given(texts)
    @settings(max_examples=300, deadline=None)
    def test_ascend_and_overlap_only_where_one_character_became_several(self, xlm, text):
        """But for quotation marks before commas and periods, which Moses swaps."""
        if re.search(r"""["'`´“”„«»《》「」‘’‚]\s*[,.，。、．…]""", text) or "DOT" in text:
            return
        _, offsets = tokenize(text, "en", xlm)
        for end, following in zip(offsets[:-1, 1], offsets[1:, 0], strict=True):
            shared = text[following:end]
            if shared:
                assert shared[0] == "…" or len(unicodedata.normalize("NFD", shared[0])) > 1
                assert all(unicodedata.category(mark) == "Mn" for mark in shared[1:])

    @given(texts.filter(lambda text: "<" not in text), st.integers(1, 9))
    @settings(max_examples=200, deadline=None)
    def test_move_with_the_text(self, xlm, text, blanks):
        ids, offsets = tokenize(text, "en", xlm)
        moved_ids, moved = tokenize(" " * blanks + text, "en", xlm)
        if ids.tolist() == moved_ids.tolist():
            np.testing.assert_array_equal(moved, offsets + blanks)

    def test_give_back_words_as_published(self, xlm):
        text = "Die „Große  Straße“ kostet 1\u00a0000 $, e.g. in İstanbul…"
        expected = ["Die", "„", "Große", "Straße", "“", "kostet", "1\u00a0000", "$", ",", "e.g."]
        assert words(text, xlm) == [*expected, "in", "İstanbul", "…"]

    def test_keep_accents_with_their_letters(self, xlm):
        assert words("Beyonce\u0301 sang", xlm) == ["Beyonce\u0301", "sang"]
        assert words("Beyoncé sang", xlm) == ["Beyoncé", "sang"]
        assert pieces("हिन्दी", xlm)[-1].endswith("ी")

    def test_leave_white_space_and_format_characters_outside(self, xlm):
        text = "\ufeff\u200fa \u200b b\u200e c\r\n"
        assert pieces(text, xlm) == ["a", "b", "c"]

    def test_lead_swapped_quotes_back(self, xlm):
        text = 'He said "no", then left.'
        ids, offsets = tokenize(text, "en", xlm)
        assert ids.tolist() == reference(xlm, text)
        found = [text[first:end] for first, end in offsets]
        assert found.index(",") < len(found) - found[::-1].index('"') - 1

    def test_join_two_quotes_that_became_one(self, xlm):
        assert words("so ''called'' here", xlm) == ["so", "''", "called", "''", "here"]

    def test_special_tokens_in_a_text_are_what_the_reference_makes_of_them(self, xlm):
        text = "a </s> b<special1>c"
        ids, _ = tokenize(text, "en", xlm)
        assert xlm.sep_token_id in ids and ids.tolist() == reference(xlm, text)
        assert words(text, xlm)[0] == "a" and "</s>" in pieces(text, xlm)


def folded(text):
    """Every character that folding a published span can leave."""
    text = replace_unicode_punct(text)
    for old, new in [("`", "'"), ("´", "'"), ("‘", "'"), ("‚", "'"), ("''", "''\""), ("—", "-")]:
        text = text.replace(old, new)
    for old, new in [("–", "-"), ("„", '"'), ("«", '"'), ("»", '"')]:
        text = text.replace(old, new)
    text = text.replace("\u00a0", "\u00a0.")
    lowered = unicodedata.normalize("NFD", text.lower()).lower()
    # A capital sigma's small form depends on its word, of which this may be a part; and a text that
    # keeps its case folds to itself.
    return lowered + lowered.replace("σ", "ς") + lowered.replace("ς", "σ")


class TestRules:
    @given(st.text(alphabet="ab1 (),.:;%'\"\u00a0`«»", max_size=30))
    @settings(deadline=None)
    def test_do_what_re_sub_does(self, text):
        import sacremoses

        for pattern, template in sacremoses.MosesPunctNormalizer(lang="en").substitutions:
            tracked = TrackedText.from_published(text)
            tracked.rewrite([Rule(pattern, template)])
            assert tracked.text == re.sub(pattern, template, text)
            for character, origin in zip(tracked.text, tracked.origin, strict=True):
                assert origin < len(text)
                if character == text[origin]:
                    continue
                assert origin == -1 or re.search(pattern, text)

    @given(st.text(alphabet="ab1s ,',.\u00a0é", max_size=30))
    @settings(deadline=None)
    def test_paddings_do_what_re_sub_does(self, text):
        import sacremoses

        cutter = sacremoses.MosesTokenizer(lang="en")
        commas = [cutter.COMMA_SEPARATE_1, cutter.COMMA_SEPARATE_2, cutter.COMMA_SEPARATE_3]
        rules = [
            (*cutter.PAD_NOT_ISALNUM, ""),
            *[(*rule, ",") for rule in commas],
            *[(*rule, "'") for rule in cutter.ENGLISH_SPECIFIC_APOSTROPHE],
        ]
        for pattern, template, mark in rules:
            tracked = TrackedText.from_published(text)
            tracked.pad([Padding(pattern, template, mark=mark)])
            assert tracked.text == re.sub(pattern, template, text)
            found = [(c, place) for c, place in zip(tracked.text, tracked.origin, strict=True)]
            assert [place for _, place in found if place >= 0] == list(range(len(text)))
            assert all(c == (text[place] if place >= 0 else " ") for c, place in found)

    def test_a_character_of_regular_expressions_is_no_literal(self):
        tracked = TrackedText.from_published("ab.")
        tracked.rewrite([Rule(".", "x")])
        assert tracked.text == "xxx"

    @pytest.mark.parametrize(
        ("pattern", "required"),
        [
            (r"\) ([.!:?;,])", ") "),
            (r"(\d) %", " %"),
            (r"。\s*", "。"),
            ("x*y", "y"),
            ("ab+c", "ab"),
        ],
    )
    def test_know_what_a_match_holds(self, pattern, required):
        assert required_substring(pattern) == required


class TestFolding:
    def test_is_that_of_transformers_for_every_letter(self):
        """Alone after a letter, and before a mark that Unicode may order otherwise."""
        letters = [c for c in map(chr, range(0x21, 0x20000)) if not c.isspace()]
        for template in ("a{}", "{}\u0327b"):
            words = [template.format(c) for c in letters]
            expected = lowercase_and_remove_accent(words)
            assert [fold(word)[0] for word in words] == expected

    @given(st.text(alphabet="aσΣİé\u0301\u0327\U0001d165\u302eक़्ु각", min_size=1, max_size=8))
    @settings(deadline=None)
    def test_tells_where_each_letter_was(self, word):
        folded, places = fold(word)
        assert folded == lowercase_and_remove_accent([word])[0]
        for letter, place in zip(folded, places, strict=True):
            assert letter in fold(word[place])[0].replace("σ", "σς")


class TestOtherTokenizers:
    def test_a_slow_one_without_offsets_is_refused(self):
        with pytest.raises(UserError, match="no character offsets"):
            tokenize("a", "en", object())

    @pytest.mark.parametrize(
        ("language", "tool"), [("zh", "Stanford"), ("ja", "KyTea"), ("th", "Py")]
    )
    def test_languages_that_xlm_cuts_otherwise_are_refused(self, xlm, language, tool):
        with pytest.raises(UserError, match=f"language {language}.*{tool}"):
            tokenize("a", language, xlm)


class TestTokens:
    def test_cuts_each_text_once(self, xlm, monkeypatch):
        cut = []
        monkeypatch.setattr(
            tokenization, "tokenize", lambda text, *rest: cut.append(text) or tokenize(text, *rest)
        )
        tokens = TokenCache(xlm)
        for text in ("one", "two", "one", "two", "one"):
            assert tokens(text, "en")[0].tolist() == reference(xlm, text)
        assert cut == ["one", "two"]

    def test_forgets_what_was_not_used_for_long(self, xlm, monkeypatch):
        cut = []
        monkeypatch.setattr(
            tokenization, "tokenize", lambda text, *rest: cut.append(text) or tokenize(text, *rest)
        )
        size = sum(cached_size(text, tokenize(text, "en", xlm)) for text in ("one", "two"))
        tokens = TokenCache(xlm, capacity=size)
        for text in ("one", "two", "one", "a", "one", "two"):
            assert tokens(text, "en")[0].tolist() == reference(xlm, text)
        assert cut == ["one", "two", "a", "two"]

    def test_keeps_no_text_that_is_too_long(self, xlm):
        assert len(TokenCache(xlm, capacity=2)("one two three four", "en")[0]) > 2


class TestFingerprint:
    def test_is_the_same_after_saving_and_loading(self, xlm, tmp_path):
        xlm.save_pretrained(tmp_path)
        assert tokenizer_fingerprint(type(xlm).from_pretrained(tmp_path)) == tokenizer_fingerprint(
            xlm
        )

    def test_differs_with_the_merges_and_the_case(self, xlm, cased_xlm, tmp_path):
        other = build_tokenizer(tmp_path, merges=299)
        assert len({tokenizer_fingerprint(t) for t in (xlm, cased_xlm, other)}) == 3
        assert xlm.lang2id == LANG2ID

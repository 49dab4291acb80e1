import pytest

from lbmrc.common.visible import lookalike_at, unseen_difference


@pytest.mark.parametrize(
    ("found", "expected", "difference"),
    [
        ("12\u00a0km", "12 km", "they differ by U+00A0 no-break space for U+0020 space"),
        ("a\u2009b", "a\u202fb", "U+2009 thin space for U+202F narrow no-break space"),
        ("12\u200bkm", "12km", "they differ by U+200B zero width space for nothing"),
        ("ab", "\u200fab", "they differ by nothing for U+200F right-to-left mark"),
        ("a\nb", "a b", "U+000A control character for U+0020 space"),
        (
            "Co\u0302te",
            "C\u00f4te",
            "the same but for Unicode normalisation: U+006F latin small letter o U+0302 combining "
            "circumflex accent for U+00F4 latin small letter o with circumflex",
        ),
        ("a  b c d", "a\u00a0\u00a0b\u00a0c d", "U+0020 space U+0020 space U+0062 latin small "),
    ],
)
def test_what_is_not_seen_is_spelled_out(found, expected, difference):
    assert difference in unseen_difference(found, expected)


@pytest.mark.parametrize(("found", "expected"), [("a", "a"), ("a", "b"), ("cote", "c\u00f4te")])
def test_what_is_seen_is_not(found, expected):
    assert unseen_difference(found, expected) == ""


def test_a_part_that_looks_alike_may_be_longer_or_shorter():
    assert lookalike_at("In Co\u0302te Lodar", 3, "C\u00f4te") == "Co\u0302te"
    assert lookalike_at("In C\u00f4te Lodar", 3, "Co\u0302te") == "C\u00f4te"
    assert lookalike_at("In Lodar", 3, "C\u00f4te") == "Loda"

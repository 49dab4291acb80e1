import pytest

from lbmrc.common.durations import duration


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (8.44, "8.4 s"),
        (59.9, "59.9 s"),
        (59.97, "1 min 00 s"),
        (200, "3 min 20 s"),
        (18420, "5 h 07 min"),
        (float("nan"), "-"),
    ],
)
def test_durations(seconds, text):
    assert duration(seconds) == text


def test_whole_seconds():
    assert [duration(x, 0) for x in (0.4, 59.4, 59.6)] == ["0 s", "59 s", "1 min 00 s"]

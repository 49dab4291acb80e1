import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.common.spans import occurrences, overlap, trim

edges = st.tuples(st.integers(0, 12), st.integers(1, 6)).map(lambda x: (x[0], x[0] + x[1]))


@given(edges, edges)
def test_spans_overlap_if_they_share_a_character(one, other):
    assert overlap(one, other) == bool(set(range(*one)) & set(range(*other)))


def test_arrays_and_columns_overlap_element_by_element():
    offsets = np.array([[0, 3], [3, 5], [5, 9]])
    assert overlap(offsets.T, (4, 6)).tolist() == [False, True, True]
    assert overlap(np.empty((0, 2), int).T, (4, 6)).tolist() == []
    starts, ends = pd.Series([0, None, 5]), pd.Series([3, None, 9])
    gold = pd.Series([2, 2, 2]), pd.Series([4, 4, 5])
    assert overlap((starts, ends), gold).tolist() == [True, False, False]


@pytest.mark.parametrize(
    ("text", "part", "starts"),
    [
        ("aaa", "aa", [0, 1]),
        ("([ a )] ([", "([", [0, 8]),
        ("Aa", "a", [1]),
        ("abc", "", []),
        ("", "a", []),
    ],
)
def test_occurrences(text, part, starts):
    assert list(occurrences(text, part)) == starts


@given(st.text(alphabet="a \n\u00a0\u3000b", max_size=9), st.data())
def test_a_trimmed_span_is_the_stripped_text(text, data):
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = trim(text, start, end)
    assert start <= first <= last <= end
    assert text[first:last] == text[start:end].strip()

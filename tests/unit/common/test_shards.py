import pytest
from hypothesis import given
from hypothesis import strategies as st

from lbmrc.common.shards import WHOLE, Shard


@given(st.lists(st.integers()), st.integers(1, 12))
def test_parts_are_the_whole_in_order_and_of_like_size(units, count):
    parts = [Shard(number, count).of(units) for number in range(1, count + 1)]
    assert [unit for part in parts for unit in part] == units == WHOLE.of(units)
    sizes = {len(part) for part in parts}
    assert max(sizes) - min(sizes) <= 1


def test_snakemakes_names():
    assert Shard.parse("2-of-13") == (2, 13)
    with pytest.raises(ValueError):
        Shard.parse("2")

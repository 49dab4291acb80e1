import numpy as np
import pytest
import tiny
from hypothesis import given, settings
from hypothesis import strategies as st

from lbmrc.windows.batches import (
    LengthGroupedBatches,
    batches_by_length,
    collate,
    lengths,
)
from lbmrc.windows.files import read_windows


@pytest.fixture
def windows(tmp_path):
    first = tiny.write_windows(tmp_path / "a.arrow", 21, seed=1)
    second = tiny.write_windows(tmp_path / "b.arrow", 12, seed=2)
    return read_windows([first, second])


def test_collate_pads_and_gives_every_token_its_language(windows):
    rows = [30, 0, 7]
    batch = collate(windows.with_format("arrow")[rows], pad_id=2)
    sizes = lengths(windows)[rows]
    assert batch["input_ids"].shape == batch["mask"].shape == (3, sizes.max())
    for i, row in enumerate(rows):
        window = windows[row]
        size = len(window["input_ids"])
        first = window["passage_first"]
        assert batch["input_ids"][i].tolist() == window["input_ids"] + [2] * (sizes.max() - size)
        assert batch["mask"][i].tolist() == [True] * size + [False] * (sizes.max() - size)
        assert batch["langs"][i, :size].tolist() == [4] * first + [5] * (size - first)
        assert batch["segments"][i, :size].tolist() == [0] * first + [1] * (size - first)
        assert (batch["start"][i], batch["end"][i]) == (window["start"], window["end"])


def test_lengths(windows):
    assert lengths(windows).tolist() == [len(ids) for ids in windows["input_ids"]]
    some = windows.select([20, 3, 30])
    assert lengths(some).tolist() == [len(ids) for ids in some["input_ids"]]


@settings(deadline=None)
@given(
    sizes=st.lists(st.integers(1, 400), min_size=1, max_size=700),
    batch_size=st.integers(1, 9),
    seed=st.integers(0, 5),
)
def test_each_window_once_an_epoch(sizes, batch_size, seed):
    batches = LengthGroupedBatches(np.array(sizes), batch_size, seed)
    epoch = list(batches)
    assert len(epoch) == len(batches)
    assert sorted(row for rows in epoch for row in rows) == list(range(len(sizes)))
    assert sorted(map(len, epoch))[1:] == [batch_size] * (len(epoch) - 1)
    assert sorted(np.concatenate(list(batches_by_length(batches.lengths, batch_size)))) == list(
        range(len(sizes))
    )


def test_epochs_differ_and_come_again():
    batches = LengthGroupedBatches(np.arange(1, 400), 8, seed=3)
    first = list(batches)
    batches.set_epoch(1)
    assert list(batches) != first
    batches.set_epoch(0)
    assert list(batches) == first
    assert list(LengthGroupedBatches(np.arange(1, 400), 8, seed=4)) != first


def test_little_is_padding_and_the_order_is_not_by_length():
    sizes = np.random.default_rng(0).integers(60, 385, 20_000)
    batches = LengthGroupedBatches(sizes, 32, seed=0)
    assert batches.padding_share() < 0.03
    means = [sizes[rows].mean() for rows in batches]
    assert abs(np.corrcoef(means[:-1], means[1:])[0, 1]) < 0.1

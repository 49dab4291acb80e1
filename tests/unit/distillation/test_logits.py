import json
import shutil
import signal
import subprocess
import sys
from collections import namedtuple

import numpy as np
import pyarrow.parquet as pq
import pytest
import tiny
import torch

from lbmrc.common.errors import UserError
from lbmrc.common.shards import Shard
from lbmrc.distillation import logit_files, read_logits, write_logits
from lbmrc.distillation.read_logits import TeacherLogits
from lbmrc.distillation.write_logits import dump_logits, gather_logits
from lbmrc.model.span_model import load_model, span_logits
from lbmrc.windows.batches import collate
from lbmrc.windows.files import read_windows

SIZES = {"branch.en": 23, "branch.es": 40}


@pytest.fixture(scope="module", autouse=True)
def small_blocks():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(write_logits, "_ROWS_PER_BLOCK", 16)
        yield


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    return tmp_path_factory.mktemp("logits")


@pytest.fixture(scope="module")
def windows(root):
    return [
        tiny.write_windows(root / f"{name}.arrow", rows, seed=rows, dataset=name)
        for name, rows in SIZES.items()
    ]


@pytest.fixture(scope="module")
def teachers(root):
    folders = []
    for seed in range(3):
        encoder = tiny.write_backbone(root / f"encoder-{seed}", seed=seed)
        load_model(encoder, head_seed=seed).save_pretrained(root / f"teacher-{seed}")
        folders.append(root / f"teacher-{seed}")
    return folders


@pytest.fixture(scope="module")
def stored(root, windows, teachers):
    paths = [root / f"logits-{k}.parquet" for k in range(len(teachers))]
    for path, teacher in zip(paths, teachers, strict=True):
        summary = dump_logits(teacher, windows, path, batch_size=8, state=root / "state")
        assert summary["windows"] == 63 and not (root / "state").exists()
    return paths


def one_by_one(teacher, windows):
    """Each window alone through the model: (2, L) float32."""
    model = load_model(teacher)
    rows = read_windows(windows).with_format("arrow")
    with torch.no_grad():
        return [
            torch.cat(span_logits(model, collate(rows[[i]], 2))).numpy() for i in range(len(rows))
        ]


def test_what_is_stored_is_what_the_teacher_says(stored, windows, teachers):
    for path, teacher in zip(stored, teachers, strict=True):
        table = pq.read_table(path)
        assert table.column("dataset").to_pylist() == [
            n for n, r in SIZES.items() for _ in range(r)
        ]
        keys = read_windows(windows).select_columns(logit_files.WINDOW_KEY).to_list()
        assert table.select(logit_files.WINDOW_KEY).to_pylist() == keys
        assert table.column("row").to_pylist() == [i for r in SIZES.values() for i in range(r)]
        for row, expected in enumerate(one_by_one(teacher, windows)):
            for side, values in zip(("start", "end"), expected, strict=True):
                found = np.array(table.column(side)[row].as_py(), np.float32)
                np.testing.assert_allclose(found, values, rtol=2e-3, atol=2e-3)


def test_batches_in_any_order(stored, windows, teachers, root):
    expected = [one_by_one(teacher, windows) for teacher in teachers]
    draw = np.random.default_rng(0)
    with TeacherLogits(stored, windows, root / "scratch") as store:
        assert len(store) == 63
        for _ in range(5):
            rows = draw.permutation(63)[:7]
            start, end = store.batch(rows.tolist())
            longest = max(expected[0][row].shape[1] for row in rows)
            assert start.shape == end.shape == (3, 7, longest)
            assert start.dtype == np.float16
            for k in range(3):
                for i, row in enumerate(rows):
                    for found, values in zip((start, end), expected[k][row], strict=True):
                        size = len(values)
                        np.testing.assert_allclose(
                            found[k, i, :size].astype(np.float32), values, rtol=2e-3, atol=2e-3
                        )
                        assert not found[k, i, size:].any()
        assert not list((root / "scratch").iterdir())


def test_reading_needs_no_torch(stored, windows, root):
    program = (
        "import sys\n"
        "from lbmrc.distillation.read_logits import TeacherLogits\n"
        "paths = sys.argv[1:]\n"
        "with TeacherLogits(paths[:3], paths[3:5], paths[5]) as store:\n"
        "    store.batch([3, 1])\n"
        "assert 'torch' not in sys.modules and 'transformers' not in sys.modules\n"
    )
    arguments = [*stored, *windows, root / "scratch"]
    subprocess.run([sys.executable, "-c", program, *map(str, arguments)], check=True)


def test_logits_of_other_windows_are_refused(stored, windows, root, tmp_path):
    with pytest.raises(UserError, match=r"logits of branch.en, branch.es, but this .* branch.es;"):
        TeacherLogits(stored, windows[1:], tmp_path)
    other = tiny.write_windows(tmp_path / "a.arrow", 23, seed=5, dataset="branch.en")
    with pytest.raises(UserError, match=r"other windows of branch.en than .*a.arrow: content was"):
        TeacherLogits(stored, [other, windows[1]], tmp_path)
    short = tiny.write_windows(tmp_path / "b.arrow", 39, seed=40, dataset="branch.es")
    with pytest.raises(UserError, match=r"branch.es than .*b.arrow: rows was 40 and is 39; delete"):
        TeacherLogits(stored, [windows[0], short], tmp_path)


def test_other_lengths_or_tokenizer_are_named(stored, windows, tmp_path, monkeypatch):
    own = logit_files.identity
    for key, value in [("tokenizer", "beef"), ("windows", {"max_length": 384})]:
        monkeypatch.setattr(
            logit_files, "identity", lambda path, key=key, value=value: own(path) | {key: value}
        )
        with pytest.raises(UserError, match=rf"{key} was .* and is .*{next(iter(value))}"):
            TeacherLogits(stored, windows, tmp_path)


def test_damaged_files_are_refused(stored, windows, tmp_path):
    content = stored[1].read_bytes()
    damaged = tmp_path / "damaged.parquet"
    damaged.write_bytes(content[: len(content) // 2])
    with pytest.raises(UserError, match=r"damaged.parquet: damaged .*delete it"):
        TeacherLogits([stored[0], damaged], windows, tmp_path)
    flipped = bytearray(content)
    group = (
        pq.ParquetFile(stored[1])
        .metadata.row_group(1)
        .column(logit_files.SCHEMA.names.index("start"))
    )
    flipped[group.data_page_offset + group.total_compressed_size - 5] ^= 1
    damaged.write_bytes(flipped)
    with pytest.raises(UserError, match=r"damaged.parquet: damaged"):
        TeacherLogits([stored[0], damaged], windows, tmp_path)
    shutil.copy(windows[0], damaged)
    with pytest.raises(UserError, match=r"damaged.parquet: "):
        TeacherLogits([damaged], windows, tmp_path)
    with pytest.raises(UserError, match=r"no such file; run the teacher's logits first"):
        TeacherLogits([tmp_path / "absent.parquet"], windows, tmp_path)


def test_no_room_is_said_before_anything_is_written(stored, windows, tmp_path, monkeypatch):
    usage = namedtuple("usage", "total used free")(10, 9, 1)
    monkeypatch.setattr(read_logits.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(UserError, match=r"MiB are needed .* free some space there"):
        TeacherLogits(stored, windows, tmp_path)


def test_a_teacher_that_says_nothing_finite_is_refused(teachers, windows, tmp_path):
    model = load_model(teachers[0])
    with torch.no_grad():
        model.qa_outputs.bias.fill_(1e6)
    model.save_pretrained(tmp_path / "teacher")
    with pytest.raises(UserError, match=r"a logit on branch.en is infinite"):
        dump_logits(
            tmp_path / "teacher", windows, tmp_path / "x", batch_size=8, state=tmp_path / "s"
        )
    assert not (tmp_path / "x").exists()


KILLED = """
import os, signal, sys
from lbmrc.distillation import write_logits
model, target, state, *windows = sys.argv[1:]
write_logits._ROWS_PER_BLOCK = 16
block, done = write_logits.block_logits, []
def until_killed(*args):
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    done.append(1)
    return block(*args)
write_logits.block_logits = until_killed
write_logits.dump_logits(model, windows, target, batch_size=8, state=state)
"""


def test_a_killed_dump_keeps_its_blocks(stored, windows, teachers, tmp_path, monkeypatch):
    arguments = (teachers[0], windows, tmp_path / "logits.parquet")
    paths = [teachers[0], arguments[2], tmp_path / "state", *windows]
    child = subprocess.run([sys.executable, "-c", KILLED, *map(str, paths)])
    assert child.returncode == -signal.SIGKILL
    blocks = sorted((tmp_path / "state").glob("*.parquet"))
    # killed in the fourth of five; the third may have been on its way to the disk
    assert len(blocks) in (2, 3) and not arguments[2].exists()
    blocks[0].write_bytes(blocks[0].read_bytes()[:-9])

    calls = []
    block = write_logits.block_logits
    monkeypatch.setattr(write_logits, "block_logits", lambda *a: calls.append(1) or block(*a))
    dump_logits(*arguments, batch_size=8, state=tmp_path / "state")
    assert len(calls) == 5 - len(blocks) + 1  # those that were missing, and the damaged one
    assert arguments[2].read_bytes() == stored[0].read_bytes()


@pytest.mark.parametrize("count", [2, 3, 9])
def test_shards_are_gathered_to_the_same_bytes(stored, windows, teachers, tmp_path, count):
    shards = [tmp_path / f"{number}.parquet" for number in range(1, count + 1)]
    written = 0
    for number, path in enumerate(shards, 1):
        written += dump_logits(
            teachers[0],
            windows,
            path,
            batch_size=8,
            state=tmp_path / "state",
            shard=Shard(number, count),
        )["windows"]
    assert written == 63
    target = tmp_path / "logits.parquet"
    assert gather_logits(shards, target)["windows"] == 63
    assert target.read_bytes() == stored[0].read_bytes()
    with pytest.raises(UserError, match=rf"not part 1 of {count} of a teacher's logits"):
        gather_logits(shards[::-1], target)


def test_shards_that_do_not_belong_together_are_refused(windows, teachers, tmp_path):
    shards = [tmp_path / f"{number}.parquet" for number in (1, 2)]
    for number, (teacher, path) in enumerate(zip(teachers, shards, strict=False), 1):
        arguments = {"batch_size": 8, "state": tmp_path / "state"}
        dump_logits(teacher, windows, path, shard=Shard(number, 2), **arguments)
    target = tmp_path / "logits.parquet"
    with pytest.raises(UserError, match=r"2.parquet: of another teacher or other windows than"):
        gather_logits(shards, target)
    with pytest.raises(UserError, match="not part 1 of 1"):
        gather_logits(shards[:1], target)
    shards[0].write_bytes(shards[0].read_bytes()[:-9])
    with pytest.raises(UserError, match=r"1.parquet: damaged .*delete it"):
        gather_logits(shards, target)
    assert not target.exists()


def test_identity_and_form_of_the_file(stored, teachers):
    file = pq.ParquetFile(stored[0])
    described = json.loads(file.schema_arrow.metadata[b"lbmrc"])
    assert [part["dataset"] for part in described["windows"]] == list(SIZES)
    assert described["windows"][0]["tokenizer"] == "f00d"
    assert file.schema_arrow.equals(logit_files.SCHEMA)
    for name, column in enumerate(file.schema_arrow.names):
        chunk = file.metadata.row_group(0).column(name)
        assert chunk.compression == "ZSTD"
        if column in ("start", "end"):
            assert "BYTE_STREAM_SPLIT" in chunk.encodings
            assert not chunk.has_dictionary_page

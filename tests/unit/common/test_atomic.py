import errno
import multiprocessing
import os

import pytest

from lbmrc.common.atomic import SUFFIX, remove, replacing, write_text
from lbmrc.common.errors import UserError


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole_with_the_folders_above_it(tmp_path):
    path = tmp_path / "a/b/file"
    with replacing(path) as partial:
        partial.write_text("half")
        assert not path.exists()
        assert partial.parent == path.parent  # a rename between file systems is no rename
        partial.write_text("whole")
    assert path.read_text() == "whole"
    assert names(path.parent) == ["file"]


def test_a_failed_attempt_leaves_what_was_there(tmp_path):
    path = tmp_path / "file"
    path.write_text("before")
    with pytest.raises(OSError, match="full"), replacing(path) as partial:
        partial.write_text("ha")
        raise OSError("full")
    assert path.read_text() == "before"
    write_text(path, "äfter")
    assert path.read_bytes() == "äfter".encode()
    assert names(tmp_path) == ["file"]  # the next attempt took the leftover away


@pytest.mark.parametrize("before", ["nothing", "file", "folder"])
def test_a_folder_replaces_what_is_there(tmp_path, before):
    path = tmp_path / "model"
    if before == "file":
        path.write_text("old")
    if before == "folder":
        path.mkdir()
        (path / "old").write_text("old")
    leftover = tmp_path / f"model{SUFFIX}"
    leftover.mkdir()
    (leftover / "of a killed run").write_text("")
    with replacing(path) as partial:
        partial.mkdir()
        (partial / "new").write_text("new")
    assert names(path) == ["new"]
    assert names(tmp_path) == ["model"]


def test_durable_files_reach_the_disk_before_they_get_their_name(tmp_path, monkeypatch):
    path, synced = tmp_path / "file", []
    real = os.fsync

    def fsync(descriptor):
        synced.append((os.fstat(descriptor).st_size, path.exists()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    with replacing(path, durable=True) as partial:
        partial.write_text("12345")
    assert synced == [(5, False)]
    write_text(tmp_path / "other", "text")
    assert len(synced) == 1


def _write_often(path, text):
    for _ in range(200):
        write_text(path, text, shared=True)


def test_processes_may_write_one_shared_file(tmp_path):
    path, texts = tmp_path / "file", ["a" * 5000, "b" * 5000]
    context = multiprocessing.get_context("fork")
    writers = [context.Process(target=_write_often, args=(path, text)) for text in texts]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert path.read_text() in texts
    assert names(tmp_path) == ["file"]


def test_remove_takes_a_link_and_not_what_it_points_to(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "link").symlink_to(kept)
    for name in ("link", "missing"):
        remove(tmp_path / name)
    assert names(tmp_path) == ["kept"]


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OSError(errno.EDQUOT, "Disk quota exceeded"),
        RuntimeError("I/O error: No space left on device (os error 28)"),  # as safetensors puts it
    ],
)
def test_a_full_disk_is_reported_with_the_path(tmp_path, error):
    path = tmp_path / "a/model"
    with (
        pytest.raises(UserError, match=rf"^{path}: (No space|Disk quota).*free some space"),
        replacing(path),
    ):
        raise error

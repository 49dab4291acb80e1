import pandas as pd
import pyarrow as pa
import pytest

from lbmrc.common.errors import UserError
from lbmrc.windows.arrow_files import open_arrow, read_arrow, row_count, write_arrow

SCHEMA = pa.schema([("number", pa.int32())])


def batches(*sizes):
    for size in sizes:
        yield pa.record_batch([pa.array(range(size), pa.int32())], schema=SCHEMA)


def test_round_trip_with_the_files_own_metadata(tmp_path):
    schema = SCHEMA.with_metadata({"lbmrc": "what it is"})
    write_arrow(tmp_path / "rows", schema, batches(3, 0, 2))
    assert read_arrow(tmp_path / "rows")["number"][:] == [0, 1, 2, 0, 1]
    with open_arrow(tmp_path / "rows") as reader:
        assert reader.schema.metadata == {b"lbmrc": b"what it is"}
        assert row_count(reader) == 5
    assert [file.name for file in tmp_path.iterdir()] == ["rows"]


def test_other_libraries_open_it(tmp_path):
    write_arrow(tmp_path / "rows.arrow", SCHEMA, batches(3, 2))
    assert pa.ipc.open_file(str(tmp_path / "rows.arrow")).read_all()["number"].to_pylist()[3] == 0
    assert pd.read_feather(tmp_path / "rows.arrow")["number"].tolist() == [0, 1, 2, 0, 1]


def test_no_batch_is_a_file_without_rows(tmp_path):
    write_arrow(tmp_path / "rows", SCHEMA, [])
    assert len(read_arrow(tmp_path / "rows")) == 0


def test_a_file_that_was_never_finished_is_not_there(tmp_path):
    def fails():
        yield from batches(3)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_arrow(tmp_path / "rows", SCHEMA, fails())
    assert not (tmp_path / "rows").exists()


def test_what_is_no_whole_arrow_file_is_refused(tmp_path):
    (tmp_path / "text").write_text("hello")
    write_arrow(tmp_path / "whole", SCHEMA, batches(300))
    (tmp_path / "cut").write_bytes((tmp_path / "whole").read_bytes()[:-20])
    for name in ("text", "missing", "cut"):
        with pytest.raises(UserError, match=f"{name}: not readable windows .*run again"):
            read_arrow(tmp_path / name)

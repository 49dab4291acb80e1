import pyarrow as pa
import pytest

from lbmrc.common.errors import UserError
from lbmrc.windows.streams import read_stream, stream_schema, write_stream

SCHEMA = pa.schema([("number", pa.int32())])


def batches(*sizes):
    for size in sizes:
        yield pa.record_batch([pa.array(range(size), pa.int32())], schema=SCHEMA)


def test_round_trip_with_the_files_own_metadata(tmp_path):
    schema = SCHEMA.with_metadata({"lbmrc": "what it is"})
    write_stream(tmp_path / "rows", schema, batches(3, 0, 2))
    assert read_stream(tmp_path / "rows")["number"][:] == [0, 1, 2, 0, 1]
    assert stream_schema(tmp_path / "rows").metadata == {b"lbmrc": b"what it is"}
    assert [file.name for file in tmp_path.iterdir()] == ["rows"]


def test_no_batch_is_a_file_without_rows(tmp_path):
    write_stream(tmp_path / "rows", SCHEMA, [])
    assert len(read_stream(tmp_path / "rows")) == 0


def test_a_file_that_was_never_finished_is_not_there(tmp_path):
    def fails():
        yield from batches(3)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        write_stream(tmp_path / "rows", SCHEMA, fails())
    assert not (tmp_path / "rows").exists()


@pytest.mark.parametrize("read", [read_stream, stream_schema])
def test_what_is_no_stream_is_refused(tmp_path, read):
    (tmp_path / "text").write_text("hello")
    for name in ("text", "missing"):
        with pytest.raises(UserError, match=f"{name}: not readable windows .*run again"):
            read(tmp_path / name)

import bz2
import gzip
import io
import json
import lzma
import zipfile

import pytest

from lbmrc.common.errors import UserError
from lbmrc.common.json_io import read_json

CONTENT = b'{"data": []}'


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.json", CONTENT)
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (gzip.compress(CONTENT), "compressed by gzip: unpack it"),
        (bz2.compress(CONTENT), "compressed by bzip2: unpack it"),
        (lzma.compress(CONTENT), "compressed by xz: unpack it"),
        (zipped(), "compressed by zip: unpack it"),
        (b'{"id": 1}\n{"id": 2}\n', "this is JSON Lines, a JSON value per line; convert it"),
        (b'{"id": 1}\n\n{"id": 2}\n{"id', "this is JSON Lines"),
        (b"", "not valid JSON: it is empty; get it again"),
        (b"\n \n", "not valid JSON: it is empty; get it again"),
        (b"\n<!DOCTYPE html>\n<p>404", "this is a web page or XML, not JSON"),
        (b'{"a": 1}\n}', "not valid JSON at line 2, column 1"),
        (b'{"a": [1,\n', "not valid JSON at line 2, column 1"),
        (b"1\n2\n", "not valid JSON at line 2, column 1"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",  # archives hold the time
)
def test_what_a_file_is_instead_of_json_is_named(tmp_path, content, problem):
    path = tmp_path / "a.json"
    path.write_bytes(content)
    with pytest.raises(UserError) as error:
        read_json(path)
    assert str(error.value).startswith(f"{path}: {problem}")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_json_in_its_encodings_is_read(tmp_path, encoding):
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"é": "<"}, ensure_ascii=False), encoding=encoding)
    assert read_json(path) == {"é": "<"}

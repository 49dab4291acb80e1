"""Downloads against a local server that fails in every way the network does."""

import hashlib
import io
import os
import random
import tarfile
import threading
import time
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from lbmrc.common.errors import UserError
from lbmrc.data.download import CHUNK, download, unpack

DATA = random.Random(0).randbytes(1_000_000)
SHA256 = hashlib.sha256(DATA).hexdigest()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.requests.append((self.path, self.headers.get("Range")))
        faults = self.server.faults.get(self.path, [])
        (faults.pop(0) if faults else serve)(self)

    def do_HEAD(self):
        self.do_GET()

    def log_message(self, *_):
        pass

    def answer(self, status, body=b"", headers=None, length=None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)


def serve(handler, data=DATA):
    """A good server, ranges included."""
    if wanted := handler.headers.get("Range"):
        start = int(wanted.removeprefix("bytes=").removesuffix("-"))
        if start >= len(data):
            handler.answer(416, headers={"Content-Range": f"bytes */{len(data)}"})
            return
        span = f"bytes {start}-{len(data) - 1}/{len(data)}"
        handler.answer(206, data[start:], {"Content-Range": span})
    else:
        handler.answer(200, data)


def status(code, **headers):
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return lambda handler: handler.answer(code, b"error page", names)


def cut(after):
    """Promise everything, break off ``after`` bytes later."""

    def fault(handler):
        start = int((handler.headers.get("Range") or "bytes=0-")[6:-1])
        span = f"bytes {start}-{len(DATA) - 1}/{len(DATA)}"
        handler.send_response(206 if start else 200)
        handler.send_header("Content-Range", span)
        handler.send_header("Content-Length", str(len(DATA) - start))
        handler.end_headers()
        handler.wfile.write(DATA[start : start + after])
        handler.wfile.flush()
        handler.close_connection = True

    return fault


def stall(handler):
    handler.send_response(200)
    handler.send_header("Content-Length", str(len(DATA)))
    handler.end_headers()
    handler.wfile.write(DATA[:CHUNK])
    handler.wfile.flush()
    time.sleep(1.0)
    handler.close_connection = True


def no_ranges(handler):
    handler.answer(200, DATA)


def other_bytes(handler):
    serve(handler, DATA[::-1])


@pytest.fixture
def server():
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    httpd.faults, httpd.requests = {}, []
    httpd.url = f"http://127.0.0.1:{httpd.server_port}"
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield httpd
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture
def get(server, tmp_path):
    def call(*faults, path="/file", **options):
        server.faults[path] = list(faults)
        defaults = {"sha256": SHA256, "size": len(DATA), "pause": 0.01, "timeout": 30.0}
        return download(f"{server.url}{path}", tmp_path / "sub/file", **defaults | options)

    return call


def ranges(server):
    return [wanted for _, wanted in server.requests]


def test_fetches_once(get, server, tmp_path):
    assert get().read_bytes() == DATA
    assert os.listdir(tmp_path / "sub") == ["file"]
    get()
    assert len(server.requests) == 1


def test_another_file_in_its_place_is_replaced(get, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/file").write_bytes(b"old")
    assert get().read_bytes() == DATA


def test_no_checksum_no_size(get, server):
    assert get(sha256=None, size=None).read_bytes() == DATA
    assert ranges(server) == [None]


@pytest.mark.parametrize("code", [408, 429, 500, 502, 503, 504])
def test_passing_failures_are_retried(get, server, capsys, code):
    assert get(status(code), status(code)).read_bytes() == DATA
    assert len(server.requests) == 3
    assert f"HTTP {code}" in capsys.readouterr().err


def test_retry_after_is_honoured(get):
    start = time.monotonic()
    get(status(429, Retry_After="1"))
    assert time.monotonic() - start >= 1


def test_in_the_end_it_gives_up(get, server):
    with pytest.raises(UserError, match=r"HTTP 500 .*\(3 attempts\)"):
        get(*[status(500)] * 9, attempts=3)
    assert len(server.requests) == 3


@pytest.mark.parametrize("code", [401, 403, 404, 410])
def test_a_refusal_is_final(get, server, code):
    with pytest.raises(UserError, match=f"HTTP {code}"):
        get(status(code))
    assert len(server.requests) == 1


def test_a_broken_connection_goes_on_where_it_stopped(get, server):
    assert get(cut(20 * CHUNK), cut(20 * CHUNK)).read_bytes() == DATA
    assert ranges(server) == [None, f"bytes={20 * CHUNK}-", f"bytes={40 * CHUNK}-"]


def test_progress_resets_the_count_of_attempts(get, server):
    assert get(*[cut(6 * CHUNK)] * 9, attempts=2).read_bytes() == DATA
    assert len(server.requests) == 10


def test_a_stall_ends_in_another_attempt(get, server):
    assert get(stall, timeout=0.3).read_bytes() == DATA
    assert ranges(server) == [None, f"bytes={CHUNK}-"]


def test_a_later_call_goes_on_too(get, server, tmp_path):
    with pytest.raises(UserError):
        get(cut(20 * CHUNK), status(404))
    assert (tmp_path / "sub/file.part").stat().st_size == 20 * CHUNK
    assert get().read_bytes() == DATA
    assert ranges(server)[-1] == f"bytes={20 * CHUNK}-"
    assert os.listdir(tmp_path / "sub") == ["file"]


def test_a_refused_range_starts_over(get, server):
    assert get(cut(20 * CHUNK), no_ranges).read_bytes() == DATA
    assert ranges(server) == [None, f"bytes={20 * CHUNK}-"]


def test_another_range_than_asked_for_starts_over(get):
    def first_half(handler):
        handler.answer(206, DATA[:500_000], {"Content-Range": "bytes 0-499999/1000000"})

    assert get(cut(20 * CHUNK), first_half).read_bytes() == DATA


@pytest.mark.parametrize("size", [None, len(DATA)])
@pytest.mark.parametrize("left", [DATA, DATA + b"more", b"x" * 2000, b"x" * len(DATA), b""])
def test_whatever_was_left_behind(get, tmp_path, left, size):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/file.part").write_bytes(left)
    assert get(size=size).read_bytes() == DATA
    assert os.listdir(tmp_path / "sub") == ["file"]


def test_without_a_checksum_nothing_left_behind_is_trusted(get, server, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub/file.part").write_bytes(b"x" * 2000)
    assert get(sha256=None).read_bytes() == DATA


def test_wrong_bytes_are_an_error_and_kept_aside(get, tmp_path):
    with pytest.raises(UserError) as error:
        get(other_bytes)
    assert f"expected {SHA256}" in str(error.value)
    assert f"found {hashlib.sha256(DATA[::-1]).hexdigest()}" in str(error.value)
    assert str(tmp_path / "sub/file.wrong") in str(error.value)
    assert os.listdir(tmp_path / "sub") == ["file.wrong"]
    assert (tmp_path / "sub/file.wrong").read_bytes() == DATA[::-1]
    assert get().read_bytes() == DATA


def test_a_file_cut_short_by_its_host_is_wrong(get, tmp_path):
    def short(handler):
        serve(handler, DATA[:-5])

    with pytest.raises(UserError, match=r"found .* \(999995 bytes, of 1000000\)"):
        get(short)
    with pytest.raises(UserError, match="1000000 bytes expected, 999995 found"):
        get(short, sha256=None)


def test_mirrors_follow_in_order(get, server, tmp_path):
    mirrors = [f"{server.url}/{name}" for name in ("gone", "wrong", "good")]
    server.faults |= {"/gone": [status(404)], "/wrong": [other_bytes]}
    unreachable = "http://127.0.0.1:9/file"
    path = get(status(403), mirrors=[unreachable, *mirrors], attempts=1)
    assert path.read_bytes() == DATA
    assert [p for p, _ in server.requests] == ["/file", "/gone", "/wrong", "/good"]


def test_every_address_is_named_when_all_fail(get, server):
    server.faults["/mirror"] = [other_bytes]
    with pytest.raises(UserError) as error:
        get(status(404), mirrors=[f"{server.url}/mirror", "http://127.0.0.1:9/x"], attempts=1)
    for part in ("/file: HTTP 404", "/mirror: SHA-256 expected", "127.0.0.1:9", "proxies"):
        assert part in str(error.value)


def test_redirects_are_followed(get, server):
    assert get(status(302, Location="/elsewhere")).read_bytes() == DATA
    assert [p for p, _ in server.requests] == ["/file", "/elsewhere"]


def test_a_proxy_of_the_environment_is_used(server, tmp_path, monkeypatch):
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    path = download("http://data.invalid/squad", tmp_path / "squad", sha256=SHA256)
    assert path.read_bytes() == DATA
    assert server.requests == [("http://data.invalid/squad", None)]


@pytest.mark.parametrize("address", ["no-scheme/file", "http://", "file:///etc/hostname"])
def test_what_is_no_address_is_an_error(tmp_path, address):
    with pytest.raises(UserError, match="could not be fetched"):
        download(address, tmp_path / "file", sha256=SHA256, attempts=1)


def test_a_target_that_cannot_be_written(get, tmp_path):
    (tmp_path / "sub/file.part").mkdir(parents=True)
    with pytest.raises(UserError, match=r"file\.part: cannot be written"):
        get()


# -------------------------------------------------------------------------------------- archives

MEMBERS = {
    "MLQA_V1/dev/dev-context-en-question-en.json": b"dev",
    "MLQA_V1/test/test-context-en-question-de.json": b"test" * 100_000,
}


def archive(path, members):
    if path.suffix == ".zip":
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
            file.mkdir("MLQA_V1")
            for name, content in members.items():
                file.writestr(name, content)
    else:
        with tarfile.open(path, "w:gz") as file:
            for name, content in members.items():
                info = tarfile.TarInfo(f"./{name}")
                info.size = len(content)
                file.addfile(info, io.BytesIO(content))
            link = tarfile.TarInfo("link")
            link.type, link.linkname = tarfile.SYMTYPE, "/etc/hostname"
            file.addfile(link)
    return path


@pytest.fixture(params=["a.zip", "a.tar.gz"])
def packed(request, tmp_path):
    return archive(tmp_path / request.param, MEMBERS | {"../outside": b"no", "/absolute": b"no"})


def test_members_are_unpacked_at_their_paths(packed, tmp_path):
    written = unpack(packed, MEMBERS, tmp_path / "data")
    assert written == [tmp_path / "data" / name for name in MEMBERS]
    assert [path.read_bytes() for path in written] == list(MEMBERS.values())
    assert len([p for p in (tmp_path / "data").rglob("*") if p.is_file()]) == 2


def test_a_missing_member_is_named_with_the_nearest(packed, tmp_path):
    with pytest.raises(UserError, match=r"question-zh\.json.*did you mean.*question-en\.json"):
        unpack(packed, ["MLQA_V1/dev/dev-context-en-question-zh.json"], tmp_path / "data")


@pytest.mark.parametrize("member", ["../outside", "/absolute", "MLQA_V1/../../outside"])
def test_no_path_leads_out(packed, tmp_path, member):
    with pytest.raises(UserError, match="outside"):
        unpack(packed, [member], tmp_path / "data")
    assert not (tmp_path / "outside").exists()


def test_links_are_no_members(tmp_path):
    with pytest.raises(UserError, match='no file "link"'):
        unpack(archive(tmp_path / "a.tar.gz", MEMBERS), ["link"], tmp_path / "data")


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "page"])
def test_a_broken_archive_is_an_error(packed, tmp_path, damage):
    content = bytearray(packed.read_bytes())
    if damage == "cut":
        content = content[: len(content) // 2]
    elif damage == "flip":
        content[len(content) // 2 - 200] ^= 0xFF
    else:
        content = b"" if damage == "empty" else b"<html>not found</html>"
    packed.write_bytes(content)
    # A damaged header looks like the end of a tar file.
    with pytest.raises(UserError, match=r"damaged, or not an archive|no file"):
        unpack(packed, MEMBERS, tmp_path / "data")
    assert not (tmp_path / "data/MLQA_V1/test/test-context-en-question-de.json").exists()


def test_a_missing_archive(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        unpack(tmp_path / "none.zip", MEMBERS, tmp_path)

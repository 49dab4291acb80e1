"""Checkpoints from a local server that speaks the hub's language (HF_ENDPOINT)."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlparse

import pytest

REVISION = "0123456789abcdef0123456789abcdef01234567"
API = f"/api/models/org/tiny/revision/{REVISION}"
FILES = f"/org/tiny/resolve/{REVISION}/"

PLAIN = {"config.json": b'{"model_type": "xlm"}', "vocab.json": b"{}", "merges.txt": b"a b\n"}
UNWANTED = {
    "modeling.py": b"print()",
    "tf_model.h5": b"tf",
    "onnx/config.json": b"{}",
    "README.md": b"#",
}


class Hub(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path, files = urlparse(self.path).path, self.server.files
        self.server.requests.append(path)
        if path == API:
            siblings = [
                {"rfilename": name, "size": len(content)} | self.lfs(name)
                for name, content in files.items()
            ]
            info = {"id": "org/tiny", "sha": REVISION, "siblings": siblings}
            self.answer(json.dumps(info | {"cardData": {"license": "cc-by-nc-4.0"}}).encode())
        elif path.startswith(f"/api/models/org/tiny/tree/{REVISION}"):
            tree = [
                {"type": "file", "path": name, "size": len(content), "oid": self.etag(content)}
                for name, content in files.items()
            ]
            self.answer(json.dumps(tree).encode())
        elif (name := path.removeprefix(FILES)) in files:
            content = files[name]
            headers = {"ETag": f'"{self.etag(content)}"', "X-Repo-Commit": REVISION}
            if name in self.server.flipped:
                content = bytes([content[0] ^ 1]) + content[1:]
            self.answer(content, headers)
        else:
            self.answer(b"{}", {"X-Error-Code": "RepoNotFound"}, 404)

    do_HEAD = do_GET

    def lfs(self, name):
        if not name.endswith((".safetensors", ".bin")):
            return {}
        content = self.server.files[name]
        sha256 = hashlib.sha256(content).hexdigest()
        return {"lfs": {"size": len(content), "sha256": sha256, "pointerSize": 1}}

    @staticmethod
    def etag(content):
        return hashlib.sha1(content).hexdigest()

    def answer(self, body, headers=None, status=200):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def hub():
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    httpd.files, httpd.flipped, httpd.requests = {}, set(), []
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield httpd
    httpd.shutdown()
    httpd.server_close()
    thread.join()


@pytest.fixture
def fetch(hub, tmp_path, repository):
    """Fetch in a process of its own (the hub's client reads HF_ENDPOINT when it is imported)."""
    code = (
        "import sys\n"
        "from lbmrc.data.download import fetch_checkpoint\n"
        "from lbmrc.common.errors import UserError\n"
        "try: print(fetch_checkpoint(*sys.argv[1:]))\n"
        "except UserError as error: sys.exit(f'UserError: {error}')\n"
    )

    def run(repo_id="org/tiny", **environment):
        variables = {
            "HF_ENDPOINT": f"http://127.0.0.1:{hub.server_port}",
            "HF_HOME": str(tmp_path / "home"),
            "HF_HUB_OFFLINE": "0",
            "no_proxy": "127.0.0.1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
        }
        return subprocess.run(
            [sys.executable, "-c", code, repo_id, REVISION, str(tmp_path / "models" / REVISION)],
            env=os.environ | variables | environment,
            capture_output=True,
            text=True,
            cwd=repository,
        )

    return run


def test_a_revision_becomes_a_folder_of_plain_files(hub, fetch, tmp_path):
    hub.files = PLAIN | UNWANTED | {"model.safetensors": b"weights", "pytorch_model.bin": b"bin"}
    run = fetch()
    assert run.returncode == 0, run.stderr
    assert "licence cc-by-nc-4.0" in run.stdout
    folder = tmp_path / "models" / REVISION
    found = {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
    assert found == PLAIN | {"model.safetensors": b"weights"}
    assert os.listdir(tmp_path / "models") == [REVISION]
    hub.requests.clear()
    assert fetch().returncode == 0
    assert not [path for path in hub.requests if REVISION in path]


def test_pickles_are_read_weights_only_and_become_safetensors(hub, fetch, tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors import safe_open

    tied = torch.arange(6.0).reshape(2, 3)
    torch.save({"embeddings": tied, "head": tied, "half": tied.half().t()}, tmp_path / "weights")
    hub.files = PLAIN | {"pytorch_model.bin": (tmp_path / "weights").read_bytes()}
    run = fetch()
    assert run.returncode == 0, run.stderr
    assert "not safetensors; read weights-only" in run.stdout
    folder = tmp_path / "models" / REVISION
    assert {path.name for path in folder.iterdir()} == {*PLAIN, "model.safetensors"}
    with safe_open(folder / "model.safetensors", "pt") as file:
        assert file.metadata() == {"format": "pt"}
        assert torch.equal(file.get_tensor("head"), tied)
        assert torch.equal(file.get_tensor("half"), tied.half().t())


def test_a_pickle_that_runs_code_is_not_loaded(hub, fetch, tmp_path):
    pytest.importorskip("torch")
    hub.files = PLAIN | {"pytorch_model.bin": b"cposix\nsystem\n(S'touch harm'\ntR."}
    run = fetch()
    assert run.returncode == 1
    assert "UserError: pytorch_model.bin: not weights alone" in run.stderr
    assert not (tmp_path / "models" / REVISION).exists()


def test_a_flipped_bit_is_found_and_the_file_fetched_anew(hub, fetch, tmp_path):
    hub.files = PLAIN | {"model.safetensors": b"weights"}
    hub.flipped = {"model.safetensors"}
    run = fetch()
    assert (
        "UserError: org/tiny" in run.stderr
        and "model.safetensors arrived damaged, SHA-256 expected" in run.stderr
    )
    assert not (tmp_path / "models" / REVISION).exists()
    hub.flipped = set()
    assert fetch().returncode == 0
    assert (tmp_path / "models" / REVISION / "model.safetensors").read_bytes() == b"weights"


def test_what_cannot_be_had_is_said(hub, fetch):
    missing = fetch("org/none")
    assert missing.stderr.startswith(f"UserError: org/none at {REVISION} could not be fetched")
    assert "Repository Not Found" in missing.stderr
    hub.files = PLAIN
    assert "no config.json with safetensors or PyTorch weights" in fetch().stderr
    offline = fetch(HF_HUB_OFFLINE="1")
    assert offline.stderr.startswith("UserError: org/tiny")
    nowhere = fetch(HF_ENDPOINT="http://127.0.0.1:9")
    assert "HF_ENDPOINT, or name a local folder" in nowhere.stderr

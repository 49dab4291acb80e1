"""The official hosts and the hub, on this machine: the paper's config, given the synthetic corpus.

Serves published files at the paths that they have at their own hosts, and three checkpoints at the
revisions that the config pins. The first requests for some files fail in one way or another.
"""

import gzip
import hashlib
import io
import json
import threading
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlparse

import yaml

from lbmrc.miniworld.generator.publish import publish

CHECKPOINTS = Path(__file__).parents[2] / "lbmrc/miniworld/checkpoints"


def published(folder: Path) -> dict[str, bytes]:
    """{path under data.folder: content}, as the paper's config names them."""
    publish(folder, seed=3, train_passages=12, dev_passages=4, test_passages=6)
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*.*")}
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in [name for name in files if name.startswith("MLQA_V1/")]:
            packed.writestr(name, files.pop(name))
    files["MLQA_V1.zip"] = archive.getvalue()
    for language in ("en", "es", "de"):
        phrases = (folder / f"phrases/{language}.txt").read_text(encoding="utf-8").splitlines()
        name = f"wikipedia/{language}wiki-latest-all-titles-in-ns0.gz"
        files[name] = gzip.compress("\n".join(["page_title", *titles(phrases), ""]).encode())
    return files


def titles(phrases: list[str]) -> list[str]:
    """As of Wikipedia's pages: each phrase in two titles, a hundred words in fifty others each."""
    named = [phrase.replace(" ", "_") for phrase in phrases]
    return [
        *named,
        *(f"{name}_(film)" for name in named),
        *(f"{n % 100}_x{n}" for n in range(5000)),
    ]


def checkpoints(config: dict) -> dict[tuple[str, str], dict[str, bytes]]:
    """{(repository, revision): its files}, those that the config pins."""
    engines = config["translation"]["engines"]
    pinned = {"xlm": config["backbone"]}
    pinned |= {f"opus-mt-en-{language}": e["checkpoint"] for language, e in engines.items()}
    return {
        (spec["id"], spec["revision"]): {
            path.name: path.read_bytes() for path in (CHECKPOINTS / name).iterdir()
        }
        for name, spec in pinned.items()
    }


class Host(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        path = urlparse(self.path).path
        faults = self.server.faults.get(path, [])
        self.server.asked.append(path)
        if faults and self.command == "GET":
            faults.pop(0)(self)
        elif path in self.server.files:
            self.serve(self.server.files[path])
        else:
            self.answer(self.server.hub.get(path, b"{}"), 200 if path in self.server.hub else 404)

    do_HEAD = do_GET

    def serve(self, content: bytes):
        oid = hashlib.sha1(content).hexdigest()
        headers = {"ETag": f'"{oid}"', "X-Repo-Commit": self.path.split("/")[-2]}
        start = int((self.headers.get("Range") or "bytes=0-")[6:].split("-")[0])
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
        self.answer(content[start:], 206 if start else 200, headers)

    def answer(self, body: bytes, status: int = 200, headers: dict | None = None):
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_):
        pass


def cut(host: Host):
    """Half of a file, and the connection breaks."""
    content = host.server.files[host.path]
    host.send_response(200)
    host.send_header("Content-Length", str(len(content)))
    host.end_headers()
    host.wfile.write(content[: len(content) // 2])
    host.close_connection = True


def status(code: int, **headers):
    return lambda host: host.answer(b"error page", code, headers)


def described(files: dict[str, bytes], id: str, revision: str) -> dict[str, bytes]:
    """What the hub's API says of a repository."""
    siblings = []
    for name, content in files.items():
        sibling = {"rfilename": name, "size": len(content)}
        if name.endswith(".safetensors"):
            sha256 = hashlib.sha256(content).hexdigest()
            sibling["lfs"] = {"size": len(content), "sha256": sha256, "pointerSize": 1}
        siblings.append(sibling)
    info = {"id": id, "sha": revision, "siblings": siblings, "cardData": {"license": "mit"}}
    tree = [
        {"type": "file", "path": name, "size": len(c), "oid": hashlib.sha1(c).hexdigest()}
        for name, c in files.items()
    ]
    return {
        f"/api/models/{id}/revision/{revision}": json.dumps(info).encode(),
        f"/api/models/{id}/tree/{revision}": json.dumps(tree).encode(),
    }


@contextmanager
def internet(config: dict, folder: Path) -> Iterator[ThreadingHTTPServer]:
    """Serve it all; ``overrides`` is what a config has to say to come here."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Host)
    httpd.url = f"http://127.0.0.1:{httpd.server_port}"
    httpd.asked, httpd.faults, httpd.files, httpd.hub = [], {}, {}, {}
    contents = published(folder)
    overrides = {}
    for name, file in config["data"]["source"]["files"].items():
        path = urlparse(file["url"]).path
        httpd.files[path] = contents[name]
        sha256 = hashlib.sha256(contents[name]).hexdigest()
        overrides[name] = {"url": httpd.url + path, "sha256": sha256, "bytes": len(contents[name])}
    for (id, revision), files in checkpoints(config).items():
        httpd.hub |= described(files, id, revision)
        httpd.files |= {f"/{id}/resolve/{revision}/{n}": content for n, content in files.items()}
    httpd.overrides = {"data": {"source": {"files": overrides}}}
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield httpd
    finally:
        httpd.shutdown()
        httpd.server_close()
        thread.join()


def paper() -> dict:
    path = Path(__file__).parents[2] / "config/config.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))

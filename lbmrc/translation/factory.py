"""From an engine's part of the config to the engine, and to what tells its translations apart."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lbmrc.translation.engines import Engine

# Raise an engine's number whenever an edit changes what it writes: its stored translations are then
# no longer used.
_VERSIONS = {"marian": 1}


def load_engine(settings: Mapping[str, Any], folder: str | Path, device: str) -> Engine:
    """The engine that ``settings`` (a section of ``translation.engines``) describe.

    ``folder`` holds the checkpoint; ``device`` is torch's name, ``cpu`` or ``cuda``.
    """
    from lbmrc.translation.hub import Marian

    return Marian(
        folder,
        device=device,
        beams=settings["beams"],
        max_length=settings["max_length"],
        tokens_per_batch=settings["tokens_per_batch"],
        half=precision(settings, device) == "float16",
    )


def translator(settings: Mapping[str, Any], identity: str, device: str) -> dict[str, Any]:
    """All that decides what an engine writes: the key of its part of the translation store.

    ``identity``: the checkpoint's revision or the fingerprint of its folder. The size of a batch is
    none of it.
    """
    unlike = {"checkpoint", "tokens_per_batch"}
    return {
        **{key: value for key, value in settings.items() if key not in unlike},
        "checkpoint": identity,
        "precision": precision(settings, device),
        "version": _VERSIONS[settings["engine"]],
    }


def precision(settings: Mapping[str, Any], device: str) -> str:
    """The numbers that the engine computes in; ``auto`` is float16 on a GPU, else float32."""
    if settings["precision"] != "auto":
        return settings["precision"]
    return "float16" if device == "cuda" else "float32"

"""From a model's section of the config to the engine and to the identity of its translations.

Programs and chains are in `lbmrc.translation.translators`.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from lbmrc.translation.engines.base import Engine

# Increase an engine's number whenever an edit changes its output: translations stored under the
# old number are then no longer used.
_VERSIONS = {"marian": 1, "ctranslate2": 1, "m2m": 1, "nllb": 1}


def load_engine(
    settings: Mapping[str, Any], folder: str | Path, identity: str, device: str, store: str | Path
) -> Engine:
    """The engine that ``settings`` (a section of ``translation.engines``) describe.

    ``folder`` holds the checkpoint, identified by ``identity``: its revision or the
    fingerprint of its folder. ``device`` is torch's name, ``cpu`` or ``cuda``. ``store`` is the
    folder that keeps converted checkpoints.
    """
    keys = ("beams", "length_penalty", "max_length", "tokens_per_batch")
    options = {"device": device} | {key: settings[key] for key in keys}
    numbers = precision(settings, device)
    if settings["engine"] == "ctranslate2":
        from lbmrc.translation.engines.ctranslate2 import CTranslate2

        form = f"{identity}-{_VERSIONS['ctranslate2']}"
        converted = Path(store) / "ctranslate2-models" / form
        return CTranslate2(folder, converted, precision=numbers, **options)
    from lbmrc.translation.engines.transformers import Marian, Multilingual

    options["half"] = numbers == "float16"
    if settings["engine"] == "marian":
        return Marian(folder, **options)
    return Multilingual(folder, settings["source"], settings["target"], **options)


def translator_identity(settings: Mapping[str, Any], identity: str, device: str) -> dict[str, Any]:
    """Everything that determines an engine's output: the key of its part of the translation store.

    The batch size is not included.
    """
    unlike = {"checkpoint", "folder", "identity", "tokens_per_batch"}
    return {
        **{key: value for key, value in settings.items() if key not in unlike},
        "checkpoint": identity,
        "precision": precision(settings, device),
        "version": _VERSIONS[settings["engine"]],
    }


def precision(settings: Mapping[str, Any], device: str) -> str:
    """The number format that the engine computes in.

    ``auto`` is float16 on a GPU; on a CPU int8 in CTranslate2, float32 in transformers.
    """
    if settings["precision"] != "auto":
        return settings["precision"]
    if device == "cuda":
        return "float16"
    return "int8" if settings["engine"] == "ctranslate2" else "float32"

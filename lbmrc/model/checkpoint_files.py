"""Reads a checkpoint's folder without torch: its config.json, tokenizer, file names.

Jobs that load no model (windows, the checks at the start of a run) import only this.
"""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lbmrc.common.errors import UserError

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerBase

_WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
AUTO = "auto"
"""``training.precision`` of a system that does not state it."""

_POSITIONS_AFTER_PADDING = {
    *("roberta", "roberta-prelayernorm", "xlm-roberta", "xlm-roberta-xl", "xmod", "camembert"),
    *("data2vec-text", "esm", "ibert", "layoutlmv3", "lilt", "longformer", "luke", "markuplm"),
    "mpnet",
}
"""Families whose position numbers start at the padding id plus 1."""

_TOKENIZER_FILES = (
    "tokenizer*",
    "vocab*",
    "merges*",
    "special_tokens*",
    "added_tokens*",
    "*.model",
)


def read_config(folder: str | Path) -> dict[str, Any]:
    """The content of config.json.

    Raises:
        UserError: if it is missing or not JSON, or if ``folder`` is a file.
    """
    path = Path(folder) / "config.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"{folder}: no checkpoint here (no config.json); fetch it, or correct the folder (it "
            f"is relative to where you run this, {Path.cwd()})"
        ) from None
    except NotADirectoryError:
        raise UserError(
            f"{folder}: a file, and a checkpoint is a folder; give the folder of its config.json"
        ) from None
    except ValueError as error:
        raise UserError(f"{path}: not JSON ({error}); fetch the checkpoint again") from None


def language_ids(folder: str | Path) -> dict[str, int]:
    """The checkpoint's id of each language, from its config.json alone; empty if it has none."""
    return dict(read_config(folder).get("lang2id") or {})


def window_settings(folder: str | Path) -> dict:
    """Settings of the windows that a trained system learnt from; empty if it states none."""
    return dict(read_config(folder).get("lbmrc_windows") or {})


def trained_precision(folder: str | Path) -> str:
    """``training.precision`` of a trained system."""
    return read_config(folder).get("lbmrc_precision", AUTO)


def check_languages(folder: str | Path, languages: Iterable[str]) -> None:
    """Check that the checkpoint has an id for each language; quick, so it can run first.

    Raises:
        UserError: if it has ids for languages, but none for one of ``languages``.
    """
    known = language_ids(folder)
    if known and (unknown := [language for language in languages if language not in known]):
        raise UserError(
            f"{folder}: this checkpoint does not know {', '.join(unknown)}; "
            f"it knows {', '.join(sorted(known))}. Use one of these, or another checkpoint"
        )


def most_tokens(folder: str | Path) -> int | None:
    """The checkpoint's number of positions for tokens; None if it does not state any."""
    config = read_config(folder)
    if (positions := config.get("max_position_embeddings")) is None:
        return None
    if config.get("model_type") in _POSITIONS_AFTER_PADDING:
        padding = config.get("pad_token_id")
        positions -= (1 if padding is None else padding) + 1
    return positions


def check_length(folder: str | Path, max_length: int, key: str = "windows.max_length") -> None:
    """Check that the checkpoint has a position for each token of a window; also quick.

    Args:
        key: the config's key for ``max_length``.

    Raises:
        UserError: if windows are longer than the checkpoint's number of positions.
    """
    positions = most_tokens(folder)
    if positions is not None and max_length > positions:
        raise UserError(
            f"{key}: {max_length} tokens, but {folder} has {positions} positions for them; "
            f"set it to {positions} at most"
        )


def check_phrase_masking(folder: str | Path) -> None:
    """Check that the checkpoint is of the family whose masked-LM head LAKM trains; also quick.

    Raises:
        UserError: if it is not an XLM.
    """
    config = read_config(folder)
    if config.get("model_type") != "xlm" or config.get("asm"):
        raise UserError(
            f"{folder}: LAKM is built for XLM's masked-LM head, and this is a checkpoint of "
            f"{config.get('model_type', 'an unknown family')}; take the systems with `lakm: true` "
            "out, or choose an XLM backbone"
        )


def check_weights(folder: str | Path) -> None:
    """Check that the checkpoint has weights.

    Raises:
        UserError: if there is no file of weights.
    """
    if not any((Path(folder) / name).exists() for name in _WEIGHTS):
        raise UserError(f"{folder}: no weights ({_WEIGHTS[0]}) in this checkpoint; fetch it again")


def load_tokenizer(folder: str | Path) -> "PreTrainedTokenizerBase":
    """Load a checkpoint's tokenizer from its local folder.

    Its ``lang2id`` is the model's if the tokenizer's own files give none.

    Raises:
        UserError: if its files, or a package that it needs, are missing.
    """
    ids_of_languages = language_ids(folder)
    tokenizer_class: Any
    if read_config(folder).get("model_type") == "xlm":
        # AutoTokenizer imports torch, which takes longer than cutting a small file into windows.
        from transformers import XLMTokenizer

        tokenizer_class = XLMTokenizer
    else:
        from transformers import AutoTokenizer

        tokenizer_class = AutoTokenizer

    try:
        tokenizer = tokenizer_class.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
    except (OSError, ImportError, ValueError, TypeError) as error:
        raise UserError(
            f"{folder}: no tokenizer can be loaded ({str(error).strip().splitlines()[0]})"
        ) from error
    if ids_of_languages and not getattr(tokenizer, "lang2id", None):
        tokenizer.lang2id = ids_of_languages
    return tokenizer


def tokenizer_files(folder: str | Path) -> list[Path]:
    """The files of a checkpoint's tokenizer, sorted, to be copied next to trained weights."""
    return sorted({path for pattern in _TOKENIZER_FILES for path in Path(folder).glob(pattern)})

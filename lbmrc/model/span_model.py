"""The pre-trained encoder and its span head: Equation 1's H, u_s, u_e and b.

A checkpoint is a local folder as the hub publishes it, of any family that
``AutoModelForQuestionAnswering`` knows; the paper's is XLM, which that class makes a
``XLMForQuestionAnsweringSimple`` (the plain linear head, not XLM's beam-search head). Weights are
always float32 in memory, whatever the file holds, and come from safetensors or weights-only
loading: no pickle, no remote code. XLM's encoder computes without padding (`lbmrc.model.unpadded`).
"""

import inspect
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from lbmrc.common.errors import UserError

if TYPE_CHECKING:
    from torch import Tensor
    from transformers import PreTrainedModel, PreTrainedTokenizerBase

_WEIGHTS = (
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
)
_TOKENIZER_FILES = (
    "tokenizer*",
    "vocab*",
    "merges*",
    "special_tokens*",
    "added_tokens*",
    "*.model",
)


def load_model(folder: str | Path, head_seed: int | None = None) -> "PreTrainedModel":
    """Load a checkpoint as a span-extraction model in float32, in evaluation mode.

    Args:
        folder: a local checkpoint.
        head_seed: a span head that the checkpoint lacks is drawn from this seed; without it the
            checkpoint must hold a trained head.

    Raises:
        UserError: if files are missing, or the weights are not those that config.json describes.
    """
    folder = Path(folder)
    model_type = _config(folder).get("model_type")
    if not any((folder / name).exists() for name in _WEIGHTS):
        raise UserError(f"{folder}: no weights ({_WEIGHTS[0]}) in this checkpoint; fetch it again")

    import torch
    from safetensors import SafetensorError
    from transformers import AutoModelForQuestionAnswering
    from transformers.utils import logging

    from lbmrc.model.precision import keep_head_in_float32
    from lbmrc.model.unpadded import remove_padding

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if head_seed is not None:
        torch.manual_seed(head_seed)
    try:
        model, found = AutoModelForQuestionAnswering.from_pretrained(
            folder,
            dtype=torch.float32,
            local_files_only=True,
            trust_remote_code=False,
            output_loading_info=True,
        )
    except (OSError, RuntimeError, ValueError, KeyError, SafetensorError) as error:
        raise UserError(
            f"{folder}: not a checkpoint of a model that answers questions "
            f"({str(error).strip().splitlines()[0]})"
        ) from error
    encoder = f"{model.base_model_prefix}."
    missing = sorted(found["missing_keys"])
    if lost := [key for key in missing if key.startswith(encoder)]:
        raise UserError(
            f"{folder}: {len(lost)} weights of the {model_type} encoder are not in the checkpoint "
            f"({lost[0]}, ...); it is not the one that its config.json describes: fetch it again"
        )
    if missing and head_seed is None:
        raise UserError(
            f"{folder}: no span head ({missing[0]}): this is a pre-trained encoder, not a trained "
            "system; train one first"
        )
    remove_padding(model)
    keep_head_in_float32(model)
    return model.eval()


def masked_lm_bias(folder: str | Path) -> "Tensor":
    """The bias of a checkpoint's masked-LM head, float32 (vocabulary,).

    XLM's head is its embeddings, tied, and this bias: nothing else need be kept of it.

    Raises:
        UserError: if the checkpoint is no XLM, or has another head or none.
    """
    folder = Path(folder)
    config = _config(folder)
    if config.get("model_type") != "xlm" or config.get("asm"):
        raise UserError(
            f"{folder}: LAKM is built for XLM's masked-LM head, and this is a checkpoint of "
            f"{config.get('model_type', 'an unknown family')}; take the systems with `lakm: true` "
            "out, or choose an XLM backbone"
        )
    import torch
    from transformers import XLMWithLMHeadModel

    model, found = XLMWithLMHeadModel.from_pretrained(
        folder,
        dtype=torch.float32,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    bias = model.get_output_embeddings().bias
    if any(key.endswith("proj.bias") for key in found["missing_keys"]):
        raise UserError(f"{folder}: no masked-LM head in this checkpoint; LAKM needs one")
    return bias.detach()


def load_tokenizer(folder: str | Path) -> "PreTrainedTokenizerBase":
    """Load a checkpoint's tokenizer from its local folder.

    Its ``lang2id`` is the model's where the tokenizer's own files give none.

    Raises:
        UserError: if its files, or a package that it needs, are missing.
    """
    ids_of_languages = language_ids(folder)
    if _config(Path(folder)).get("model_type") == "xlm":
        # AutoTokenizer imports torch, which takes longer than to cut a small file into windows.
        from transformers import XLMTokenizer as Tokenizer
    else:
        from transformers import AutoTokenizer as Tokenizer

    try:
        tokenizer = Tokenizer.from_pretrained(
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
    """The files that make a checkpoint's tokenizer, sorted: to be copied beside trained weights."""
    return sorted({path for pattern in _TOKENIZER_FILES for path in Path(folder).glob(pattern)})


def pad_id(model: "PreTrainedModel") -> int:
    """The id to fill batches with (some families take positions from it); masked everywhere."""
    own = getattr(model.config, "pad_token_id", None)
    return 0 if own is None else own


def language_ids(folder: str | Path) -> dict[str, int]:
    """The checkpoint's id of each language, from its config.json alone; empty if it has none."""
    return dict(_config(Path(folder)).get("lang2id") or {})


def window_settings(folder: str | Path) -> dict:
    """How the windows were cut that a trained system learnt from; empty if it doesn't say."""
    return dict(_config(Path(folder)).get("lbmrc_windows") or {})


def check_languages(folder: str | Path, languages: Iterable[str]) -> None:
    """See that the checkpoint has an id for each language; quick, so that it can be done first.

    Raises:
        UserError: if it has ids for languages, but none for one of ``languages``.
    """
    known = language_ids(folder)
    if known and (strangers := [language for language in languages if language not in known]):
        raise UserError(
            f"{folder}: this checkpoint does not know {', '.join(strangers)}; "
            f"it knows {', '.join(sorted(known))}. Use one of these, or another checkpoint"
        )


def check_length(folder: str | Path, max_length: int) -> None:
    """See that the checkpoint has a position for each token of a window; quick, too.

    Raises:
        UserError: if windows are longer than the checkpoint's positions.
    """
    positions = _config(Path(folder)).get("max_position_embeddings")
    if positions is not None and max_length > positions:
        raise UserError(
            f"windows.max_length: {max_length} tokens, but {folder} has {positions} positions; "
            f"set it to {positions} at most"
        )


def span_logits(model: "PreTrainedModel", batch: "Mapping[str, Tensor]") -> "tuple[Tensor, Tensor]":
    """Start and end logits z_s, z_e of a batch of windows, each (B, L), padding not masked.

    ``batch`` as ``lbmrc.windows.batches.collate`` makes it: input_ids, mask, langs, segments, each
    (B, L). XLM gets the language of every token; families with segment embeddings (BERT) get
    question and passage as segments 0 and 1.
    """
    out = model(**_inputs(model, batch))
    return out.start_logits, out.end_logits


def hidden_states(model: "PreTrainedModel", batch: "Mapping[str, Tensor]") -> "Tensor":
    """The encoder's H of a batch (Equation 1), (B, L, D); ``batch`` as for `span_logits`."""
    return model.base_model(**_inputs(model.base_model, batch))[0]


def _inputs(model: "PreTrainedModel", batch: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
    inputs = {"input_ids": batch["input_ids"], "attention_mask": batch["mask"].long()}
    if "langs" in inspect.signature(type(model).forward).parameters:
        inputs["langs"] = batch["langs"]
    elif getattr(model.config, "type_vocab_size", 0) > 1:
        inputs["token_type_ids"] = batch["segments"]
    return inputs


def _config(folder: Path) -> dict:
    path = folder / "config.json"
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(
            f"{folder}: no checkpoint here (no config.json); fetch it, or correct the folder (it "
            f"is relative to where you run this, {Path.cwd()})"
        ) from None
    except ValueError as error:
        raise UserError(f"{path}: not JSON ({error}); fetch the checkpoint again") from None

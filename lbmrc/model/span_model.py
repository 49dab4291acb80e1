"""The pre-trained encoder and its span head: Equation 1's H, u_s, u_e and b.

A checkpoint is a local folder in the hub's layout, of any family that
``AutoModelForQuestionAnswering`` supports; the paper's is XLM, which that class loads as
``XLMForQuestionAnsweringSimple`` (the plain linear head, not XLM's beam-search head). Weights are
always float32 in memory, whatever the file holds, and are read from safetensors or weights-only:
no pickle, no remote code. XLM, BERT, RoBERTa and XLM-R compute without padding
(`lbmrc.model.unpadded`).
"""

import inspect
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lbmrc.common.errors import UserError
from lbmrc.model.checkpoint_files import check_phrase_masking, check_weights, read_config

if TYPE_CHECKING:
    from torch import Tensor, nn
    from transformers import PreTrainedModel


_DROPOUTS = (
    *("dropout", "attention_dropout", "embedding_dropout", "mlp_dropout"),
    *("hidden_dropout_prob", "attention_probs_dropout_prob"),
)
"""The families' config keys for the dropout probabilities of their encoders."""


def load_model(
    folder: str | Path, head_seed: int | None = None, dropout: float | None = None
) -> "PreTrainedModel":
    """Load a checkpoint as a span-extraction model in float32, in evaluation mode.

    Args:
        folder: a local checkpoint.
        head_seed: seed for a span head that the checkpoint lacks; without it the checkpoint must
            have a trained head.
        dropout: probability of every dropout in the encoder; by default the checkpoint's own.

    Raises:
        UserError: if files are missing, or the weights are not those that config.json describes.
    """
    folder = Path(folder)
    model_type = read_config(folder).get("model_type")
    check_weights(folder)

    import torch
    from safetensors import SafetensorError
    from transformers import AutoConfig, AutoModelForQuestionAnswering
    from transformers.utils import logging

    from lbmrc.model.precision import keep_head_in_float32
    from lbmrc.model.unpadded import remove_padding

    logging.set_verbosity_error()
    logging.disable_progress_bar()
    if head_seed is not None:
        torch.manual_seed(head_seed)
    try:
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        if dropout is not None:
            for name in _DROPOUTS:
                if hasattr(config, name):
                    setattr(config, name, dropout)
        model, found = AutoModelForQuestionAnswering.from_pretrained(
            folder,
            config=config,
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

    XLM's head consists of its tied embeddings and this bias, so only the bias needs to be kept.

    Raises:
        UserError: if the checkpoint is not an XLM, or has another head or none.
    """
    folder = Path(folder)
    check_phrase_masking(folder)
    import torch
    from transformers import XLMWithLMHeadModel

    # a pair, but annotated as the model alone
    loaded: Any = XLMWithLMHeadModel.from_pretrained(
        folder,
        dtype=torch.float32,
        local_files_only=True,
        trust_remote_code=False,
        output_loading_info=True,
    )
    model, found = loaded
    bias = model.get_output_embeddings().bias
    if any(key.endswith("proj.bias") for key in found["missing_keys"]):
        raise UserError(f"{folder}: no masked-LM head in this checkpoint; LAKM needs one")
    return bias.detach()


def pad_id(model: "PreTrainedModel") -> int:
    """The id that pads batches (some families derive positions from it); always masked."""
    own = getattr(model.config, "pad_token_id", None)
    return 0 if own is None else own


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


def _inputs(model: "nn.Module", batch: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
    inputs = {"input_ids": batch["input_ids"], "attention_mask": batch["mask"].long()}
    if "langs" in inspect.signature(type(model).forward).parameters:
        inputs["langs"] = batch["langs"]
    elif getattr(model.config, "type_vocab_size", 0) > 1:
        inputs["token_type_ids"] = batch["segments"]
    return inputs

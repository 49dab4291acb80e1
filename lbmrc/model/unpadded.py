"""Encoders without padding, of the families XLM, BERT, RoBERTa and XLM-R.

`remove_padding` changes a loaded model so that the windows of a batch are concatenated into one
sequence of tokens for all linear layers and norms, and each window attends to itself alone
(`lbmrc.model.packed`). Parameters, checkpoint files, and the inputs and outputs that this project
uses are those of transformers' class. Dropout applies to the same activations with the same
probabilities, attention weights included; only its random draws differ.
"""

from typing import TYPE_CHECKING

from transformers import BertModel, RobertaModel, XLMModel, XLMRobertaModel

from lbmrc.common.errors import UserError
from lbmrc.model.packed import WithoutPadding
from lbmrc.model.unpadded_bert import UnpaddedBert, UnpaddedRoberta, UnpaddedXLMRoberta
from lbmrc.model.unpadded_xlm import UnpaddedXLM

if TYPE_CHECKING:
    from transformers import PreTrainedModel

_UNPADDED: dict[type, type] = {
    BertModel: UnpaddedBert,
    RobertaModel: UnpaddedRoberta,
    XLMModel: UnpaddedXLM,
    XLMRobertaModel: UnpaddedXLMRoberta,
}


def remove_padding(model: "PreTrainedModel") -> None:
    """Make a loaded encoder compute without padding; other families are left unchanged."""
    encoder = model.base_model
    decodes = getattr(encoder, "causal", False) or getattr(encoder.config, "is_decoder", False)
    if type(encoder) in _UNPADDED and not decodes:
        encoder.__class__ = _UNPADDED[type(encoder)]


def enable_gradient_checkpointing(model: "PreTrainedModel") -> None:
    """Keep only each layer's input for the backward pass, and recompute the layer there.

    Raises:
        UserError: if the model's family does not support it.
    """
    if isinstance(model.base_model, WithoutPadding):
        model.base_model.recompute_layers = True
    elif model.supports_gradient_checkpointing:
        model.activation_checkpointing_enable({"use_reentrant": False})
    else:
        raise UserError(
            f"training.gradient_checkpointing: models of the family {model.config.model_type} "
            "cannot; set it to false"
        )

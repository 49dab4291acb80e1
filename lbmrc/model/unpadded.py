"""XLM's encoder without padding: the same H of Equation 1, computed only for real tokens.

transformers' XLM computes every layer for the padding too and materialises its attention matrices.
`remove_padding` changes a loaded model so that the windows of a batch are concatenated into one
sequence of tokens for all linear layers and norms, and each window attends to itself alone, by
torch's ``scaled_dot_product_attention`` (on a CPU with dropout, where that is slow, by our own
steps). Parameters, checkpoint files, and the inputs and outputs that this project uses are those of
transformers' class. Dropout applies to the same activations with the same probabilities, attention
weights included; only its random draws differ.
"""

from collections.abc import Callable
from functools import cached_property, partial
from itertools import groupby
from typing import TYPE_CHECKING, Any, cast

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint
from transformers import XLMModel
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.xlm.modeling_xlm import MultiHeadAttention, TransformerFFN

from lbmrc.common.errors import UserError
from lbmrc.model.dropout import dropout, dropout_mask

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def remove_padding(model: "PreTrainedModel") -> None:
    """Let a loaded XLM compute without padding; models of other families are left unchanged."""
    if type(model.base_model) is XLMModel and not model.base_model.causal:
        model.base_model.__class__ = UnpaddedXLM


def enable_gradient_checkpointing(model: "PreTrainedModel") -> None:
    """Keep only each layer's input for the backward pass, and recompute the layer there.

    Raises:
        UserError: if the model's family does not support it.
    """
    if isinstance(model.base_model, UnpaddedXLM):
        model.base_model.recompute_layers = True
    elif model.supports_gradient_checkpointing:
        model.activation_checkpointing_enable({"use_reentrant": False})
    else:
        raise UserError(
            f"training.gradient_checkpointing: models of the family {model.config.model_type} "
            "cannot; set it to false"
        )


class UnpaddedXLM(XLMModel):
    """XLMModel with its own forward; created by `remove_padding`."""

    recompute_layers = False

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, langs: Tensor, **others: Any
    ) -> BaseModelOutput:
        """H (B, L, D) of a batch of windows, each input (B, L); 0 where ``attention_mask`` is.

        Raises:
            TypeError: for any other argument of XLMModel: it is not supported.
        """
        others.pop("return_dict", None)
        if given := [name for name, x in others.items() if x is not None and x is not False]:
            raise TypeError(f"an XLM without padding takes no {', '.join(given)}")
        windows = BatchLayout(attention_mask)
        tokens = self.embeddings(windows.gather(input_ids))
        tokens = tokens + self.position_embeddings(windows.positions)
        if self.use_lang_emb and self.n_langs > 1:
            tokens = tokens + self.lang_embeddings(windows.gather(langs))
        tokens = self._drop(self.layer_norm_emb(tokens))
        for layer in range(self.n_layers):
            if self.recompute_layers and self.training:
                tokens = checkpoint(self._layer, layer, tokens, windows, use_reentrant=False)
            else:
                tokens = self._layer(layer, tokens, windows)
        return BaseModelOutput(last_hidden_state=windows.scatter(tokens))

    def _layer(self, number: int, tokens: Tensor, windows: "BatchLayout") -> Tensor:
        # torch annotates the members of a ModuleList as Module
        attention = cast(MultiHeadAttention, self.attentions[number])
        ffn = cast(TransformerFFN, self.ffns[number])
        attended = attend(attention, tokens, windows)
        tokens = self.layer_norm1[number](tokens + self._drop(attended))
        tokens = tokens + self._drop(_feed_forward(ffn, tokens))
        return self.layer_norm2[number](tokens)

    def _drop(self, tokens: Tensor) -> Tensor:
        return dropout(tokens, self.dropout if self.training else 0.0)


class BatchLayout:
    """The positions of the T real tokens of a batch of B windows in its padded (B, L) form."""

    def __init__(self, mask: Tensor):
        self.mask = mask.bool()
        self.places = self.mask.flatten().nonzero().squeeze(-1)
        self.positions = self.places % mask.shape[1]

    def gather(self, padded: Tensor) -> Tensor:
        """(B, L, ...) -> (T, ...)."""
        return padded.flatten(0, 1).index_select(0, self.places)

    def scatter(self, tokens: Tensor) -> Tensor:
        """(T, ...) -> (B, L, ...), 0 in padding."""
        zeros = tokens.new_zeros(self.mask.numel(), *tokens.shape[1:])
        return zeros.index_copy(0, self.places, tokens).unflatten(0, self.mask.shape)

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """(number of windows, tokens of each) for each run of neighbours of the same length."""
        sizes = self.mask.sum(1).tolist()
        return [(len(list(run)), size) for size, run in groupby(sizes) if size]


def _feed_forward(ffn: TransformerFFN, tokens: Tensor) -> Tensor:
    return ffn.lin2(ffn.act(ffn.lin1(tokens)))


def attend(
    attention: MultiHeadAttention,
    tokens: Tensor,
    windows: BatchLayout,
    within: Callable[[Tensor, Tensor, Tensor, BatchLayout, float], Tensor] | None = None,
) -> Tensor:
    """Multi-head self-attention within each window: (T, D) -> (T, D).

    ``within`` is `attend_by_length` or `attend_padded`; the default is the first on a CPU, the
    second elsewhere.
    """
    heads = (attention.n_heads, attention.head_dim)
    projections = (attention.q_lin, attention.k_lin, attention.v_lin)
    q, k, v = (project(tokens).unflatten(-1, heads) for project in projections)
    p = attention.dropout if attention.training else 0.0
    within = within or (attend_by_length if tokens.device.type == "cpu" else attend_padded)
    return attention.out_lin(within(q, k, v, windows, p).flatten(1))


def attend_by_length(q: Tensor, k: Tensor, v: Tensor, windows: BatchLayout, p: float) -> Tensor:
    """Attention over neighbours of equal length, without padding. Each (T, heads, D / heads)."""
    one = F.scaled_dot_product_attention if p == 0 else partial(_attention_with_dropout, p=p)
    parts = (x.split([count * size for count, size in windows.runs]) for x in (q, k, v))
    contexts = []
    for run, *some in zip(windows.runs, *parts, strict=True):
        context = one(*(x.unflatten(0, run).transpose(1, 2) for x in some))
        contexts.append(context.transpose(1, 2).flatten(0, 1))
    return torch.cat(contexts)


def _attention_with_dropout(q: Tensor, k: Tensor, v: Tensor, p: float) -> Tensor:
    """torch's attention on a CPU, where its fast kernel has no dropout, with a faster dropout."""
    weights = torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2), dim=-1)
    return weights.masked_fill(dropout_mask(weights.shape, p), 0) @ (v / (1 - p))


def attend_padded(q: Tensor, k: Tensor, v: Tensor, windows: BatchLayout, p: float) -> Tensor:
    """All windows in one call, for GPUs; only attention is padded, and masked."""
    mask = windows.mask[:, None, None, :]
    q, k, v = (windows.scatter(x).transpose(1, 2) for x in (q, k, v))
    context = F.scaled_dot_product_attention(q, k, v, attn_mask=mask, dropout_p=p)
    return windows.gather(context.transpose(1, 2))

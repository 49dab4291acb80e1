"""XLM's encoder without padding: the same H of Equation 1, computed only for tokens that are there.

transformers' XLM runs every layer over the padding too and writes its attention matrices out.
`pack` makes a loaded model do neither: the windows of a batch become one row of tokens for all
linear layers and norms, and each window attends to itself alone, by torch's
``scaled_dot_product_attention`` (on a CPU with dropout, where that is slow, in steps of our own).
Parameters, checkpoint files and what this project gives and takes of a model stay those of
transformers' class. Dropout falls on the same places with the same probabilities, attention weights
included; only its random draws are others.
"""

from collections.abc import Callable
from functools import cached_property, partial
from itertools import groupby
from typing import TYPE_CHECKING, Any

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint
from transformers import XLMModel
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.xlm.modeling_xlm import MultiHeadAttention, TransformerFFN

from lbmrc.common.errors import UserError
from lbmrc.model.dropout import dropout, dropped

if TYPE_CHECKING:
    from transformers import PreTrainedModel


def pack(model: "PreTrainedModel") -> None:
    """Have a loaded XLM compute without padding; a model of another family stays as it is."""
    if type(model.base_model) is XLMModel and not model.base_model.causal:
        model.base_model.__class__ = PackedXLM


def recompute_layers(model: "PreTrainedModel") -> None:
    """Have a model keep each layer's input alone for the backward pass, and compute it again there.

    Raises:
        UserError: if the model's family has no such way.
    """
    if isinstance(model.base_model, PackedXLM):
        model.base_model.recompute = True
    elif model.supports_gradient_checkpointing:
        model.activation_checkpointing_enable({"use_reentrant": False})
    else:
        raise UserError(
            f"training.gradient_checkpointing: models of the family {model.config.model_type} "
            "cannot; set it to false"
        )


class PackedXLM(XLMModel):
    """XLMModel with a forward of its own; made by `pack`."""

    recompute = False

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, langs: Tensor, **others: Any
    ) -> BaseModelOutput:
        """H (B, L, D) of a batch of windows, each input (B, L); 0 where ``attention_mask`` is.

        Raises:
            TypeError: if ``others`` hold anything: what XLMModel takes besides is not computed.
        """
        others.pop("return_dict", None)
        if given := [name for name, x in others.items() if x is not None and x is not False]:
            raise TypeError(f"an XLM without padding takes no {', '.join(given)}")
        windows = Windows(attention_mask)
        tokens = self.embeddings(windows.packed(input_ids))
        tokens = tokens + self.position_embeddings(windows.positions)
        if self.use_lang_emb and self.n_langs > 1:
            tokens = tokens + self.lang_embeddings(windows.packed(langs))
        tokens = self._drop(self.layer_norm_emb(tokens))
        for layer in range(self.n_layers):
            if self.recompute and self.training:
                tokens = checkpoint(self._layer, layer, tokens, windows, use_reentrant=False)
            else:
                tokens = self._layer(layer, tokens, windows)
        return BaseModelOutput(last_hidden_state=windows.padded(tokens))

    def _layer(self, number: int, tokens: Tensor, windows: "Windows") -> Tensor:
        attended = attend(self.attentions[number], tokens, windows)
        tokens = self.layer_norm1[number](tokens + self._drop(attended))
        tokens = tokens + self._drop(_feed_forward(self.ffns[number], tokens))
        return self.layer_norm2[number](tokens)

    def _drop(self, tokens: Tensor) -> Tensor:
        return dropout(tokens, self.dropout if self.training else 0.0)


class Windows:
    """Where the T tokens of a batch of B windows lie in its (B, L) places."""

    def __init__(self, mask: Tensor):
        self.mask = mask.bool()
        self.places = self.mask.flatten().nonzero().squeeze(-1)
        self.positions = self.places % mask.shape[1]

    def packed(self, padded: Tensor) -> Tensor:
        """(B, L, ...) -> (T, ...)."""
        return padded.flatten(0, 1).index_select(0, self.places)

    def padded(self, packed: Tensor) -> Tensor:
        """(T, ...) -> (B, L, ...), 0 in padding."""
        zeros = packed.new_zeros(self.mask.numel(), *packed.shape[1:])
        return zeros.index_copy(0, self.places, packed).unflatten(0, self.mask.shape)

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """How many windows of how many tokens follow each other."""
        sizes = self.mask.sum(1).tolist()
        return [(len(list(run)), size) for size, run in groupby(sizes) if size]


def _feed_forward(ffn: TransformerFFN, tokens: Tensor) -> Tensor:
    return ffn.lin2(ffn.act(ffn.lin1(tokens)))


def attend(
    attention: MultiHeadAttention,
    tokens: Tensor,
    windows: Windows,
    within: Callable[[Tensor, Tensor, Tensor, Windows, float], Tensor] | None = None,
) -> Tensor:
    """Multi-head self-attention within each window: (T, D) -> (T, D).

    ``within`` is `by_length` or `at_once`; by default the first on a CPU and else the second.
    """
    heads = (attention.n_heads, attention.head_dim)
    projections = (attention.q_lin, attention.k_lin, attention.v_lin)
    q, k, v = (project(tokens).unflatten(-1, heads) for project in projections)
    p = attention.dropout if attention.training else 0.0
    within = within or (by_length if tokens.device.type == "cpu" else at_once)
    return attention.out_lin(within(q, k, v, windows, p).flatten(1))


def by_length(q: Tensor, k: Tensor, v: Tensor, windows: Windows, p: float) -> Tensor:
    """Neighbours of one length at a time: nothing is padded. Each (T, heads, D / heads)."""
    one = F.scaled_dot_product_attention if p == 0 else partial(_attention_with_dropout, p=p)
    parts = (x.split([count * size for count, size in windows.runs]) for x in (q, k, v))
    contexts = []
    for run, *some in zip(windows.runs, *parts, strict=True):
        context = one(*(x.unflatten(0, run).transpose(1, 2) for x in some))
        contexts.append(context.transpose(1, 2).flatten(0, 1))
    return torch.cat(contexts)


def _attention_with_dropout(q: Tensor, k: Tensor, v: Tensor, p: float) -> Tensor:
    """What torch does on a CPU, where its fast attention has no dropout, with a faster dropout."""
    weights = torch.softmax((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2), dim=-1)
    return weights.masked_fill(dropped(weights.shape, p), 0) @ (v / (1 - p))


def at_once(q: Tensor, k: Tensor, v: Tensor, windows: Windows, p: float) -> Tensor:
    """All windows in one call, for GPUs: attention alone is padded, and masked."""
    mask = windows.mask[:, None, None, :]
    padded = (windows.padded(x).transpose(1, 2) for x in (q, k, v))
    context = F.scaled_dot_product_attention(*padded, attn_mask=mask, dropout_p=p)
    return windows.packed(context.transpose(1, 2))

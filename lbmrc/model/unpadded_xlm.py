"""XLM's encoder without padding: the same H of Equation 1, computed only for real tokens.

transformers' XLM computes every layer for the padding too and materialises its attention matrices.
"""

from collections.abc import Callable
from functools import partial
from typing import Any, cast

from torch import Tensor
from transformers import XLMModel
from transformers.modeling_outputs import BaseModelOutput
from transformers.models.xlm.modeling_xlm import MultiHeadAttention, TransformerFFN

from lbmrc.model.dropout import dropout
from lbmrc.model.packed import BatchLayout, WithoutPadding, attend, refuse


class UnpaddedXLM(WithoutPadding, XLMModel):
    """XLMModel with its own forward; created by `lbmrc.model.unpadded.remove_padding`."""

    def forward(
        self, input_ids: Tensor, attention_mask: Tensor, langs: Tensor, **others: Any
    ) -> BaseModelOutput:
        """H (B, L, D) of a batch of windows, each input (B, L); 0 where ``attention_mask`` is.

        Raises:
            TypeError: for any other argument of XLMModel: it is not supported.
        """
        refuse(others)
        windows = BatchLayout(attention_mask)
        tokens = self.embeddings(windows.gather(input_ids))
        tokens = tokens + self.position_embeddings(windows.positions)
        if self.use_lang_emb and self.n_langs > 1:
            tokens = tokens + self.lang_embeddings(windows.gather(langs))
        tokens = self._drop(self.layer_norm_emb(tokens))
        layers = (partial(self._layer, number) for number in range(self.n_layers))
        return BaseModelOutput(
            last_hidden_state=windows.scatter(self.through(layers, tokens, windows))
        )

    def _layer(self, number: int, tokens: Tensor, windows: BatchLayout) -> Tensor:
        # torch annotates the members of a ModuleList as Module
        attention = cast(MultiHeadAttention, self.attentions[number])
        ffn = cast(TransformerFFN, self.ffns[number])
        attended = self_attention(attention, tokens, windows)
        tokens = self.layer_norm1[number](tokens + self._drop(attended))
        tokens = tokens + self._drop(ffn.lin2(ffn.act(ffn.lin1(tokens))))
        return self.layer_norm2[number](tokens)

    def _drop(self, tokens: Tensor) -> Tensor:
        return dropout(tokens, self.dropout if self.training else 0.0)


def self_attention(
    attention: MultiHeadAttention,
    tokens: Tensor,
    windows: BatchLayout,
    within: Callable[[Tensor, Tensor, Tensor, BatchLayout, float], Tensor] = attend,
) -> Tensor:
    """Multi-head self-attention within each window: (T, D) -> (T, D)."""
    heads = (attention.n_heads, attention.head_dim)
    projections = (attention.q_lin, attention.k_lin, attention.v_lin)
    q, k, v = (project(tokens).unflatten(-1, heads) for project in projections)
    p = attention.dropout if attention.training else 0.0
    return attention.out_lin(within(q, k, v, windows, p).flatten(1))

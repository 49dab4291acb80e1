"""The encoders of BERT, RoBERTa and XLM-R without padding: the same H of Equation 1.

The three have the same layers; RoBERTa and XLM-R count positions from the padding id plus 1.
"""

from functools import partial
from typing import Any

import torch
from torch import Tensor, nn
from transformers import BertModel, RobertaModel, XLMRobertaModel
from transformers.modeling_outputs import BaseModelOutput

from lbmrc.model.dropout import dropout
from lbmrc.model.packed import BatchLayout, WithoutPadding, attend, refuse


class UnpaddedBert(WithoutPadding, BertModel):
    """BertModel with its own forward; created by `lbmrc.model.unpadded.remove_padding`."""

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor | None = None,
        **others: Any,
    ) -> BaseModelOutput:
        """H (B, L, D) of a batch of windows, each input (B, L); 0 where ``attention_mask`` is.

        Raises:
            TypeError: for any other argument of BertModel: it is not supported.
        """
        refuse(others)
        windows = BatchLayout(attention_mask)
        return _encode(self, windows, input_ids, token_type_ids, windows.positions)


class _UnpaddedRoberta(WithoutPadding):
    embeddings: Any

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor,
        token_type_ids: Tensor | None = None,
        **others: Any,
    ) -> BaseModelOutput:
        """H (B, L, D), as `UnpaddedBert.forward`."""
        refuse(others)
        windows, embeddings = BatchLayout(attention_mask), self.embeddings
        numbered = embeddings.create_position_ids_from_input_ids(input_ids, embeddings.padding_idx)
        return _encode(self, windows, input_ids, token_type_ids, windows.gather(numbered))


class UnpaddedRoberta(_UnpaddedRoberta, RobertaModel):
    """RobertaModel with its own forward."""


class UnpaddedXLMRoberta(_UnpaddedRoberta, XLMRobertaModel):
    """XLMRobertaModel with its own forward."""


def _encode(
    model: Any,
    windows: BatchLayout,
    input_ids: Tensor,
    token_type_ids: Tensor | None,
    positions: Tensor,
) -> BaseModelOutput:
    """H of windows, inputs (B, L); ``positions`` are those of the real tokens, (T,)."""
    embeddings = model.embeddings
    if token_type_ids is None:
        token_type_ids = torch.zeros_like(input_ids)
    tokens = embeddings.word_embeddings(windows.gather(input_ids))
    tokens = tokens + embeddings.token_type_embeddings(windows.gather(token_type_ids))
    tokens = tokens + embeddings.position_embeddings(positions)
    tokens = _drop(embeddings.dropout, embeddings.LayerNorm(tokens))
    layers = (partial(_layer, layer) for layer in model.encoder.layer)
    return BaseModelOutput(
        last_hidden_state=windows.scatter(model.through(layers, tokens, windows))
    )


def _layer(layer: Any, tokens: Tensor, windows: BatchLayout) -> Tensor:
    attention = layer.attention.self
    heads = (attention.num_attention_heads, attention.attention_head_size)
    projections = (attention.query, attention.key, attention.value)
    q, k, v = (project(tokens).unflatten(-1, heads) for project in projections)
    p = attention.dropout.p if attention.training else 0.0
    tokens = _add(layer.attention.output, attend(q, k, v, windows, p), tokens)
    return _add(layer.output, layer.intermediate(tokens), tokens)


def _add(output: Any, tokens: Tensor, before: Tensor) -> Tensor:
    """A block's output, added to its input and normalised."""
    return output.LayerNorm(_drop(output.dropout, output.dense(tokens)) + before)


def _drop(module: nn.Dropout, tokens: Tensor) -> Tensor:
    return dropout(tokens, module.p if module.training else 0.0)

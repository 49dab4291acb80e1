"""Models of the sizes that the benchmarks speak of, with random weights, and what they compute."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lbmrc.miniworld.models.vocabulary import LANG2ID
from lbmrc.model.flops import forward_flops

if TYPE_CHECKING:
    from transformers import XLMForQuestionAnsweringSimple


@dataclass(frozen=True)
class Shape:
    """An XLM: layers, width D, attention heads, vocabulary."""

    layers: int
    width: int
    heads: int
    vocabulary: int = 30_680

    def build(self, dropout: float = 0.1) -> "XLMForQuestionAnsweringSimple":
        """transformers' own model, attention and all, in training mode."""
        import torch
        from transformers import XLMConfig, XLMForQuestionAnsweringSimple

        torch.manual_seed(0)
        config = XLMConfig(
            vocab_size=self.vocabulary,
            emb_dim=self.width,
            n_layers=self.layers,
            n_heads=self.heads,
            dropout=dropout,
            attention_dropout=dropout,
            gelu_activation=True,
            n_langs=15,
            lang2id=LANG2ID,
            max_position_embeddings=512,
        )
        return XLMForQuestionAnsweringSimple(config).train()

    def flops(self, lengths) -> int:
        """Of one forward pass over windows of these lengths."""
        sizes = [int(n) for n in lengths]
        return forward_flops(self.layers, self.width, sum(sizes), sum(n**2 for n in sizes))


SHAPES = {
    "small": Shape(layers=4, width=256, heads=8),
    "wide": Shape(layers=2, width=1024, heads=8),
    "xlm-15": Shape(layers=12, width=1024, heads=8, vocabulary=95_000),
}

"""Models with random weights in the sizes that the benchmarks use, and their operation counts."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from lbmrc.miniworld.models.vocabulary import LANG2ID
from lbmrc.model.flops import forward_flops

if TYPE_CHECKING:
    from transformers import PreTrainedModel


@dataclass(frozen=True)
class Shape:
    """An encoder: layers, width D, attention heads, vocabulary, family (xlm, bert or xlm-r)."""

    layers: int
    width: int
    heads: int
    vocabulary: int = 30_680
    family: str = "xlm"
    freeze_embeddings: bool = False

    def build(self, dropout: float = 0.1) -> "PreTrainedModel":
        """transformers' own model, including its attention, in training mode."""
        import torch

        torch.manual_seed(0)
        families = {"xlm": self._xlm, "bert": self._bert, "xlm-r": self._xlmr}
        model = families[self.family](dropout)
        model.get_input_embeddings().requires_grad_(not self.freeze_embeddings)
        return model.train()

    def _bert(self, dropout: float) -> "PreTrainedModel":
        from transformers import BertConfig, BertForQuestionAnswering

        return BertForQuestionAnswering(BertConfig(**self._of_bert(dropout)))

    def _xlmr(self, dropout: float) -> "PreTrainedModel":
        from transformers import XLMRobertaConfig, XLMRobertaForQuestionAnswering

        config = XLMRobertaConfig(
            **self._of_bert(dropout), max_position_embeddings=514, type_vocab_size=1
        )
        return XLMRobertaForQuestionAnswering(config)

    def _of_bert(self, dropout: float) -> dict[str, float]:
        return {
            "vocab_size": self.vocabulary,
            "hidden_size": self.width,
            "num_hidden_layers": self.layers,
            "num_attention_heads": self.heads,
            "intermediate_size": 4 * self.width,
            "hidden_dropout_prob": dropout,
            "attention_probs_dropout_prob": dropout,
            "pad_token_id": 2,
        }

    def _xlm(self, dropout: float) -> "PreTrainedModel":
        from transformers import XLMConfig, XLMForQuestionAnsweringSimple

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
        return XLMForQuestionAnsweringSimple(config)

    def flops(self, lengths) -> int:
        """Operations of one forward pass over windows of these lengths."""
        sizes = [int(n) for n in lengths]
        return forward_flops(self.layers, self.width, sum(sizes), sum(n**2 for n in sizes))


PRECISIONS = ("auto", "float32", "bf16")


def ours_in(precision: str) -> str:
    """Our way's name in the tables."""
    return "ours" if precision == "auto" else f"ours, {precision}"


SHAPES = {
    "small": Shape(layers=4, width=256, heads=8),
    "wide": Shape(layers=2, width=1024, heads=8),
    "xlm-15": Shape(layers=12, width=1024, heads=8, vocabulary=95_000),
    "e5-small": Shape(12, 384, heads=12, vocabulary=250_037, family="bert", freeze_embeddings=True),
    "xlm-r-base": Shape(12, 768, heads=12, vocabulary=250_002, family="xlm-r"),
}

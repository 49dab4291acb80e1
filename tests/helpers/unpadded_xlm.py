"""A small XLM as transformers computes it and without padding, and batches for it."""

import torch
from transformers import XLMConfig
from transformers import XLMForQuestionAnsweringSimple as XLM

from lbmrc.model.unpadded import remove_padding
from lbmrc.model.unpadded_xlm import UnpaddedXLM

VOCABULARY = 50
LANGUAGES = 5


def xlm(**settings) -> XLM:
    torch.manual_seed(3)
    defaults = {"dropout": 0.0, "attention_dropout": 0.0, "use_lang_emb": True}
    return XLM(
        XLMConfig(
            vocab_size=VOCABULARY,
            emb_dim=24,
            n_layers=3,
            n_heads=4,
            n_langs=LANGUAGES,
            max_position_embeddings=64,
            embed_init_std=0.5,
            init_std=0.3,
            **(defaults | settings),
        )
    )


def unpadded_xlm(**settings) -> XLM:
    model = xlm(**settings)
    remove_padding(model)
    assert type(model.base_model) is UnpaddedXLM
    return model


def batch(mask: torch.Tensor) -> dict[str, torch.Tensor]:
    draw = torch.Generator().manual_seed(5)
    return {
        "input_ids": torch.randint(14, VOCABULARY, mask.shape, generator=draw).where(mask, 2),
        "mask": mask,
        "langs": torch.randint(LANGUAGES, mask.shape, generator=draw),
        "start": torch.zeros(len(mask), dtype=torch.long),
        "end": mask.sum(1) - 1,
    }


def of_lengths(*sizes: int) -> torch.Tensor:
    return torch.arange(max(sizes)) < torch.tensor(sizes)[:, None]

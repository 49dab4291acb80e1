import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import XLMConfig, XLMModel

from lbmrc.model.flops import forward_flops


@pytest.mark.parametrize(("windows", "length"), [(1, 10), (3, 7)])
def test_the_count_is_that_of_the_products_torch_computes(windows, length):
    config = XLMConfig(vocab_size=20, emb_dim=16, n_layers=2, n_heads=2, n_langs=2)
    model = XLMModel(config).eval()
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.ones((windows, length), dtype=torch.long))
    tokens, squares = windows * length, windows * length**2
    assert counter.get_total_flops() == forward_flops(2, 16, tokens, squares)

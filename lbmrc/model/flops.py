"""Counts the floating-point operations of an encoder: two per multiplication.

It counts the linear layers, with 12·D² weights per layer, and attention's two products of L·L·D for
a window of L tokens; norms, softmax, embeddings and heads are left out.
"""

TRAINING_PASSES = 3
"""A training step costs three forward passes: its own, and gradients of inputs and of weights.
With gradient checkpointing it costs one more: the backward pass computes each layer again."""


def forward_flops(layers: int, width: int, tokens: float, squares: float) -> float:
    """Operations of one forward pass over windows.

    Args:
        layers: of the encoder.
        width: D, the size of a hidden state.
        tokens: the sum of the windows' lengths L, padding not counted.
        squares: the sum of L².
    """
    weights = 12 * layers * width**2
    return 2 * weights * tokens + 4 * layers * width * squares

"""How the synthetic corpus's own checkpoints are made: a tiny XLM and tiny Marian models."""

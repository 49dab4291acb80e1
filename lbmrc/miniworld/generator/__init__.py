"""The generator of the synthetic corpus: facts, names, passages and questions in nine languages."""

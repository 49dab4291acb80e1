"""The synthetic corpus: nine languages, published in the formats of SQuAD, MLQA and XQuAD."""

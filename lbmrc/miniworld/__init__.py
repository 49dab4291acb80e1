"""The embedded world: a small world in nine languages, published as SQuAD, MLQA and XQuAD are."""

"""Before and between runs: what a run takes, whether it can start, why a stage would run again."""

"""Before and between runs: a run's cost, whether it can start, why a stage would run again."""

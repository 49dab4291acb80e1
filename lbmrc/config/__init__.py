"""What an experiment may say: the config as a typed model."""

"""The config of an experiment as a typed model."""

"""How a workflow stage runs: command line, manifest, resuming, devices, code fingerprint."""

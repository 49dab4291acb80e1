"""How a stage of the workflow runs: command line, manifest, resuming, devices, what its code is."""

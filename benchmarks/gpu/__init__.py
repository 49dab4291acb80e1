"""What `benchmarks/gpu.sh` runs: one measured step after the other on a machine with a GPU."""

"""Run by `benchmarks/gpu.sh`: measures one step after the other on a machine with a GPU."""

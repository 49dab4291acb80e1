#!/usr/bin/env bash
# All that is to be measured on a GPU, in at most ten minutes: docs/performance.md, "On a GPU".
#
#   benchmarks/gpu.sh prepare [FOLDER] --xquad XQUAD   with a network: wheels and texts into FOLDER (.gpu)
#   benchmarks/gpu.sh run [FOLDER] [OPTIONS]           on the GPU, without one: see run --help
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
python=${PYTHON:-python3}
export PYTHONPATH=$PWD:$PWD/benchmarks${PYTHONPATH:+:$PYTHONPATH}
half=${1:-}
[ $# -eq 0 ] || shift
folder=.gpu
case ${1:--} in
  -*) ;;
  *) folder=$1; shift ;;
esac
case $half in
  prepare)
    "$python" -m gpu.wheels collect "$folder"
    exec "$python" -m gpu.texts "$folder" "$@"
    ;;
  run)
    "$python" -m gpu.wheels install "$folder"
    export PYTHONPATH=$PYTHONPATH:$folder/site HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false
    # the check for a GPU must not start CUDA before the steps' processes are forked
    export PYTORCH_NVML_BASED_CUDA_CHECK=1
    exec "$python" -m gpu.run "$folder" "$@"
    ;;
  *)
    sed -n '2,5s/^# \{0,1\}//p' benchmarks/gpu.sh
    exit 2
    ;;
esac

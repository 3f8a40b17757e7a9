#!/bin/sh
# Leaves of a folder of Python packages what the TensorFlow.js binding is built against: TensorFlow's libraries, headers and
# descriptions, and CUDA's libraries.
set -eu
cd "$1"
find . -mindepth 1 -maxdepth 1 ! -name tensorflow ! -name nvidia ! -name 'tensorflow*.dist-info' \
  ! -name 'nvidia_*.dist-info' -exec rm -rf {} +
find tensorflow -mindepth 1 -maxdepth 1 ! -name 'libtensorflow_*' ! -name include ! -name python -exec rm -rf {} +
# Says whether this is a build with CUDA.
find tensorflow/python -type f ! -path tensorflow/python/platform/build_info.py -delete
find tensorflow/python -type d -empty -delete

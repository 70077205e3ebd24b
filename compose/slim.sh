#!/bin/sh
# Takes out of a folder of packages what they test themselves with, and other people's tools: a tenth of it.
set -eu
cd "$1"
for package in joblib numpy pandas pyarrow scipy sklearn statsmodels; do
  [ ! -d "$package" ] || find "$package" -type d -name tests -prune -exec rm -rf {} +
done
rm -rf onnx/backend/test onnxruntime/quantization onnxruntime/tools onnxruntime/transformers sqlalchemy/testing
rm -f onnxruntime/capi/libonnxruntime.so.*  # the whole runtime a second time, for programs in C

#!/usr/bin/env bash
# Tokens per second of an engine in a worker process as a share of the same engine in the measuring process, at 1, 4 and
# 16 streams, on a 134 M-parameter-shaped Q8_0 model with random weights. Blocks of both alternate. Exits with 1 if the
# limit of 0.97 is missed.
#
#   tools/bench/worker.sh [pairs of blocks]
#
# THREADS=n sets the threads of a step (default: all cores).
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
cp=$(class_path cli)
distribution
random_model
"$java" -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xmx512m --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -cp "$cp" dev.millrace.bench.WorkerDecode "$model" "${THREADS:-$(nproc)}" \
    "${1:-20}" "${MILLRACE_HOME:-$HOME/.millrace}"

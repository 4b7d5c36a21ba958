#!/usr/bin/env bash
# Tokens per second that arrive at a client over HTTP streaming, client on the same cores, as a share of what a bare
# llama_decode loop makes: blocks of both kinds alternate on the server's engine thread, so that both see the same
# machine. On a 134 M-parameter-shaped Q8_0 model with random weights; the first streams of each round warm up.
#
#   tools/bench/http.sh [rounds]
#
# THREADS=n sets the threads of a step (default: all cores).
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
cp=$(class_path cli)
random_model
"$java" -XX:+UseSerialGC -Xmx1g -cp "$cp" dev.millrace.bench.HttpDecode "$model" "${THREADS:-$(nproc)}" "${1:-3}"

#!/usr/bin/env bash
# The whole engine on llama.cpp, on a 134 M-parameter-shaped Q8_0 model with random weights.
#
#   tools/bench/engine.sh cost [rounds]       aggregate decode tokens/s against a bare llama_decode loop, in turns
#   tools/bench/engine.sh fairness [rounds]   gap between tokens of a stream beside a 4,000-token prompt
#   tools/bench/engine.sh prefix [rounds]     first token with a 2,000-token prefix that a running request shares
#
# THREADS=n sets the threads of a step (default: all cores).
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
[ $# -ge 1 ] || { sed -n '2,9s/^# \{0,1\}//p' "$0"; exit 2; }
cp=$(class_path llama)
random_model
run() { "$java" --enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -Xmx1g -cp "$cp" "$@"; }
run dev.millrace.llama.bench.EngineBench "$1" "$model" "${THREADS:-$(nproc)}" "${2:-3}"

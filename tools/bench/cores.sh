#!/usr/bin/env bash
# What two models in memory do to each other when both answer: sharing the cores as a server lets them, not sharing,
# with half of the threads each,
# and one alone, on a 134 M-parameter-shaped Q8_0 model with random weights. Exits with 1 if sharing does not pay.
#
#   tools/bench/cores.sh [rounds]     default 10
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
cp=$(class_path cli)
distribution
random_model
"$java" -XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xmx512m --enable-native-access=ALL-UNNAMED \
    --sun-misc-unsafe-memory-access=allow -cp "$cp" dev.millrace.bench.TwoModels "$model" "${1:-10}" \
    "${MILLRACE_HOME:-$HOME/.millrace}"

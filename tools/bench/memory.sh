#!/usr/bin/env bash
# What a worker was expected to take and what it takes, with the built-in demo model and a 134 M-parameter-shaped Q8_0
# model with random weights, at several contexts and numbers of slots, all caches filled. Exits with 1 if an expectation
# is not within -10 % to +30 % of what was taken at most.
#
#   tools/bench/memory.sh [GGUF file ...]
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
cp=$(class_path cli)
distribution
if [ "$#" = 0 ]; then
    random_model
    set -- "$root/tools/demo-model/millrace-demo.gguf" "$model"
fi
"$java" -XX:+UseSerialGC -Xmx256m --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -cp "$cp" \
    dev.millrace.bench.WorkerMemory "${MILLRACE_HOME:-$HOME/.millrace}" "$@"

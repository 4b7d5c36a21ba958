#!/usr/bin/env bash
# Clients that leave while queued, in prefill and in decode, on real llama.cpp with a 134 M-parameter-shaped model: how
# soon the slot is free, and whether the accounts go back to zero.
#
#   tools/bench/disconnects.sh [rounds]     default 200 in each phase
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
port=${PORT:-18433}
cp=$(class_path cli)
random_model
start_server --model "$model" --set "engine.threads=${THREADS:-$(nproc)}" --set engine.slots=4 --set engine.context=4096
"$java" -XX:+UseSerialGC -Xmx256m -cp "$cp" dev.millrace.bench.Disconnects "$port" "${1:-200}" 4
stop_server

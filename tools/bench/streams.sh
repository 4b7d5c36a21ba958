#!/usr/bin/env bash
# Many streams at once on the simulated engine: nothing lost, doubled or reordered, every usage exact.
#
#   tools/bench/streams.sh [streams]     default 1000, 50 tokens each, 20 ms apart
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
streams=${1:-1000}
port=${PORT:-18432}
cp=$(class_path cli)
start_server --engine simulated --set "limits.in-flight=$streams"
"$java" -XX:+UseSerialGC -Xmx512m -cp "$cp" dev.millrace.bench.ManyStreams "$port" "$streams" simulated/stream 50 "$server"
stop_server

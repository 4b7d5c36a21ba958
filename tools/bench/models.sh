#!/usr/bin/env bash
# Models that come and go, over HTTP against a running server. Each prints its figures and exits with 1 if a limit is
# missed or an answer is wrong.
#
#   tools/bench/models.sh cold [starts]     first token of the demo model from nothing, and where the time goes (30)
#   tools/bench/models.sh cycles [n]        load, ask and unload the demo model: what the server holds after it (300)
#   tools/bench/models.sh stub [n]          the same on the simulated engine (10000)
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
[ $# -ge 1 ] || { sed -n '2,/^set/s/^# \{0,1\}//p' "$0"; exit 2; }
port=${PORT:-18436}
cp=$(class_path cli)
bench() {
    local program=$1
    shift
    "$java" -XX:+UseSerialGC -Xmx256m -cp "$cp" "dev.millrace.bench.$program" "$@"
}

cold() {
    start_server
    bench ColdStarts "$port" "${1:-30}" millrace-demo
}

cycles() {
    start_server
    bench LoadCycles "$port" "$server" "${1:-300}" millrace-demo workers
}

stub() {
    start_server --engine simulated --model simulated/0ms --set log.requests=failed
    bench LoadCycles "$port" "$server" "${1:-10000}" simulated/0ms inside
}

case $1 in
    cold | cycles | stub) "$@" ;;
    *) echo "$1: unknown (expected: cold, cycles or stub)" >&2; exit 2 ;;
esac

#!/usr/bin/env bash
# Models that come and go, over HTTP against a running server. Each prints its figures and exits with 1 if a limit is
# missed or an answer is wrong.
#
#   tools/bench/models.sh cold [starts]     first token of the demo model from nothing, and where the time goes (30)
#   tools/bench/models.sh cycles [n]        load, ask and unload the demo model: what the server holds after it (300)
#   tools/bench/models.sh stub [n]          the same on the simulated engine, n in the server and n/20 in workers (10000)
#   tools/bench/models.sh swap [loads]      three models and memory for one: waits, loads, fairness (40)
#   tools/bench/models.sh beside [rounds]   answers of one model while another loads: a simulated load of 5 s, real ones (5)
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
    local n=${1:-10000} status=0
    start_server --engine simulated --model simulated/0ms
    bench LoadCycles "$port" "$server" "$n" simulated/0ms inside || status=1
    stop_server
    start_server --engine simulated --model simulated/0ms --set engine.worker=true
    bench LoadCycles "$port" "$server" $(((n + 19) / 20)) simulated/0ms workers || status=1
    return "$status"
}

swap() {
    random_model
    home=$(mktemp -d)
    trap 'rm -rf "$home"' EXIT
    mkdir -p "$home/models"
    ln -s "${MILLRACE_HOME:-$HOME/.millrace}/natives" "$home/natives"
    ln -s "$model" "$home/models/random-134m.gguf"
    "$java" -Xmx256m -cp "$(class_path llama)" dev.millrace.llama.SyntheticGguf "$home/models/random-tiny.gguf" tiny
    MILLRACE_HOME=$home start_server --set models.most=1
    trap 'stop_server; rm -rf "$home"' EXIT
    bench SwapStorm "$port" "${1:-40}" "$work/server.out" millrace-demo random-tiny random-134m
}

beside() {
    local rounds=${1:-5} status=0
    random_model
    start_server --engine simulated --model simulated/stream
    bench BesideLoads "$port" "$rounds" simulated/stream simulated/slow-load 20 10 || status=1
    stop_server
    start_server --model "$model"
    bench BesideLoads "$port" "$rounds" "$(basename "$model" .gguf)" millrace-demo 2 16 || status=1
    return "$status"
}

case $1 in
    cold | cycles | stub | swap | beside) "$@" ;;
    *) echo "$1: unknown (expected: cold, cycles, stub, swap or beside)" >&2; exit 2 ;;
esac

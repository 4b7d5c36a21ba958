#!/usr/bin/env bash
# kill -9 of a model's worker at random tokens of eight live streams, again and again, on the built-in demo model: what
# the streams' clients see, how soon the model answers again, and what is left. Then SIGSTOP while another model keeps
# answering, and kill -9 of the server itself: its workers have to be gone within two seconds.
#
#   tools/bench/chaos.sh [rounds]     default 200
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
port=${PORT:-18435}
cp=$(class_path cli)
home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
mkdir -p "$home/models"
ln -s "${MILLRACE_HOME:-$HOME/.millrace}/natives" "$home/natives"
cp "$root/tools/demo-model/millrace-demo.gguf" "$home/models/second.gguf"
MILLRACE_HOME=$home start_server --set engine.slots=4
trap 'stop_server; rm -rf "$home"' EXIT
status=0
"$java" -XX:+UseSerialGC -Xmx256m -cp "$cp" dev.millrace.bench.Chaos "$port" "$server" "${1:-200}" millrace-demo second \
    "${SEED:-1}" || status=1

workers=$(pgrep -P "$server" | tr '\n' ' ')
# True while a process runs. One that has ended stays in /proc until its new parent, which is not ours, asks about it.
runs() {
    local line
    while read -r line; do
        case $line in State:*[ZX]*) return 1 ;; State:*) return 0 ;; esac
    done 2>/dev/null <"/proc/$1/status"
    return 1
}
started=$(date +%s%N)
kill -9 "$server"
for _ in $(seq 200); do
    alive=0
    for pid in $workers; do runs "$pid" && alive=1; done
    [ "$alive" = 1 ] || break
    sleep 0.01
done
echo "server killed: workers $workers gone after $((($(date +%s%N) - started) / 1000000)) ms"
[ "$alive" = 0 ] || { echo "WORKERS LEFT"; status=1; }
exit "$status"

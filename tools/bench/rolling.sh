#!/usr/bin/env bash
# Restarts servers one after another under a steady load, and counts what clients lose, which has to be nothing:
# first three model servers (simulated) behind one gateway, then three gateways behind haproxy with the configuration
# of deploy/haproxy. Exits with 1 if any request failed.
#
#   tools/bench/rolling.sh [all|servers|gateways] [rounds] [requests/s]     default: all 2 200
#
# Needs haproxy. RESTS: seconds between two restarts (default 2). Everything shares the cores of one machine, where a server
# that starts takes them from those that answer: queues and pools are wide, so that this makes requests slow but no
# failures. What is measured is what restarts lose.
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
what=${1:-all} rounds=${2:-2} rate=${3:-200} rests=${RESTS:-2}
server_ports=(18441 18442 18443) gateway_ports=(18451 18452 18453) front=18460
dir=$work/rolling
rm -rf "$dir"
mkdir -p "$dir"
declare -A pid_of=()
helper='' driver=''

fail() { echo "rolling.sh: $*" >&2; exit 1; }

# shellcheck disable=SC2317 # the trap calls it
tidy() {
    touch "$dir/end"
    local pid
    for pid in "${pid_of[@]}" $helper $driver; do kill "$pid" 2> /dev/null || true; done
    wait
}
trap tidy EXIT

# Waits until PORT answers that it is ready, or CODE at PATH.
await_ready() {
    local i
    for ((i = 0; i < 600; i++)); do
        curl -fs -o /dev/null "http://127.0.0.1:$1/health/ready" && return 0
        sleep 0.1
    done
    cat "$dir/$1.log" >&2
    fail "nothing is ready on port $1"
}

# start PORT FLAG...: starts Millrace there and remembers how; again PORT: the same once more.
start() {
    local port=$1
    shift
    printf '%s\0' "$@" > "$dir/$port.flags"
    again "$port"
}

again() {
    local flags
    mapfile -d '' flags < "$dir/$1.flags"
    env -u MILLRACE_BENCH_DIR MILLRACE_JAVA_OPTS='-Xmx256m -XX:TieredStopAtLevel=1' "$root/millrace" serve \
        --port "$1" --set log.requests=failed --set limits.in-flight=2000 "${flags[@]}" >> "$dir/$1.log" 2>&1 &
    pid_of[$1]=$!
    await_ready "$1"
}

# SIGTERM, a clean end, and a start at the same address: for each of the ports.
restart_all() {
    local port status started
    for port in "$@"; do
        sleep "$rests"
        started=$(date +%s%N)
        kill -TERM "${pid_of[$port]}"
        status=0
        wait "${pid_of[$port]}" || status=$?
        [ "$status" = 0 ] || fail "the server on $port ended with $status"
        printf 'port %s: ended after %s ms, ' "$port" "$((($(date +%s%N) - started) / 1000000))"
        again "$port"
        printf 'ready after %s ms\n' "$((($(date +%s%N) - started) / 1000000))"
    done
}

# under_load PORT PORT...: load on the first, restarts of the others.
under_load() {
    local at=$1 round
    shift
    rm -f "$dir/end"
    "$java" -XX:+UseSerialGC -Xmx256m -cp "$cp" dev.millrace.bench.Rolling "http://127.0.0.1:$at" simulated/5ms \
        "$rate" "$dir/end" &
    driver=$!
    sleep 10 # everything is compiled by then
    for ((round = 0; round < rounds; round++)); do restart_all "$@"; done
    sleep "$rests"
    touch "$dir/end"
    wait "$driver" || failed=1
    driver=''
}

servers() {
    local port upstreams=()
    for port in "${server_ports[@]}"; do
        start "$port" --engine simulated --model simulated/5ms
        upstreams+=(--upstream "s$port=http://127.0.0.1:$port")
    done
    start "${gateway_ports[0]}" --model none "${upstreams[@]}" --set gateway.probe-interval=500ms \
        --set pool.size=2000 --set pool.acquire-timeout=10s --set timeouts.connect=10s --set timeouts.lame-duck=5s
}

gateways() {
    local port
    for port in "${gateway_ports[@]:1}"; do
        local flags
        mapfile -d '' flags < "$dir/${gateway_ports[0]}.flags"
        start "$port" "${flags[@]}"
    done
    echo 'Bearer rolling' > "$dir/keys"
    # Plain, on a port of this test, with these gateways for those of the example.
    for port in "${gateway_ports[@]}"; do echo "    server g$port 127.0.0.1:$port"; done > "$dir/servers"
    sed -e 's/maxconn 20000/maxconn 4000/' -e "s/bind :443 .*/bind 127.0.0.1:$front/" -e "s|/etc/haproxy/keys|$dir/keys|" -e '/^frontend stats/,$d' \
        -e "/^    default-server /r $dir/servers" -e '/^    server gateway-/d' \
        "$root/deploy/haproxy/haproxy.cfg" > "$dir/haproxy.cfg"
    haproxy -f "$dir/haproxy.cfg" > "$dir/haproxy.log" 2>&1 &
    helper=$!
    sleep 2
    kill -0 "$helper" || { cat "$dir/haproxy.log" >&2; fail "haproxy did not start"; }
}

failed=0
command -v haproxy > /dev/null || fail "needs haproxy"
cp=$(class_path cli)
env -u MILLRACE_BENCH_DIR "$root/millrace" --version > /dev/null
servers
if [ "$what" != gateways ]; then
    echo "three model servers behind a gateway, restarted one after another, $rounds rounds, $rate requests/s:"
    under_load "${gateway_ports[0]}" "${server_ports[@]}"
fi
if [ "$what" != servers ]; then
    gateways
    echo "three gateways behind haproxy, restarted one after another, $rounds rounds, $rate requests/s:"
    under_load "$front" "${gateway_ports[@]}"
fi
exit "$failed"

#!/usr/bin/env bash
# Serving overhead: Millrace over its simulated 5 ms engine next to a bare Vert.x responder with the same timer and an
# answer of the same size, both on this machine, the load generator beside them. Rounds are interleaved.
#
#   tools/bench/overhead.sh [rounds] [seconds]     default 3 rounds of 5 s; needs wrk (Debian package wrk)
#
# rps x 5 ms / connections is the efficiency; us/req is the server process's CPU time per request, the steadier figure on
# a machine that is not quiet.
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
command -v wrk >/dev/null || { echo "wrk is missing: apt-get install wrk" >&2; exit 1; }
rounds=${1:-3} seconds=${2:-5}
steps=${STEPS:-1 10 20 50 100 200}
read -ra flags <<<"${BENCH_JAVA_FLAGS:--XX:+UseParallelGC -Xms128m -Xmx256m -XX:+UseCompactObjectHeaders}"
cp=$(class_path server)
work=$(mktemp -d)
millrace_pid='' bare_pid=''
cleanup() {
    for pid in $bare_pid $millrace_pid; do kill "$pid" 2>/dev/null || true; done
    rm -rf "$work"
}
trap cleanup EXIT

body='{"model":"simulated/5ms","messages":[{"role":"system","content":"You are a helpful assistant that answers in one short paragraph and names its sources when it has any."},{"role":"user","content":"How does continuous batching keep a long prompt from freezing the streams beside it?"}],"temperature":0.2,"max_tokens":64,"seed":42}'
cat > "$work/post.lua" <<LUA
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [[$body]]
done = function(s, l, r)
    io.write(string.format("RESULT %.1f %.3f %.3f %d\n", s.requests / (s.duration / 1e6), l:percentile(50) / 1e3,
        l:percentile(99) / 1e3, s.errors.connect + s.errors.read + s.errors.write + s.errors.status + s.errors.timeout))
end
LUA

MILLRACE_LIMITS_IN_FLIGHT=1000 MILLRACE_LOG_REQUESTS=${LOG_REQUESTS:-all} \
    "$java" "${flags[@]}" -cp "$cp" dev.millrace.server.bench.SimulatedServer 8871 > "$work/millrace.log" 2>&1 &
millrace_pid=$!
for _ in $(seq 100); do
    curl -sf -o "$work/answer" -H 'content-type: application/json' -d "$body" \
        http://127.0.0.1:8871/v1/chat/completions && break
    sleep 0.2
done
echo "answer: $(wc -c < "$work/answer") bytes"
"$java" "${flags[@]}" -cp "$cp" dev.millrace.server.bench.BareResponder 8872 5 "$work/answer" > "$work/bare.log" 2>&1 &
bare_pid=$!
for _ in $(seq 100); do
    curl -sf -o /dev/null -d x http://127.0.0.1:8872/ && break
    sleep 0.2
done

cpu_ticks() { awk '{print $14 + $15}' "/proc/$1/stat"; }
measure() { # name pid port connections seconds
    local before after result
    before=$(cpu_ticks "$2")
    result=$(wrk -t1 -c"$4" -d"$5s" -s "$work/post.lua" "http://127.0.0.1:$3/v1/chat/completions" | grep RESULT)
    after=$(cpu_ticks "$2")
    echo "$result" | awk -v name="$1" -v c="$4" -v s="$5" -v ticks=$((after - before)) \
        '{printf "%-9s c=%-4d rps=%-9.1f p50=%-8.3f p99=%-8.3f efficiency=%.3f us/req=%.1f errors=%d\n", name, c, $2, $3, $4, $2 * 0.005 / c, ticks * 10000 / ($2 * s), $5}'
}

measure bare "$bare_pid" 8872 50 "${WARMUP:-10}" > /dev/null
measure millrace "$millrace_pid" 8871 50 "${WARMUP:-10}" > /dev/null
for _ in $(seq "$rounds"); do
    for c in $steps; do
        measure bare "$bare_pid" 8872 "$c" "$seconds"
        measure millrace "$millrace_pid" 8871 "$c" "$seconds"
    done
done | tee "$work/lines"
echo
echo "medians over $rounds rounds:"
for c in $steps; do
    median() { grep "^$1 .*c=$c " "$work/lines" | sed 's/.*rps=\([0-9.]*\).*/\1/' | sort -n | awk '{a[NR]=$1} END {print a[int((NR + 1) / 2)]}'; }
    awk -v c="$c" -v b="$(median bare)" -v m="$(median millrace)" \
        'BEGIN {printf "c=%-4d bare=%-9.1f millrace=%-9.1f share=%.3f\n", c, b, m, m / b}'
done

#!/usr/bin/env bash
# Measures the gateway against nginx and haproxy on the same path to the same trivial upstream.
#
#   gateway.sh proxy [SECONDS] [ROUNDS]   requests/s and latency of direct, nginx, haproxy, millrace; in turns, by chance
#   gateway.sh faults [REQUESTS] [WORKERS]  a fifth of what upstreams answer are failures: every one accounted for
#
# The first needs nginx, haproxy and wrk. Load, gateway and upstream share the cores, so only ratios within one run mean anything.
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
conf=$root/tools/bench/gateway
dir=$work/gateway
mkdir -p "$dir"
upstream=9801 nginx_port=9802 haproxy_port=9803 port=9804
pids=()

need() {
    local tool
    for tool in "$@"; do
        command -v "$tool" > /dev/null || { echo "needs $tool: apt-get install nginx haproxy wrk" >&2; exit 2; }
    done
}

fill() {
    local text="The quick brown fox jumps over the lazy dog. "
    local answer='{"id":"chatcmpl-0123456789abcdef","object":"chat.completion","created":1767225600,"model":"demo",'
    answer+='"choices":[{"index":0,"message":{"role":"assistant","content":"'
    answer+=$text$text$text$text$text$text$text$text
    answer+='"},"logprobs":null,"finish_reason":"stop"}],'
    answer+='"usage":{"prompt_tokens":96,"completion_tokens":80,"total_tokens":176}}'
    sed -e "s|@DIR@|$dir|g" -e "s|@UPSTREAM@|$upstream|g" -e "s|@NGINX@|$nginx_port|g" \
        -e "s|@HAPROXY@|$haproxy_port|g" -e "s|@ANSWER@|$answer|g" "$conf/$1" > "$dir/$1"
}

peers() {
    fill nginx-upstream.conf
    fill nginx-proxy.conf
    fill haproxy.cfg
    nginx -c "$dir/nginx-upstream.conf" & pids+=($!)
    nginx -c "$dir/nginx-proxy.conf" & pids+=($!)
    haproxy -f "$dir/haproxy.cfg" > "$dir/haproxy.log" 2>&1 & pids+=($!)
}

stop_peers() {
    for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null || true; done
    stop_server
}

# One measurement: NAME PORT CONNECTIONS SECONDS; appends a line to the raw file.
measure() {
    local line
    line=$(wrk -t1 -c"$3" -d"$4s" -s "$conf/post.lua" "http://127.0.0.1:$2/v1/chat/completions" | grep RESULT)
    echo "$1 $3 ${line#RESULT }" | tee -a "$raw"
}

proxy() {
    local seconds=${1:-3} rounds=${2:-5}
    need nginx haproxy wrk
    raw=$dir/proxy-$(date +%Y%m%d-%H%M%S).txt
    peers
    start_server --model none --upstream "bench=http://127.0.0.1:$upstream" --set pool.size=1024 \
        --set limits.in-flight=2000 --set log.requests=failed
    trap stop_peers EXIT
    echo "warming up" >&2
    for c in 20 100 20; do
        wrk -t1 -c$c -d10s -s "$conf/post.lua" "http://127.0.0.1:$port/v1/chat/completions" > /dev/null
    done
    echo "# name connections requests/s p50_us p99_us requests errors" | tee "$raw"
    for ((round = 0; round < rounds; round++)); do
        for c in 1 20 100; do
            for peer in $(printf '%s\n' direct nginx haproxy millrace | shuf); do
                case $peer in
                    direct) measure direct $upstream $c "$seconds" ;;
                    nginx) measure nginx $nginx_port $c "$seconds" ;;
                    haproxy) measure haproxy $haproxy_port $c "$seconds" ;;
                    millrace) measure millrace $port $c "$seconds" ;;
                esac
            done
        done
    done
    awk -f "$conf/summary.awk" "$raw"
    echo "raw: $raw"
}

faults() {
    local classes
    classes=$(class_path cli)
    env -u MILLRACE_BENCH_DIR "$root/millrace" --version > /dev/null
    "$java" -Xmx512m -cp "$classes" dev.millrace.bench.InjectedErrors "$root" "${1:-20000}" "${2:-20}" "${SEED:-7}"
}

case ${1:-} in
    proxy) shift; proxy "$@" ;;
    faults) shift; faults "$@" ;;
    *) sed -n '2,8s/^# \{0,1\}//p' "$0"; exit 2 ;;
esac

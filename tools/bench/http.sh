#!/usr/bin/env bash
# Decode rate through HTTP streaming, client on the same cores, against a bare llama_decode loop in the same run, on a
# 134 M-parameter-shaped Q8_0 model with random weights.
#
#   tools/bench/http.sh [rounds]
set -euo pipefail
# shellcheck source=tools/bench/common.sh
. "$(dirname "$0")/common.sh"
rounds=${1:-3}
threads=${THREADS:-$(nproc)}
port=${PORT:-18431}
llama_cp=$(class_path llama)
cli_cp=$(class_path cli)
random_model
flags=(--enable-native-access=ALL-UNNAMED -XX:+UseSerialGC -Xmx1g)
raw=$work/http-decode.txt
: > "$raw"
for _ in $(seq "$rounds"); do
    "$java" "${flags[@]}" -cp "$llama_cp" dev.millrace.llama.bench.EngineBench bare "$model" "$threads" 1 |
        grep '^bare' | tee -a "$raw"
    start_server --model "$model" --set "engine.threads=$threads" --set engine.slots=16 --set engine.context=2048
    for streams in 1 4 16 1 4 16; do   # the first pass warms the server up and is dropped
        "$java" "${flags[@]}" -cp "$cli_cp" dev.millrace.bench.StreamRate "$port" "$streams" 150
    done | tail -n 3 | tee -a "$raw"
    stop_server
done
awk '
    function median(list, n,   i, j, t, a) {
        split(list, a, " ")
        for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j-1] + 0 > a[j] + 0; j--) { t = a[j]; a[j] = a[j-1]; a[j-1] = t }
        return n % 2 ? a[(n + 1) / 2] : (a[n / 2] + a[n / 2 + 1]) / 2
    }
    { values[$1, $2] = values[$1, $2] " " $3; count[$1, $2]++ }
    END {
        for (s = 1; s <= 16; s *= 4) {
            bare = median(values["bare", s], count["bare", s]); http = median(values["http", s], count["http", s])
            printf "streams %2d  bare %.2f  over HTTP %.2f tok/s  ratio %.3f (limit 0.85)\n", s, bare, http, http / bare
            if (http / bare < 0.85) missed = 1
        }
        print missed ? "LIMIT MISSED" : "limit met"
        exit missed
    }' "$raw"

# shellcheck shell=bash disable=SC2034,SC2154
# Shared by the benchmark scripts: where things are, and how to get a class path. Sourced, not run.
shopt -s inherit_errexit # a build that fails inside $(class_path …) is to end the script
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
work=${MILLRACE_BENCH_DIR:-${MILLRACE_HOME:-$HOME/.millrace}/bench}
mkdir -p "$work"

# A JDK 25: the launcher finds more places, these are enough for a benchmark.
jdk_home() {
    local home
    for home in "${MILLRACE_JAVA_HOME:-}" "${JAVA_HOME:-}" /usr/lib/jvm/*; do
        if [ -x "$home/bin/javac" ] && grep -q '^JAVA_VERSION="25' "$home/release" 2>/dev/null; then
            printf '%s' "$home"
            return 0
        fi
    done
    echo "no JDK 25 found; set JAVA_HOME" >&2
    return 1
}
java=$(jdk_home)/bin/java

# Compiles a module with its tests and prints the class path that runs them.
class_path() {
    local module=$1 file="$work/$1.classpath"
    (cd "$root" && mvn -q -B -pl "$module" -am test-compile dependency:build-classpath \
        -Dmdep.includeScope=test -Dmdep.outputFile="$work/classpath.tmp" -Dspotless.check.skip >&2)
    mv "$work/classpath.tmp" "$file"
    printf '%s:%s:%s' "$root/$module/target/test-classes" "$root/$module/target/classes" "$(cat "$file")"
}

# Starts a server on $port with the given flags and waits until it is ready; its process id is in $server.
start_server() {
    # A build may take minutes on a busy machine, and is not what the waiting below is for.
    env -u MILLRACE_BENCH_DIR "$root/millrace" --version > /dev/null
    env -u MILLRACE_BENCH_DIR "$root/millrace" serve --port "$port" "$@" > "$work/server.out" 2>&1 &
    server=$!
    trap stop_server EXIT
    local i
    for ((i = 0; i < 3000; i++)); do
        curl -fs -o /dev/null "http://127.0.0.1:$port/health/ready" && return 0
        kill -0 "$server" 2>/dev/null || break
        sleep 0.1
    done
    cat "$work/server.out" >&2
    return 1
}

stop_server() {
    trap - EXIT
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
}

# Builds the distribution and its fast-start caches, for benchmarks that start workers without a server.
distribution() {
    env -u MILLRACE_BENCH_DIR "$root/millrace" run 'Hello' > /dev/null
}

# Makes the model most of these benchmarks run on, once: the shape of 134 M parameters, random weights. It is in $model.
random_model() {
    model=$work/random-134m-q8_0.gguf
    [ -f "$model" ] || "$java" -Xmx1g -cp "$(class_path llama)" dev.millrace.llama.SyntheticGguf "$model" 134m
}

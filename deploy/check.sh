#!/usr/bin/env bash
# Checks what lies here with the programs that will read it, as far as they are installed: haproxy, nginx, systemd,
# kubectl (without a cluster: it only puts the files together). Certificates and keys are made up; names of other hosts
# become addresses of this one. What a Millrace reads is checked by DeployFilesIT.
#
#   deploy/check.sh       exits with 1 if a program objects
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export PATH=$PATH:/usr/sbin:/sbin
status=0

# check NAME PROGRAM COMMAND...: says what came of it.
check() {
    local name=$1 program=$2
    shift 2
    if ! command -v "$program" > /dev/null; then
        echo "not checked  $name: no $program here"
    elif "$@" > "$dir/out" 2>&1; then
        echo "fine         $name"
        [ -z "${VERBOSE:-}" ] || sed "s/^/    /" "$dir/out"
    else
        echo "WRONG        $name"
        sed 's/^/    /' "$dir/out"
        status=1
    fi
}

made_up() {
    mkdir "$dir/certs"
    openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=api.example.org \
        -keyout "$dir/millrace.key" -out "$dir/millrace.pem" 2> /dev/null
    cat "$dir/millrace.pem" "$dir/millrace.key" > "$dir/certs/api.pem"
    echo 'Bearer example' > "$dir/keys"
    echo '"Bearer example" 1;' > "$dir/millrace-keys"
}

proxies() {
    sed "s|/etc/haproxy/|$dir/|g" "$here/haproxy/haproxy.cfg" > "$dir/haproxy.cfg"
    check haproxy/haproxy.cfg haproxy haproxy -c -f "$dir/haproxy.cfg"
    sed -e "s|/etc/nginx/certs/|$dir/|g" -e "s|/etc/nginx/millrace-keys|$dir/millrace-keys|" \
        -e 's/server gateway-\([0-9]\):/server 127.0.0.\1:/' \
        -e "1i pid $dir/nginx.pid; error_log stderr;" "$here/nginx/nginx.conf" > "$dir/nginx.conf"
    check nginx/nginx.conf nginx nginx -t -c "$dir/nginx.conf"
}

service() {
    printf '#!/bin/sh\n' > "$dir/millrace"
    chmod +x "$dir/millrace"
    sed "s|/opt/millrace/millrace|$dir/millrace|" "$here/systemd/millrace.service" > "$dir/millrace.service"
    check systemd/millrace.service systemd-analyze systemd-analyze verify --man=no "$dir/millrace.service"
    if command -v systemd-analyze > /dev/null; then
        systemd-analyze security --offline=yes "$dir/millrace.service" 2> /dev/null | sed -n 's/^.*Overall/             Overall/p' || true
    fi
}

made_up
proxies
service
check kubernetes kubectl kubectl kustomize "$here/kubernetes"
exit "$status"

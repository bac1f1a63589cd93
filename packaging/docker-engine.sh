#!/bin/sh
# A Docker engine for the tests, apart from any other: its own data, socket and process.
#
#   docker-engine.sh start [FOLDER]    start it (as root; installs Debian's docker.io when there is none), print DOCKER_HOST
#   docker-engine.sh stop [FOLDER]     stop it, keep its images
#   docker-engine.sh status [FOLDER]   exit 0 when it runs
#
# A third word gives it a network of its own, without a way out: a second engine would take away the first one's bridge.
#
# FOLDER is by default ~/.cache/desktop-aml-tests/docker. An engine that runs there already is left running. Exit code 3:
# there can be no engine here, and the message says why.
set -eu
cd "$(dirname "$0")/.."

act=${1:-}
isolated=${3:+unshare --net}
folder=${2:-${XDG_CACHE_HOME:-$HOME/.cache}/desktop-aml-tests/docker}
socket=$folder/docker.sock
pidfile=$folder/docker.pid

fail() {
    echo "$1" >&2
    exit "${2:-1}"
}

is_running() {
    [ -S "$socket" ] && answers
}

# The shell has no client of its own for a socket; Python is there in any case.
answers() {
    python3 - "$socket" <<'PING' 2>/dev/null
import socket, sys
channel = socket.socket(socket.AF_UNIX)
channel.settimeout(2)
channel.connect(sys.argv[1])
channel.sendall(b"GET /_ping HTTP/1.0\r\n\r\n")
sys.exit(b"200" not in channel.recv(64))
PING
}

start() {
    is_running && return
    [ "$(id -u)" = 0 ] || fail "A Docker engine of our own can only be started as root." 3
    if ! command -v dockerd >/dev/null 2>&1; then
        packaging/debian-packages.sh docker.io iptables || exit $?
    fi
    mkdir -p "$folder"
    chmod 700 "$folder"
    rm -f "$pidfile"
    # The bridge needs the kernel's packet filter; where that is not to be had, containers share the computer's network.
    for network in "" "--iptables=false --ip-masq=false --bridge=none"; do
        # shellcheck disable=SC2086
        nohup $isolated dockerd --data-root "$folder/data" --exec-root "$folder/exec" -H "unix://$socket" --pidfile "$pidfile" \
            $network >"$folder/engine.log" 2>&1 </dev/null &
        daemon=$!
        for _ in $(seq 150); do
            is_running && return
            kill -0 $daemon 2>/dev/null || break
            sleep 0.1
        done
        kill $daemon 2>/dev/null || true
    done
    tail -n 5 "$folder/engine.log" >&2
    fail "The Docker engine did not start; its log is $folder/engine.log." 3
}

stop() {
    [ -f "$pidfile" ] || return 0
    daemon=$(cat "$pidfile")
    kill "$daemon" 2>/dev/null || return 0
    for _ in $(seq 150); do
        kill -0 "$daemon" 2>/dev/null || return 0
        sleep 0.1
    done
    fail "The Docker engine (process $daemon) does not end."
}

case $act in
    start) start && echo "unix://$socket" ;;
    stop) stop ;;
    status) is_running ;;
    *) fail "docker-engine.sh: '$act' is none of start, stop, status." 2 ;;
esac

#!/bin/sh
# Make this checkout ready to use: Debian packages, .venv, locked dependencies, byte code.
#
#   setup.sh run      what the program needs
#   setup.sh check    that, and the development tools
#   setup.sh test     that, and a virtual display
#
# Safe to call again, and quick: when nothing changed it does nothing. A set-up that was cut short is started afresh.
# PYTHON=python3.12 names the interpreter to use. Exit code 3: something is missing on this computer.
set -eu
cd "$(dirname "$0")/.."

mode=${1:-run}
case $mode in
    run) lists=packaging/debian-run.txt groups=app ;;
    check) lists=packaging/debian-run.txt groups=dev ;;
    test) lists="packaging/debian-run.txt packaging/debian-test.txt" groups=dev ;;
    *) echo "setup.sh: '$mode' is none of run, check, test." >&2; exit 2 ;;
esac
stamp=.venv/.desktop-aml-ready

# What the stamp holds when all is done: hash of what decides the content, place (a venv cannot be moved), groups.
key=$(cat pyproject.toml uv.lock packaging/setup.sh | sha256sum | cut -c1-64)
is_ready() {
    [ -x .venv/bin/python ] && [ -f "$stamp" ] || return 1
    { read -r its_key; read -r its_place; read -r its_groups; } <"$stamp" || return 1
    [ "$its_key" = "$key" ] && [ "$its_place" = "$PWD" ] || return 1
    [ "$its_groups" = dev ] || [ "$its_groups" = "$groups" ]
}

fail() {
    echo "$1" >&2
    [ -n "${2:-}" ] && echo "$2" >&2
    exit "${3:-1}"
}

find_python() {
    # A name tells little (a version manager's python3 may run anything): ask each what it really is.
    for candidate in ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14}; do
        found=$("$candidate" -c 'import sys; print(sys.executable if sys.version_info >= (3, 11) else "")' 2>/dev/null) || continue
        [ -n "$found" ] && { echo "$found"; return 0; }
    done
    return 1
}

make_venv() {
    python=$(find_python) || fail "No Python 3.11 or newer was found (looked for: ${PYTHON:-python3 python3.11 python3.12 python3.13 python3.14})." \
        "Install one (Debian 12: apt-get install python3 python3-venv), or name one: make $mode PYTHON=/path/to/python3" 3
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        packaging/debian-packages.sh "$("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')" || exit $?
    fi
    echo "Making .venv with $("$python" -V) ($python)"
    "$python" -m venv --clear .venv || fail "The virtual environment .venv could not be made with $python." \
        "See the lines above: most often the disk is full or this folder cannot be written."
}

install_uv() {
    wanted=$(awk '/^name = "uv"$/ { getline; gsub(/[^0-9.]/, ""); print; exit }' uv.lock)
    [ "$(.venv/bin/uv --version 2>/dev/null | cut -d' ' -f2)" = "$wanted" ] && return
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "uv==$wanted" ||
        fail "uv $wanted could not be installed into .venv." "See pip's message above: most often there is no network, or a proxy is not set."
}

install_locked() {
    echo "Installing the locked dependencies (the first time takes a minute or two)"
    quiet=--quiet
    [ -t 2 ] && quiet=
    extra=
    [ "$groups" = app ] && extra=--no-dev
    # A set-up of before had `pyside6` as well: taking that away takes files that both packages own.
    for old in .venv/lib/python*/site-packages/pyside6-[0-9]*.dist-info; do
        if [ -e "$old" ]; then extra="$extra --reinstall-package pyside6-essentials"; fi
    done
    # Hard links save half a gigabyte, and work only inside one file system.
    cache=$(.venv/bin/uv cache dir 2>/dev/null) && mkdir -p "$cache"
    if [ -z "${UV_LINK_MODE:-}" ] && [ "$(stat -c %d "$cache" .venv 2>/dev/null | sort -u | wc -l)" != 1 ]; then
        export UV_LINK_MODE=copy
    fi
    # Where a company's proxy signs the traffic, only the system's certificates know it.
    # shellcheck disable=SC2086
    UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-true}" UV_PYTHON=.venv/bin/python UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv \
        .venv/bin/uv sync --locked --compile-bytecode $quiet $extra ||
        fail "The locked dependencies could not be installed into .venv." \
            "See uv's message above. When it says that the lock needs an update, run: .venv/bin/uv lock"
    .venv/bin/python -m compileall -q desktop_aml
}

if ! is_ready; then
    # One set-up at a time; the second one then finds everything done.
    mkdir -p .cache
    exec 9>.cache/setup.lock
    command -v flock >/dev/null 2>&1 && flock 9
fi
if is_ready; then
    # shellcheck disable=SC2086
    packaging/debian-packages.sh --check $lists || packaging/debian-packages.sh $lists
    exit
fi

# These would reach into the new environment, or keep byte code from being written.
unset PYTHONDONTWRITEBYTECODE PYTHONHOME PYTHONPATH VIRTUAL_ENV || true
# shellcheck disable=SC2086
packaging/debian-packages.sh $lists
if [ -f "$stamp" ] && [ "$(sed -n 2p "$stamp")" = "$PWD" ] && [ -x .venv/bin/python ]; then
    [ "$(sed -n 3p "$stamp")" = dev ] && groups=dev
    rm "$stamp"
else
    [ -e .venv ] && echo "The set-up in .venv is unfinished or from elsewhere: starting afresh"
    rm -rf .venv
    make_venv
fi
install_uv
install_locked
printf '%s\n%s\n%s\n' "$key" "$PWD" "$groups" >"$stamp.new"
mv "$stamp.new" "$stamp"
echo "Ready"

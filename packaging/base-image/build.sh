#!/bin/sh
# Make base images for environments without any registry, as root: Debian from its own archive, imported into Docker.
#
#   build.sh [PYTHON...]     images desktop-aml/base:3.11 and, for each interpreter PYTHON of this computer (such as
#                            ~/.pyenv/versions/3.6.15/bin/python3), desktop-aml/base:3.6 with that interpreter in it
#
# DOCKER_HOST names the engine. The Debian tree is kept in ~/.cache/desktop-aml-tests, so that only the first time takes
# a minute or two. Use them with the setting docker_base_image = "desktop-aml/base:{version}".
set -eu
cd "$(dirname "$0")/../.."

cache=${XDG_CACHE_HOME:-$HOME/.cache}/desktop-aml-tests
tree=$cache/debian
suite=bookworm
packages=ca-certificates,python3,python3-pip,python3-venv,libffi8,libreadline8,libsqlite3-0,zlib1g,libbz2-1.0,liblzma5,libssl3

has_image() {
    docker image inspect "$1" >/dev/null 2>&1
}

make_tree() {
    [ -f "$tree/.complete" ] && return
    command -v debootstrap >/dev/null 2>&1 || packaging/debian-packages.sh debootstrap || exit $?
    rm -rf "$tree"
    mkdir -p "$tree"
    echo "Fetching Debian $suite"
    debootstrap --variant=minbase --include="$packages" "$suite" "$tree" >"$cache/debootstrap.log" 2>&1 || {
        tail -n 5 "$cache/debootstrap.log" >&2
        echo "Debian could not be fetched; the whole log is $cache/debootstrap.log." >&2
        exit 1
    }
    # Whatever signs the traffic of this computer signs that of its containers.
    [ -f /etc/ssl/certs/ca-certificates.crt ] && cp /etc/ssl/certs/ca-certificates.crt "$tree/etc/ssl/certs/"
    rm -rf "$tree/var/cache/apt" "$tree/var/lib/apt/lists" "$tree/usr/share/doc" "$tree/usr/share/man" "$tree/usr/share/locale"
    mkdir -p "$tree/var/cache/apt" "$tree/var/lib/apt/lists"
    touch "$tree/.complete"
}

import_tree() {
    has_image "$1" && return
    make_tree
    tar -C "$tree" -c . | docker import --change 'ENV PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' \
        --change 'ENV LANG=C.UTF-8' --change 'CMD ["python3"]' - "$1" >/dev/null
    echo "Made $1"
}

add_python() {
    version=$("$1" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    prefix=$("$1" -c 'import sys; print(sys.base_prefix)')
    has_image "desktop-aml/base:$version" && return
    context=$(mktemp -d)
    trap 'rm -rf "$context"' EXIT
    # An interpreter knows its own place, so it keeps it; its tests and caches stay behind.
    mkdir -p "$context/root$prefix"
    tar -C "$prefix" -c --exclude=test --exclude=tests --exclude=__pycache__ --exclude='*.a' --exclude=site-packages \
        bin lib include | tar -C "$context/root$prefix" -x
    # What it links against and Debian's base has not, is brought along.
    mkdir -p "$context/root/usr/local/lib"
    find "$prefix/lib" -name '*.so*' -type f -exec ldd {} + 2>/dev/null | awk '/=> \// { print $3 }' | sort -u |
        grep -v "^$prefix" | while read -r library; do
            name=$(basename "$library")
            find "$tree/usr/lib" "$tree/lib" -name "$name" 2>/dev/null | grep -q . || cp -L "$library" "$context/root/usr/local/lib/"
        done
    cat >"$context/Dockerfile" <<DOCKERFILE
FROM desktop-aml/base:3.11
COPY root /
RUN chmod 755 /root && ldconfig && ln -sf "$prefix/bin/python3" /usr/local/bin/python3 && python3 -c "import ctypes, json, ssl, zlib"
DOCKERFILE
    docker build --quiet --tag "desktop-aml/base:$version" "$context" >/dev/null
    echo "Made desktop-aml/base:$version with $1"
}

mkdir -p "$cache"
import_tree desktop-aml/base:3.11
for python in "$@"; do
    add_python "$python"
done

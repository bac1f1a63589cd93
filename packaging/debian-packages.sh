#!/bin/sh
# Install the Debian packages that are named in the given list files, or say how to.
#
#   debian-packages.sh [--check] LIST.txt... [package...]
#
# --check only tells whether one is missing (exit 1). Otherwise: exit 0 when all are there or this is not a
# Debian system, 3 when some are missing and cannot be installed from here.
set -eu

check_only=
[ "${1:-}" = --check ] && { check_only=yes; shift; }

wanted=
for item in "$@"; do
    case $item in
        *.txt) wanted="$wanted $(sed '/^#/d' "$item")" ;;
        *) wanted="$wanted $item" ;;
    esac
done
wanted=$(echo $wanted)

if ! command -v dpkg-query >/dev/null 2>&1; then
    [ -n "$check_only" ] && exit 0
    echo "This is not a Debian system, so no libraries are installed for you. If something fails to start, look for" >&2
    echo "what your system calls these: $wanted" >&2
    exit 0
fi

missing() {
    # Newer releases renamed some libraries to NAMEt64; they satisfy NAME.
    # dpkg-query fails when a name is unknown, which is an answer here, not an error.
    (for name in $wanted; do echo "$name" "${name}t64"; done) \
        | xargs dpkg-query -W -f='${Package} ${db:Status-Status}\n' 2>/dev/null \
        | awk -v wanted="$wanted" '
            $2 == "installed" { sub(/t64$/, "", $1); there[$1] = 1 }
            END { n = split(wanted, names, " "); for (i = 1; i <= n; i++) if (!(names[i] in there)) print names[i] }'
}

lacking=$(echo $(missing))
[ -z "$lacking" ] && exit 0
[ -n "$check_only" ] && exit 1

line="apt-get install --yes --no-install-recommends $lacking"
as_root=
if [ "$(id -u)" != 0 ]; then
    if sudo -n true 2>/dev/null; then
        as_root="sudo -n"
    elif [ -t 0 ] && command -v sudo >/dev/null 2>&1; then
        as_root="sudo"
    else
        echo "These Debian packages are missing, and only an administrator can install them: $lacking" >&2
        echo "Run this line, then try again:" >&2
        echo "    sudo $line" >&2
        exit 3
    fi
fi

apt() {
    $as_root env DEBIAN_FRONTEND=noninteractive apt-get --quiet=2 -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 "$@" </dev/null
}
install_lacking() {
    # shellcheck disable=SC2086
    apt install --yes --no-install-recommends $lacking
}

echo "Installing Debian packages: $lacking"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# A bare computer has no package lists, an old one has outdated lists: fetch them in these two cases only.
if ls /var/lib/apt/lists/*_Packages* >/dev/null 2>&1 && install_lacking >"$log" 2>&1; then
    :
elif apt update >"$log" 2>&1 && install_lacking >>"$log" 2>&1; then
    :
else
    tail -n 20 "$log" >&2
    echo "apt could not install the packages above. Mend what it names (most often the network or its sources), or run:" >&2
    echo "    ${as_root:+sudo }apt-get update && ${as_root:+sudo }$line" >&2
    exit 3
fi
lacking=$(echo $(missing))
if [ -n "$lacking" ]; then
    echo "apt ended without an error, yet these packages are still missing: $lacking" >&2
    exit 3
fi

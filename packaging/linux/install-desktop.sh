#!/bin/sh
# Put the program of this checkout into the desktop's menu, for this user: entry, icon, and what it opens.
# Usage: install-desktop.sh [--remove]
set -eu
here=$(cd "$(dirname "$0")/../.." && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
entry=$data/applications/desktop-aml.desktop
icon=$data/icons/hicolor/scalable/apps/desktop-aml.svg
about=$data/metainfo/desktop-aml.metainfo.xml
if [ "${1:-}" = "--remove" ]; then
    rm -f "$entry" "$icon" "$about"
    echo "Removed from the menu: $entry"
else
    mkdir -p "$(dirname "$entry")" "$(dirname "$icon")" "$(dirname "$about")"
    program=$here/.venv/bin/desktop-aml
    # The desktop looks for programs on its own path, which may not have this one; a path with spaces wants quotes,
    # and what sed and the entry's own rules would take for something else wants a stroke before it.
    quoted=$(printf '%s' "$program" | sed -e 's/[\\"`$]/\\\\&/g' -e 's/%/%%/g' -e 's/[&|\\]/\\&/g')
    sed "s|^Exec=desktop-aml|Exec=\"$quoted\"|" "$here/packaging/linux/desktop-aml.desktop" > "$entry"
    cp "$here/resources/icons/desktop-aml.svg" "$icon"
    cp "$here/packaging/linux/desktop-aml.metainfo.xml" "$about"
    echo "In the menu: $entry"
fi
if command -v update-desktop-database > /dev/null; then
    update-desktop-database -q "$data/applications" || true
fi

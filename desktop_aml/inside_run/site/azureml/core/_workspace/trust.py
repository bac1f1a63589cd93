"""The question whether a workspace that was not made on this computer may run code, for code at a terminal."""

import sys

from azureml._service import call, note

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any


_asked: "set[str]" = set()


def ask_for_trust(details: "dict[str, Any]") -> None:
    """Ask at a terminal, once, whether a workspace that is not known may run code; elsewhere say how to let it."""
    if details["path"] in _asked:
        return
    _asked.add(details["path"])
    is_terminal = sys.stdin is not None and sys.stdin.isatty() and sys.stderr.isatty()
    waiting = details.get("waiting") or ()
    if not is_terminal:
        would = " Would run at once: {}.".format("; ".join(waiting)) if waiting else ""
        note(
            '{} It can be read, but nothing runs in it. To let it run: desktop-aml workspace trust "{}"{}'.format(
                details["distrust"], details["path"], would
            )
        )
        return
    lines = ["Would run at once: {}".format(what) for what in waiting]
    lines = lines or ["Nothing waits in it; what you start there runs as you."]
    sys.stderr.write(
        "Desktop AML: {}\n{}\nTrust it, so that it may run code as you? [y/N]: ".format(
            details["distrust"], "\n".join(lines)
        )
    )
    sys.stderr.flush()
    if sys.stdin.readline().strip().lower() in ("y", "yes"):
        call("workspaces.trust", path=details["path"])

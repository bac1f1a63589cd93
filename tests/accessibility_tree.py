"""Makes the main journey by the accessibility tree alone, as a screen reader sees it.

``dbus-run-session -- .venv/bin/python -m tests.accessibility_tree [SCRIPT]`` on a display: it needs Debian's
``at-spi2-core``, ``gir1.2-atspi-2.0`` and ``python3-gi``, and waits for a real run of the script (of the sample, unless
one is named, whose environment is built) and a real endpoint. It presses what it finds by name, says what it read, and
ends with 1 where something on the way has no name or does not come.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

LAUNCHER = "/usr/libexec/at-spi-bus-launcher"
_ASK_FOR_THE_BUS = (
    *("dbus-send", "--session", "--print-reply", "--dest=org.a11y.Bus"),
    *("/org/a11y/bus", "org.a11y.Bus.GetAddress"),
)
_ROOT = Path(__file__).parent.parent
_WALK = """
import json, sys, time
import gi
gi.require_version("Atspi", "2.0")
from gi.repository import Atspi

def shown(node, path=()):
    try:
        states = node.get_state_set()
        if len(path) > 1 and not states.contains(Atspi.StateType.SHOWING):
            return
        role, name = node.get_role_name(), node.get_name() or ""
        children = [node.get_child_at_index(place) for place in range(min(node.get_child_count(), 200))]
    except gi.repository.GLib.GError:
        return  # it went while it was read
    yield node, role, name, states, path
    for child in children:
        if child is not None:
            yield from shown(child, (*path, name))

def everything():
    desktop = Atspi.get_desktop(0)
    for place in range(desktop.get_child_count()):
        found = desktop.get_child_at_index(place)
        if found is not None and found.get_name() == "Desktop AML":
            found.clear_cache()  # what is told of a change can come late or never
            yield from shown(found)

def wait(role, name, seconds=90):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        found = [node for node, its, words, states, _ in everything()
                 if (its, words) == (role, name)
                 and (role != "push button" or states.contains(Atspi.StateType.SENSITIVE))]
        if found:
            return found[-1]
        time.sleep(0.3)
    desktop = Atspi.get_desktop(0)
    print("    programs:", [str(desktop.get_child_at_index(place)) for place in range(desktop.get_child_count())])
    for _, its, words, _, path in everything():
        print("    there is:", "  " * len(path) + its, f"“{words}”")
    sys.exit(f"There is no {role} “{name}” after {seconds} s.")

PRESSED = {"push button", "check box", "radio button", "text", "combo box", "slider", "spin button", "page tab",
           "menu item"}
nameless = set()
for act, role, name in json.loads(sys.argv[1]):
    node = wait(role, name)
    for _, its, words, states, path in everything():
        if its in PRESSED and not words and states.contains(Atspi.StateType.FOCUSABLE):
            nameless.add((its, next((one for one in reversed(path) if one), "")))
    print(f"{act}: {role} “{name}”", flush=True)
    if act == "press":
        Atspi.Action.do_action(node, 0)
    elif act == "read":
        end = time.monotonic() + 30
        while Atspi.Text.get_character_count(node) == 0 and time.monotonic() < end:
            time.sleep(0.3)
        words = Atspi.Text.get_text(node, 0, Atspi.Text.get_character_count(node))
        print("   ", words[:200].replace(chr(10), " "))
        if not words:
            sys.exit("It says nothing.")
for role, where in sorted(nameless):
    print(f"without a name: {role} in “{where}”")
sys.exit(1 if nameless else 0)
"""
_JOURNEY = (
    ("press", "push button", "Run"),
    ("see", "filler", "Completed"),
    ("press", "push button", "Register model"),
    ("see", "dialog", "Register model"),
    ("press", "push button", "Register model"),
    ("press", "push button", "Deploy"),
    ("see", "filler", "Healthy"),
    ("press", "push button", "Send"),
    ("read", "text", "Response"),
)


def main(script: Path) -> int:
    """Make the journey in a workspace of its own; the exit code says whether it could be made."""
    # What runs may still write while the folder goes.
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        shutil.copytree(script.parent, home / "iris")
        own = {f"XDG_{one}_HOME": str(home / one.lower()) for one in ("CONFIG", "DATA", "STATE")}
        told = {"QT_ACCESSIBILITY": "1", "QT_LINUX_ACCESSIBILITY_ALWAYS_ON": "1"}
        program, environ = str(Path(sys.executable).parent / "desktop-aml"), {**os.environ, **own, **told}
        environ.pop("DESKTOP_AML_HOME", None)
        # Asking for the bus starts it; a window that is there before it never joins it.
        subprocess.run(_ASK_FOR_THE_BUS, env=environ, check=True, timeout=60, stdout=subprocess.DEVNULL)
        window = subprocess.Popen([program, str(home / "iris" / script.name)], env=environ)
        try:
            walk = ["/usr/bin/python3", "-c", _WALK, json.dumps(_JOURNEY)]
            return subprocess.run(walk, env=environ, check=False, timeout=400).returncode
        finally:
            if window.poll() is not None:
                print(f"The window ended with {window.returncode}.", file=sys.stderr)
                for report in home.rglob("*crash*"):
                    print(report, report.read_text() if report.is_file() else "", file=sys.stderr)
            window.terminate()
            window.wait(30)
            # An endpoint outlives the window.
            made = home / "data" / "desktop-aml" / "default-workspace"
            subprocess.run([program, "endpoint", "stop", "iris", "-w", str(made)], env=environ, check=False, timeout=60)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]) if sys.argv[1:] else _ROOT / "resources/samples/iris/train.py"))

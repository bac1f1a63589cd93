"""The script runner over a real workspace with a real engine."""

from __future__ import annotations

from pathlib import Path

import pytest

from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.ui.submit.script_runner import ScriptRunner
from desktop_aml.workspace import Workspace

DEADLINE_MS = 30_000


@pytest.fixture
def runner(workspace: Workspace, bridge: Bridge, qtbot, qapp, monkeypatch: pytest.MonkeyPatch) -> ScriptRunner:
    # How large packages are is asked of an index: no test needs one but those that bring their own.
    monkeypatch.setenv("UV_OFFLINE", "1")
    theme.apply(qapp, "light")
    made = ScriptRunner(workspace, bridge)
    qtbot.addWidget(made)
    made.resize(340, 800)
    made.show()

    def follow(destination: Destination) -> None:
        if destination.kind == "script":
            made.load_script(Path(destination.key))

    bridge.destination_wanted.connect(follow)
    qtbot.waitUntil(lambda: not bridge.is_busy(), timeout=DEADLINE_MS)
    return made

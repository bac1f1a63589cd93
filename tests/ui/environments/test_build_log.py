"""The log of each build of a version stays in sight, whatever was built after it."""

from __future__ import annotations

import os

from pytestqt.qtbot import QtBot

from desktop_aml.ui.environments.build_log import BuildLogView
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace


def test_the_log_of_a_build_is_there_after_an_image_failed(tmp_path, bridge: Bridge, qtbot: QtBot) -> None:
    with Workspace.create(tmp_path / "workspace", "test") as workspace:
        folder = workspace.path / "environments" / "tiny" / "1"
        folder.mkdir(parents=True)
        view = BuildLogView(workspace, bridge)
        qtbot.addWidget(view)
        (folder / "build.log").write_text("Installed numpy")
        view.look_at("tiny", 1)
        qtbot.waitUntil(lambda: view.toPlainText() == "Installed numpy")
        (folder / "image-build.log").write_text("No engine")
        os.utime(folder / "build.log", (1, 1))
        view.look_soon()
        shown = "── This computer ──\nInstalled numpy\n── Image of Docker ──\nNo engine"
        qtbot.waitUntil(lambda: view.toPlainText() == shown)

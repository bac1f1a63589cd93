"""Build an environment as an image of Docker in the window: with a real engine."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt

from desktop_aml.domain.environments import BuildState, EnvironmentKind
from desktop_aml.ui.environments.editor import EnvironmentEditor
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace
from tests.journeys.test_docker_kills import use_base_image

DEADLINE_MS = 120_000


@pytest.fixture
def workspace(tmp_path, bridge: Bridge, docker_host: str, marked_processes: object) -> Iterator[Workspace]:
    use_base_image()
    made = Workspace.create(tmp_path / "workspace", "test")
    made.start_engine(bridge.event_happened.emit)
    made.environments.register("tiny", "dependencies:\n  - python=3.11\n  - pip:\n    - six==1.16.0\n")
    yield made
    made.close()


def test_an_environment_is_built_as_an_image_which_is_then_shown(workspace, bridge, qtbot) -> None:
    editor = EnvironmentEditor(workspace, bridge, "tiny")
    qtbot.addWidget(editor)
    editor.resize(760, 620)
    editor.show()
    qtbot.waitUntil(lambda: editor.head.image_button.isEnabled() and not bridge.is_busy(), timeout=DEADLINE_MS)
    qtbot.mouseClick(editor.head.image_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: workspace.environments.lock("tiny") is not None, timeout=DEADLINE_MS)
    qtbot.waitUntil(editor.head.image.isVisible, timeout=DEADLINE_MS)
    assert editor.head.image.text().startswith("Docker image: ")
    qtbot.waitUntil(lambda: editor.head.badge.state() == BuildState.IMAGE, timeout=DEADLINE_MS)
    assert workspace.environments.summary("tiny").state is BuildState.IMAGE
    lock = workspace.environments.lock("tiny")
    assert lock is not None
    assert lock.version_of("six") == "1.16.0"
    qtbot.waitUntil(lambda: editor.lock.table.rowCount() == len(lock.packages), timeout=DEADLINE_MS)


def test_what_is_an_image_itself_offers_no_second_one(workspace, bridge, qtbot) -> None:
    workspace.environments.register("given", "FROM python:3.11-slim\n", EnvironmentKind.DOCKERFILE)
    editor = EnvironmentEditor(workspace, bridge, "given")
    qtbot.addWidget(editor)
    editor.show()
    qtbot.waitUntil(lambda: editor.head.versions.count() == 1 and not bridge.is_busy(), timeout=DEADLINE_MS)
    assert not editor.head.image_button.isVisible()

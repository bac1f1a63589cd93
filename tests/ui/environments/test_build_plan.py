"""Before anything is built: which builder, why, and what would change, for packages of PyPI and of conda."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_aml.domain.environments import BuildState
from desktop_aml.ui.environments.build_plan import BuildPlanView
from desktop_aml.ui.environments.editor import EnvironmentEditor
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.workspace import Workspace
from tests.environments.conda_channel import PYTHON, LocalChannel
from tests.workspace.conftest import index, workspace  # noqa: F401 - fixtures
from tests.workspace.test_environments import built

DEADLINE_MS = 60_000
PLAN = 1
"""The place of its tab."""


@pytest.fixture
def editor(workspace: Workspace, bridge: Bridge, qtbot: QtBot) -> EnvironmentEditor:  # noqa: F811
    built(workspace, "mine", "lib==1.0\n")
    made = EnvironmentEditor(workspace, bridge, "mine")
    qtbot.addWidget(made)
    made.show()
    made.tabs.setCurrentIndex(PLAN)
    qtbot.waitUntil(lambda: made.text.toPlainText().startswith("lib") and not bridge.is_busy(), timeout=DEADLINE_MS)
    return made


@pytest.fixture
def channel(tmp_path: Path) -> LocalChannel:
    made = LocalChannel(tmp_path / "channel")
    made.add_python()
    made.add("app", "1.0", "lib >=1")
    made.add("lib", "2.0")
    made.index()
    return made


def rows(plan: BuildPlanView) -> list[tuple[str, ...]]:
    items = [plan.table.topLevelItem(row) for row in range(plan.table.topLevelItemCount())]
    return [tuple(item.text(column) for column in range(4)) for item in items if item is not None]


def preview(plan: BuildPlanView, qtbot: QtBot) -> None:
    qtbot.mouseClick(plan.button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: plan.button.text() == "Preview", timeout=DEADLINE_MS)


def test_the_builder_and_why_are_said_while_typing(editor: EnvironmentEditor, qtbot: QtBot) -> None:
    qtbot.waitUntil(lambda: editor.plan.reason.text() == "uv: A requirements file names packages of PyPI.")
    assert editor.head.build_button.toolTip() == editor.plan.reason.text()


def test_a_preview_shows_what_a_build_would_change_and_installs_nothing(
    editor: EnvironmentEditor,
    workspace: Workspace,  # noqa: F811
    qtbot: QtBot,
    qapp: QApplication,
) -> None:
    preview(editor.plan, qtbot)
    assert editor.plan.note.isVisible()
    editor.text.setPlainText("app\nlib\n")
    before = workspace.environments.builds.space().builds
    preview(editor.plan, qtbot)
    assert [row[:3] for row in rows(editor.plan)] == [("app", "–", "1.0"), ("lib", "1.0", "2.0")]
    assert len(workspace.environments.builds.space().builds) == len(before) == 1
    theme.apply(qapp, "dark")
    theme.apply(qapp, "light")
    assert editor.plan.table.isVisible(), "other colors are no other text"
    editor.text.setPlainText("app\n")
    assert not editor.plan.table.isVisible()


def test_a_preview_that_cannot_be_resolved_says_the_line(editor: EnvironmentEditor, qtbot: QtBot) -> None:
    editor.text.setPlainText("lib\nnosuch\n")
    preview(editor.plan, qtbot)
    assert "Line 2" in editor.plan.note.label.text()


def test_conda_is_expected_previewed_and_can_be_replaced_by_pypi(
    workspace: Workspace,  # noqa: F811
    bridge: Bridge,
    qtbot: QtBot,
    channel: LocalChannel,
) -> None:
    workspace.environments.register("mixed", f"channels:\n  - {channel.uri}\ndependencies:\n  - app\n")
    editor = EnvironmentEditor(workspace, bridge, "mixed")
    qtbot.addWidget(editor)
    editor.show()
    editor.tabs.setCurrentIndex(PLAN)
    qtbot.waitUntil(lambda: not bridge.is_busy(), timeout=DEADLINE_MS)
    plan = editor.plan
    qtbot.waitUntil(lambda: plan.reason.text().startswith("conda: If the channels"), timeout=DEADLINE_MS)
    preview(plan, qtbot)
    changed = {row[0]: row[2] for row in rows(plan)}
    assert (changed["app"], changed["lib"], changed["python"]) == ("1.0", "2.0", PYTHON)
    assert plan.reason.text().startswith("conda: The specification names channels of conda")
    assert plan.builder() == ""
    plan.choice.set_value("uv")
    preview(plan, qtbot)
    assert plan.reason.text() == "uv: You chose it."
    assert "python" not in {row[0] for row in rows(plan)}
    editor.build()
    qtbot.waitUntil(lambda: workspace.environments.summary("mixed").state is BuildState.READY, timeout=DEADLINE_MS)
    lock = workspace.environments.lock("mixed")
    assert lock is not None
    assert (lock.builder, lock.chosen_because) == ("uv", "You chose it.")

"""Write an environment, see what is wrong while typing, save it, build it: with a real workspace and engine."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import QFileDialog

from desktop_aml.domain.environment_space import BuildUse
from desktop_aml.domain.environments import PROJECT_FILES, BuildState, EnvironmentKind
from desktop_aml.domain.events import BuildProgressed
from desktop_aml.ui.environments import drafts
from desktop_aml.ui.environments.clone_dialog import CloneDialog
from desktop_aml.ui.environments.editor import EnvironmentEditor
from desktop_aml.ui.environments.list_page import EnvironmentsPage
from desktop_aml.ui.environments.problem_list import problem_of
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge, Destination
from desktop_aml.workspace import Workspace

SPEC = "name: tiny\ndependencies:\n  - python=3.11\n"
DEADLINE_MS = 60_000


@pytest.fixture
def workspace(tmp_path, bridge: Bridge, marked_processes: object) -> Iterator[Workspace]:
    made = Workspace.create(tmp_path / "workspace", "test")
    made.start_engine(bridge.event_happened.emit)
    yield made
    made.close()


@pytest.fixture
def open_editor(workspace: Workspace, bridge: Bridge, qtbot, qapp):
    theme.apply(qapp, "light")

    def make(key: str = "") -> EnvironmentEditor:
        editor = EnvironmentEditor(workspace, bridge, key)
        qtbot.addWidget(editor)
        editor.resize(760, 620)
        editor.show()
        settle(editor, bridge, qtbot)
        return editor

    return make


def settle(editor: EnvironmentEditor, bridge: Bridge, qtbot) -> None:
    """Wait until nothing is under way and what is typed was checked."""
    qtbot.waitUntil(lambda: not bridge.is_busy() and not editor._check_timer.isActive(), timeout=DEADLINE_MS)


def shown_problems(editor: EnvironmentEditor) -> list[str]:
    return [editor.problems.item(row).text() for row in range(editor.problems.count())]


def test_a_new_environment_starts_from_a_template_without_faults(open_editor) -> None:
    editor = open_editor()
    assert "scikit-learn" in editor.text.toPlainText()
    assert not any(editor.problems.item(row).text().startswith("Line") for row in range(1))
    assert not editor.head.save_button.isEnabled()


def test_a_fault_is_found_while_typing_and_a_click_goes_there(open_editor, bridge, qtbot) -> None:
    editor = open_editor()
    editor.head.name.setText("tiny")
    editor.text.setPlainText(SPEC + "  - scikit-learn==\n")
    settle(editor, bridge, qtbot)
    (problem,) = shown_problems(editor)
    assert problem.startswith("Line 4, column ")
    assert editor.tabs.tabText(0) == "Problems (1)"
    assert not editor.head.save_button.isEnabled()
    (mark,) = editor.text.extraSelections()
    assert mark.cursor.blockNumber() == 3
    editor.text.go_to_place(1, 1)
    item = editor.problems.item(0)
    place = editor.problems.visualItemRect(item).center()
    qtbot.mouseClick(editor.problems.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert editor.text.textCursor().blockNumber() == 3


def test_saving_makes_versions_and_the_changes_between_them_are_shown(open_editor, workspace, bridge, qtbot) -> None:
    editor = open_editor()
    editor.head.name.setText("tiny")
    editor.text.setPlainText(SPEC)
    settle(editor, bridge, qtbot)
    qtbot.mouseClick(editor.head.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: editor.head.versions.count() == 1, timeout=DEADLINE_MS)
    assert not editor.isWindowModified()
    settle(editor, bridge, qtbot)
    editor.text.setPlainText(SPEC + "  - numpy\n")
    settle(editor, bridge, qtbot)
    assert editor.isWindowModified()
    qtbot.keyClick(editor.text, Qt.Key.Key_S, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: editor.head.versions.count() == 2, timeout=DEADLINE_MS)
    assert [one.version for one in workspace.environments.versions("tiny")] == [2, 1]
    settle(editor, bridge, qtbot)
    editor.tabs.setCurrentWidget(editor.changes.parentWidget())
    settle(editor, bridge, qtbot)
    assert "+  - numpy" in editor.changes.text.toPlainText()
    assert "never built" in editor.changes.note.label.text()
    editor.head.versions.set_value(1)
    settle(editor, bridge, qtbot)
    assert editor.text.toPlainText() == SPEC


def test_a_closed_tab_keeps_what_was_not_saved(open_editor, workspace, bridge, qtbot) -> None:
    workspace.environments.register("tiny", SPEC)
    editor = open_editor("tiny")
    editor.text.setPlainText(SPEC + "  - numpy\n")
    editor.close()
    again = open_editor("tiny")
    assert again.text.toPlainText() == SPEC + "  - numpy\n"
    assert again.isWindowModified()
    again.text.undo()
    again.text.setPlainText(SPEC)
    assert not again.isWindowModified()
    assert open_editor("tiny").text.toPlainText() == SPEC


def test_a_draft_outlives_the_program(open_editor, workspace) -> None:
    workspace.environments.register("tiny", SPEC)
    open_editor("tiny").text.setPlainText(SPEC + "  - numpy\n")
    # Another program, after the first one crashed, has nothing in its memory.
    with Workspace.open(workspace.path) as other:
        assert drafts.find(other, "tiny") == SPEC + "  - numpy\n"
        drafts.forget(other, "tiny")
        assert drafts.find(other, "tiny") is None


def test_a_failed_build_is_a_problem_at_its_line_until_the_text_changes(open_editor, workspace, bridge, qtbot) -> None:
    workspace.environments.register("tiny", SPEC)
    editor = open_editor("tiny")
    words = "Line 3: there is no package of that name."
    bridge.event_happened.emit(BuildProgressed("tiny", 1, BuildState.FAILED, "", words))
    settle(editor, bridge, qtbot)
    assert shown_problems(editor) == ["Line 3, column 1: The build failed: there is no package of that name."]
    assert editor.head.build_button.isEnabled()
    editor.text.appendPlainText("  - numpy")
    settle(editor, bridge, qtbot)
    assert "The build failed" not in " ".join(shown_problems(editor))
    assert problem_of("Nothing answers.").line == 0


def test_the_list_is_searched_and_an_environment_is_used_in_the_runner(workspace, bridge, qtbot) -> None:
    workspace.environments.register("mine", SPEC)
    page = EnvironmentsPage(workspace, bridge)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: page.table.topLevelItemCount() > 10, timeout=DEADLINE_MS)
    page.stack.search.setText("mine")
    rows = [page.table.topLevelItem(row) for row in range(page.table.topLevelItemCount())]
    assert [row.text(0) for row in rows if not row.isHidden()] == ["mine"]
    wanted: list[Destination] = []
    bridge.destination_wanted.connect(wanted.append)
    next(action for action in page.menu("mine").actions() if "runner" in action.text()).trigger()
    assert wanted == [Destination("use_environment", "mine")]


def test_what_is_typed_while_saving_is_not_lost(open_editor, workspace, bridge, qtbot) -> None:
    workspace.environments.register("tiny", SPEC)
    editor = open_editor("tiny")
    editor.text.setPlainText(SPEC + "  - numpy\n")
    settle(editor, bridge, qtbot)
    editor.save()
    editor.text.setPlainText(SPEC + "  - numpy\n  - joblib\n")
    qtbot.waitUntil(lambda: editor.head.versions.count() == 2, timeout=DEADLINE_MS)
    settle(editor, bridge, qtbot)
    assert editor.text.toPlainText().endswith("joblib\n")
    assert editor.isWindowModified()


def test_a_tiny_environment_is_built_with_its_log_and_packages(open_editor, workspace, bridge, qtbot) -> None:
    workspace.environments.register("tiny", SPEC)
    editor = open_editor("tiny")
    assert editor.head.badge.state() == BuildState.NOT_BUILT
    qtbot.mouseClick(editor.head.build_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: editor.head.badge.state() == BuildState.READY, timeout=DEADLINE_MS)
    qtbot.waitUntil(lambda: editor.log.toPlainText() != "", timeout=DEADLINE_MS)
    assert not editor.head.cancel_button.isVisible()
    assert workspace.environments.lock("tiny") is not None
    wanted: list[Destination] = []
    bridge.destination_wanted.connect(wanted.append)
    assert editor.head.use_button.property("primary")
    qtbot.mouseClick(editor.head.use_button, Qt.MouseButton.LeftButton)
    assert wanted == [Destination("use_environment", "tiny")]
    assert editor.head.shell_button.isVisible()
    editor.text.appendPlainText("  - numpy")
    assert editor.head.build_button.property("primary")
    assert not editor.head.shell_button.isVisible()


def test_a_tab_key_writes_two_blanks_and_a_new_line_keeps_the_indentation(open_editor, qtbot) -> None:
    editor = open_editor()
    editor.text.clear()
    qtbot.keyClicks(editor.text, "dependencies:")
    qtbot.keyClick(editor.text, Qt.Key.Key_Return)
    qtbot.keyClicks(editor.text, "- numpy")
    qtbot.keyClick(editor.text, Qt.Key.Key_Return)
    qtbot.keyClick(editor.text, Qt.Key.Key_Tab)
    assert editor.text.toPlainText() == "dependencies:\n  - numpy\n    "


def test_colours_of_the_text_before_are_taken_off(open_editor, qtbot) -> None:
    editor = open_editor()
    editor.text.setPlainText("key: 1\n")
    qtbot.waitUntil(lambda: not editor.text.highlighter.is_reading())
    editor.text.setPlainText("plain\n")
    qtbot.waitUntil(lambda: not editor.text.highlighter.is_reading())
    roles = [part.format.foreground().color().name() for part in editor.text.document().firstBlock().layout().formats()]
    assert theme.color("accent").name() not in roles


def test_a_curated_environment_is_read_only_and_is_cloned(open_editor, workspace, bridge, qtbot) -> None:
    editor = open_editor("sklearn-1.5")
    assert editor.text.isReadOnly()
    assert not editor.head.save_button.isVisible()
    assert editor.head.note.isVisible()
    qtbot.mouseClick(editor.head.clone_button, Qt.MouseButton.LeftButton)
    dialog = editor.findChild(CloneDialog)
    assert dialog is not None
    dialog.name.setText("no/name")
    assert not dialog.clone_button.isEnabled()
    dialog.name.setText("mine")
    gone_to: list[object] = []
    bridge.destination_wanted.connect(gone_to.append)
    qtbot.mouseClick(dialog.clone_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: bool(gone_to), timeout=DEADLINE_MS)
    assert workspace.environments.get("mine").description == "Cloned from sklearn-1.5:1"


def test_the_page_lists_the_curated_ones_marked(workspace, bridge, qtbot) -> None:
    workspace.environments.register("mine", SPEC)
    page = EnvironmentsPage(workspace, bridge)
    qtbot.addWidget(page)
    qtbot.waitUntil(lambda: page.table.topLevelItemCount() > 10, timeout=DEADLINE_MS)
    rows = {page.table.topLevelItem(row).text(0): page.table.topLevelItem(row).text(2) for row in range(11)}
    assert rows["mine"] == "conda YAML"
    assert rows["sklearn-1.5"] == "Curated"


def test_a_new_environment_can_be_an_image_or_a_dockerfile(open_editor, workspace, bridge, qtbot) -> None:
    editor = open_editor()
    editor.head.name.setText("boxed")
    editor.head.kinds.set_value(EnvironmentKind.DOCKERFILE.value)
    assert editor.text.toPlainText().startswith("FROM ")
    editor.head.kinds.set_value(EnvironmentKind.IMAGE.value)
    editor.text.setPlainText("python:3.12-slim\n")
    settle(editor, bridge, qtbot)
    qtbot.mouseClick(editor.head.save_button, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: editor.head.versions.count() == 1, timeout=DEADLINE_MS)
    (saved,) = workspace.environments.versions("boxed")
    assert (saved.kind, saved.text) == (EnvironmentKind.IMAGE, "python:3.12-slim\n")
    assert not editor.head.kinds.isVisible()
    assert not editor.isWindowModified()


def image_of(label: str) -> BuildUse:
    return BuildUse("key", 123_000_000, (label,), is_image=True)


def test_the_list_says_what_an_image_takes_and_has_no_such_column_without_one(
    workspace, bridge, qtbot, monkeypatch
) -> None:
    workspace.environments.register("mine", SPEC)
    found: list[BuildUse] = []
    monkeypatch.setattr(workspace.environments.builds, "images", lambda: (tuple(found), ""))
    page = EnvironmentsPage(workspace, bridge)
    qtbot.addWidget(page)
    page.resize(1000, 600)
    page.show()
    qtbot.waitUntil(lambda: page.table.topLevelItemCount() > 10 and not bridge.is_busy(), timeout=DEADLINE_MS)
    assert page.table.isColumnHidden(6)
    found.append(image_of("mine:1"))
    page.look_for_images()
    qtbot.waitUntil(lambda: not page.table.isColumnHidden(6), timeout=DEADLINE_MS)
    assert page.table.choose("mine")
    assert page.table.currentItem().text(6) == "123 MB"


def test_the_choice_of_a_file_offers_every_file_that_an_environment_can_be_made_from(
    workspace, bridge, qtbot, tmp_path: Path
) -> None:
    page = EnvironmentsPage(workspace, bridge)
    qtbot.addWidget(page)
    page.choose_file()
    chooser = page.findChild(QFileDialog)
    offered = re.search(r"\((.*)\)", chooser.nameFilters()[0])[1].split()
    wanted = (*PROJECT_FILES, "pylock.train.toml", "environment.yml", "conda.yaml", "requirements.txt", "Dockerfile")
    assert [name for name in wanted if not any(fnmatch.fnmatch(name, one) for one in offered)] == []
    chooser.reject()


def test_the_columns_of_the_list_fit_a_page_of_the_usual_window(workspace, bridge, qtbot, monkeypatch) -> None:
    workspace.environments.register("mine", SPEC)
    monkeypatch.setattr(workspace.environments.builds, "images", lambda: ((image_of("mine:1"),), ""))
    page = EnvironmentsPage(workspace, bridge)
    qtbot.addWidget(page)
    page.resize(698, 600)
    page.show()
    qtbot.waitUntil(lambda: not page.table.isColumnHidden(6), timeout=DEADLINE_MS)
    assert page.table.header().length() <= page.table.viewport().width()


def test_a_new_environment_has_room_for_its_name_in_a_narrow_page(open_editor, qtbot) -> None:
    editor = open_editor()
    # As in the tabs of the window, which make a page narrower than it would be by itself.
    editor.setMinimumSize(1, 1)
    editor.resize(500, 480)
    fields = (editor.head.heading, editor.head.kinds, editor.head.build_button)
    qtbot.waitUntil(lambda: all(one.width() >= one.sizeHint().width() for one in fields), timeout=5000)
    assert editor.head.name.width() >= 200


def test_in_a_low_page_the_text_keeps_its_lines_whatever_tab_is_below_it(open_editor, qtbot) -> None:
    editor = open_editor()
    editor.resize(500, 394)  # a window of 1024 by 640
    height = editor.text.fontMetrics().lineSpacing() * 6
    for tab in range(editor.tabs.count()):
        editor.tabs.setCurrentIndex(tab)
        qtbot.waitUntil(lambda: editor.text.height() >= height)
        shown = editor.tabs.currentWidget()
        assert shown.height() >= shown.minimumSizeHint().height(), editor.tabs.tabText(tab)


def type_in(editor, qtbot, text: str) -> None:
    editor.text.setFocus()
    editor.text.moveCursor(QTextCursor.MoveOperation.End)
    qtbot.keyClicks(editor.text, text)


def test_names_and_keys_are_completed_while_one_types(open_editor, bridge, qtbot) -> None:
    editor = open_editor()
    qtbot.waitUntil(lambda: bool(editor.text._packages), timeout=DEADLINE_MS)
    editor.text.setPlainText("# \U0001f98a\ndependencies:\n  - ")
    type_in(editor, qtbot, "scikit-l")
    completions = editor.text.completions
    assert completions.is_open()
    assert completions.choices()[0] == "scikit-learn"
    popup = completions.popup
    qtbot.keyClick(popup, Qt.Key.Key_Return)
    assert editor.text.toPlainText() == "# \U0001f98a\ndependencies:\n  - scikit-learn"
    assert not completions.is_open()
    qtbot.keyClick(editor.text, Qt.Key.Key_Return)
    type_in(editor, qtbot, "- numb")
    qtbot.keyClick(popup, Qt.Key.Key_Tab)
    assert editor.text.toPlainText().endswith("\n  - numba")
    editor.text.insertPlainText("\n")
    type_in(editor, qtbot, "chan")
    qtbot.keyClick(popup, Qt.Key.Key_Escape)
    assert not completions.is_open()
    assert editor.text.toPlainText().endswith("chan")


def test_completions_are_asked_for_and_taken_back_and_never_in_the_way(open_editor, bridge, qtbot) -> None:
    editor = open_editor()
    qtbot.waitUntil(lambda: bool(editor.text._packages), timeout=DEADLINE_MS)
    editor.text.setPlainText("")
    completions = editor.text.completions
    qtbot.keyClick(editor.text, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert completions.choices() == ("channels:", "dependencies:", "name:", "variables:")
    assert editor.text.toPlainText() == ""
    completions.popup.hide()
    editor.text.setPlainText("dependencies:\n  - numpy=")
    type_in(editor, qtbot, "1")
    assert not completions.is_open(), "a version is no name"
    editor.text.setPlainText("dependencies:\n  - ")
    type_in(editor, qtbot, "numpy")
    assert not completions.is_open(), "a whole name, though there is a numpydoc"
    qtbot.keyClick(editor.text, Qt.Key.Key_Space, Qt.KeyboardModifier.ControlModifier)
    assert completions.choices() == ("numpydoc",)
    completions.popup.hide()
    editor.text.setPlainText("dependencies:\n  - num")
    cursor = editor.text.textCursor()
    cursor.setPosition(len("dependencies:\n  - "))
    editor.text.setTextCursor(cursor)
    qtbot.keyClicks(editor.text, "a")
    assert not completions.is_open(), "in the middle of a word"


def test_an_environment_without_a_name_says_why_it_cannot_be_built(open_editor, bridge, qtbot):
    editor = open_editor()
    settle(editor, bridge, qtbot)
    editor.head.name.setText("")
    editor.check()
    settle(editor, bridge, qtbot)
    assert not editor.head.build_button.isEnabled()
    assert editor.head.note.text().startswith("Give it a name first")
    editor.head.name.setText("named")
    editor.check()
    settle(editor, bridge, qtbot)
    assert "Give it a name" not in editor.head.note.text()

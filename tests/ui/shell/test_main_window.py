from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QMargins, QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDockWidget,
    QFileDialog,
    QLineEdit,
    QMessageBox,
    QWidget,
)
from pytestqt.qtbot import QtBot

from desktop_aml import settings
from desktop_aml.domain.runs import RunState
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Destination
from desktop_aml.ui.session.layout_memory import bring_into_view
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.workspace import Workspace, locate, sample_workspace


@pytest.fixture
def window(qtbot: QtBot, qapp: QApplication, tmp_path: Path) -> Iterator[MainWindow]:
    theme.apply(qapp, "light")
    Workspace.create(tmp_path / "lab", "lab").close()
    made = MainWindow(Preferences(tmp_path / "settings.json"), tmp_path / "layout.ini", None)
    qtbot.addWidget(made)
    made.show()
    yield made
    made.memory.remember_choice("close", "told")
    made.close()


@pytest.fixture
def opened(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> MainWindow:
    assert window.open_folder(tmp_path / "lab")
    qtbot.waitUntil(lambda: window.status.engine.text() == "Engine ready", timeout=15000)
    return window


def pane(window: MainWindow, name: str) -> QWidget:
    assert window.docks is not None
    return window.docks.pane(name)


def test_a_newcomer_sees_the_welcome_page(window: MainWindow) -> None:
    assert window.center.currentWidget() is window.welcome
    assert window.windowTitle() == "Desktop AML"
    assert not window.action_set["start_run"].isEnabled()


def test_opening_a_workspace_shows_its_panes_and_name(opened: MainWindow, tmp_path: Path) -> None:
    assert opened.windowTitle() == "lab - Desktop AML"
    assert {dock.objectName() for dock in opened.findChildren(QDockWidget)} == {
        "dock_browser",
        "dock_runner",
        "dock_jobs",
    }
    assert opened.preferences.value.last_workspace == str(tmp_path / "lab")
    assert opened.action_set["show_runs"].isEnabled()


def test_the_sample_is_not_where_the_next_command_goes(opened: MainWindow, tmp_path: Path) -> None:
    opened.action_set["open_sample"].trigger()
    assert opened.session is not None
    assert opened.session.workspace.path == sample_workspace()
    settings.save(opened.preferences.value)
    assert sample_workspace() in [Path(one.path) for one in opened.preferences.value.recent_workspaces]
    assert locate(tmp_path) == tmp_path / "lab"


def test_a_folder_that_is_no_workspace_is_explained(window: MainWindow, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert not window.open_folder(tmp_path / "empty")
    assert window.messages.cards()[0].message.severity == "error"
    assert window.session is None


@pytest.mark.parametrize("kind", ["runs", "models", "environments", "endpoints", "computes"])
def test_each_list_opens_once(opened: MainWindow, kind: str) -> None:
    opened.go_to(Destination(kind))
    opened.go_to(Destination(kind))
    assert opened.tabs.count() == 1
    assert opened.center.currentWidget() is opened.tabs


def test_a_preview_gives_way_to_the_next_and_a_kept_one_stays(opened: MainWindow) -> None:
    opened.go_to(Destination("runs", preview=True))
    opened.go_to(Destination("models", preview=True))
    shown = opened.tabs.destination()
    assert shown is not None
    assert (opened.tabs.count(), shown.kind) == (1, "models")
    opened.tabs.keep(0)
    opened.go_to(Destination("runs", preview=True))
    assert opened.tabs.count() == 2


def test_closing_the_last_tab_says_what_to_do_next(opened: MainWindow, qtbot: QtBot) -> None:
    opened.go_to(Destination("runs"))
    qtbot.waitUntil(opened.action_set["close_tab"].isEnabled)
    opened.action_set["close_tab"].trigger()
    assert opened.tabs.count() == 0
    assert opened.center.currentWidget() is opened.nothing
    opened.nothing.button.click()
    [dialog] = opened.findChildren(QFileDialog)
    assert dialog.isVisible()
    dialog.reject()


def test_with_a_script_chosen_the_empty_centre_offers_to_run_it(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    assert opened.nothing.button.text() == "Choose script…"
    (tmp_path / "source").mkdir()
    script = tmp_path / "source" / "train.py"
    script.write_text("print('trained')\n")
    pane(opened, "runner").load_script(script)
    qtbot.waitUntil(lambda: opened.nothing.button.text() == "Run", timeout=10_000)
    assert "F5" in opened.nothing.label.text()
    opened.nothing.button.click()
    qtbot.waitUntil(lambda: opened.tabs.count() == 1, timeout=10_000)
    shown = opened.tabs.destination()
    assert shown is not None
    assert shown.kind == "run"


def test_layout_and_tabs_come_back(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    opened.go_to(Destination("models"))
    assert opened.docks is not None
    pane(opened, "jobs").parentWidget().close()
    opened.close_session()
    assert opened.center.currentWidget() is opened.welcome
    assert opened.open_folder(tmp_path / "lab")
    assert pane(opened, "jobs").parentWidget().isHidden()
    qtbot.waitUntil(lambda: [d.kind for d in opened.tabs.destinations()] == ["models"], timeout=10_000)
    qtbot.waitUntil(opened.action_set["reset_layout"].isEnabled)
    opened.action_set["reset_layout"].trigger()
    assert not pane(opened, "jobs").parentWidget().isHidden()


def test_a_window_on_a_screen_that_is_gone_is_brought_back(window: MainWindow) -> None:
    window.setGeometry(QRect(20000, 9000, 900, 600))
    bring_into_view(window)
    assert QGuiApplication.primaryScreen().availableGeometry().intersects(window.geometry())


def test_a_window_that_is_larger_than_the_screen_shrinks_where_it_stands(window: MainWindow) -> None:
    window.setMinimumSize(200, 200)
    screen = QGuiApplication.primaryScreen().availableGeometry()
    window.setGeometry(QRect(screen.topLeft(), screen.size() * 2))
    bring_into_view(window)
    assert screen.contains(window.geometry())


def test_a_window_as_large_as_the_screen_leaves_room_for_its_frame(window: MainWindow) -> None:
    window.setMinimumSize(200, 200)
    frame, screen = QMargins(1, 20, 1, 5), QGuiApplication.primaryScreen().availableGeometry()
    window.setGeometry(screen)
    bring_into_view(window, frame)
    assert screen.contains(window.geometry().marginsAdded(frame))


def test_a_dropped_script_fills_the_script_runner(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "train.py"
    script.write_text("print(1)\n")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(script))])
    actions, buttons, keys = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(opened, QDragEnterEvent(QPoint(300, 300), actions, data, buttons, keys))
    assert opened.overlay.isVisible()
    QApplication.sendEvent(opened, QDropEvent(QPointF(300, 300), actions, data, buttons, keys, QEvent.Type.Drop))
    qtbot.waitUntil(lambda: opened.action_set["start_run"].isEnabled(), timeout=10000)


def test_a_run_goes_from_the_runner_to_its_page_and_the_jobs(opened: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    script = tmp_path / "train.py"
    script.write_text("print('done')\n")
    opened.go_to(Destination("script", str(script)))
    qtbot.waitUntil(lambda: opened.action_set["start_run"].isEnabled(), timeout=10000)
    opened.action_set["start_run"].trigger()
    qtbot.waitUntil(lambda: opened.tabs.count() == 1, timeout=20000)
    qtbot.waitUntil(lambda: bool(pane(opened, "jobs").rows()), timeout=10000)  # type: ignore[attr-defined]
    row = pane(opened, "jobs").rows()[0]  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: row.badge.state() == "Completed", timeout=30000)
    assert opened.action_set["run_again"].isEnabled()
    qtbot.waitUntil(lambda: not opened.action_set["cancel_run"].isEnabled())


def test_an_empty_list_of_jobs_takes_one_line_and_grows_with_the_first_job(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    jobs = pane(opened, "jobs")
    qtbot.waitUntil(lambda: jobs.height() <= theme.ROW_HEIGHT + theme.SPACE_S)
    script = tmp_path / "train.py"
    script.write_text("print('done')\n")
    opened.go_to(Destination("script", str(script)))
    qtbot.waitUntil(lambda: opened.action_set["start_run"].isEnabled(), timeout=10000)
    opened.action_set["start_run"].trigger()
    qtbot.waitUntil(lambda: jobs.height() >= 2 * theme.ROW_HEIGHT, timeout=20000)


def test_a_yielding_shortcut_reaches_the_window_when_no_pane_takes_it(opened: MainWindow, qtbot: QtBot) -> None:
    heard: list[str] = []
    opened.action_set.triggered.connect(heard.append)
    qtbot.keyClick(opened, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert heard == ["search_runs"]


def test_there_is_one_search_for_runs_which_is_that_of_their_table(opened: MainWindow, qtbot: QtBot) -> None:
    qtbot.waitUntil(opened.tool_bar.search.isVisible)
    opened.activateWindow()
    qtbot.mouseClick(opened.tool_bar.search, Qt.MouseButton.LeftButton)
    page = opened.tabs.currentWidget()
    assert opened.tabs.destination() == Destination("runs")
    assert page.search.hasFocus()
    qtbot.waitUntil(lambda: not opened.tool_bar.search.isVisible())
    opened.go_to(Destination("models"))
    qtbot.waitUntil(opened.tool_bar.search.isVisible)


@pytest.mark.parametrize("kind", ["runs", "environments", "datasets"])
def test_a_page_that_opens_has_the_keyboard_and_ctrl_f_is_its_search(
    opened: MainWindow, qtbot: QtBot, kind: str
) -> None:
    opened.activateWindow()
    tree = pane(opened, "browser")
    tree.setFocus()
    opened.go_to(Destination(kind, preview=True))
    page = opened.tabs.currentWidget()
    assert not page.isAncestorOf(QApplication.focusWidget() or opened), "a preview leaves the keyboard in the list"
    opened.go_to(Destination(kind))
    assert page.isAncestorOf(QApplication.focusWidget())
    tree.setFocus()
    qtbot.keyClick(opened, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    found = QApplication.focusWidget()
    assert isinstance(found, QLineEdit) and page.isAncestorOf(found)  # noqa: PT018
    assert found.placeholderText().startswith("Search")


def test_ctrl_f_belongs_to_the_page_in_front_and_ctrl_tab_turns_pages(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    script = tmp_path / "train.py"
    script.write_text("print('done')\n")
    run_id = opened.session.workspace.runs.submit(script)
    opened.go_to(Destination("runs"))
    opened.go_to(Destination("run", run_id))
    page = opened.tabs.currentWidget()
    qtbot.waitUntil(lambda: page.detail is not None, timeout=10000)
    page.tabs.setCurrentWidget(page.log)
    qtbot.waitUntil(page.log.isVisible)
    opened.setFocus()
    qtbot.keyClick(opened, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert page.log.search.isVisible()
    assert opened.tabs.currentWidget() is page
    ctrl, shift = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
    opened.activateWindow()
    page.tabs.setFocus()
    qtbot.keyClick(page.tabs.tabBar(), Qt.Key.Key_Tab, ctrl)
    assert opened.tabs.currentWidget() is not page
    assert page.tabs.currentWidget() is page.log
    qtbot.keyClick(opened, Qt.Key.Key_Backtab, ctrl | shift)
    assert opened.tabs.currentWidget() is page


def test_every_action_is_one_object_everywhere(opened: MainWindow) -> None:
    run = opened.action_set["start_run"]
    assert run in opened.tool_bar.actions()
    assert any(run in menu.actions() for menu in (a.menu() for a in opened.menuBar().actions()) if menu is not None)


@pytest.mark.parametrize("kind", ["welcome", "runs", "models", "environments", "endpoints"])
def test_whatever_can_be_pressed_or_filled_in_has_a_name(opened: MainWindow, kind: str) -> None:
    opened.go_to(Destination(kind))
    nameless = [
        f"{type(widget).__name__} {widget.objectName()} in {type(widget.parent()).__name__}"
        for widget in opened.findChildren(QWidget)
        if isinstance(widget, QAbstractButton | QLineEdit | QComboBox | QAbstractSpinBox)
        and widget.isVisible()
        and not widget.objectName().startswith("qt_")
        and not isinstance(widget.parent(), QComboBox | QAbstractSpinBox | QLineEdit)
        and not widget.accessibleName()
        and not (isinstance(widget, QAbstractButton) and (widget.text() or _shows_action(widget)))
        and type(widget).__name__ not in {"CloseButton", "QToolBarExtension"}
    ]
    assert nameless == []


def _shows_action(button: QAbstractButton) -> bool:
    actions: list[QAction] = button.actions()
    return any(action.text() for action in actions) or type(button).__name__ == "QAbstractButton"


def test_closing_while_a_run_goes_on_tells_so_once_without_blocking(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    assert opened.session is not None
    script = tmp_path / "long.py"
    script.write_text("import time\ntime.sleep(60)\n")
    run_id = opened.session.workspace.runs.submit(script)
    assert not opened.close()
    assert opened.isVisible()
    opened.session.workspace.runs.cancel(run_id)
    space = opened.session.workspace
    qtbot.waitUntil(lambda: space.runs.get(run_id).summary.state.is_terminal(), timeout=30000)


def test_recent_workspaces_are_in_the_file_menu_and_a_gone_one_cannot_be_chosen(
    opened: MainWindow, tmp_path: Path, qtbot: QtBot
) -> None:
    other = tmp_path / "research & more"
    Workspace.create(other, "other").close()
    opened.preferences.put(opened.preferences.value.with_opened(tmp_path / "gone").with_opened(other))
    assert opened.recent_menu.menuAction() in opened.menuBar().actions()[0].menu().actions()
    opened.recent_menu.fill()
    entries = {action.text().split("  –")[0]: action for action in opened.recent_menu.actions()}
    assert entries["lab"].isEnabled()
    assert not entries["gone"].isEnabled()
    entries["research && more"].trigger()
    qtbot.waitUntil(lambda: opened.windowTitle() == "other - Desktop AML", timeout=15000)


def close_question(window: MainWindow, qtbot: QtBot) -> QMessageBox:
    window.close()
    qtbot.waitUntil(lambda: bool(window.findChildren(QMessageBox)))
    assert window.isVisible()
    return window.findChildren(QMessageBox)[-1]


def test_closing_during_a_run_can_cancel_it_first(
    opened: MainWindow,
    tmp_path: Path,
    qtbot: QtBot,
    write_script: Callable[..., Path],
    marked_processes: Callable[[], list[object]],
) -> None:
    assert opened.session is not None
    run_id = opened.session.workspace.runs.submit(write_script("import time\ntime.sleep(600)\n"))
    question = close_question(opened, qtbot)
    cancel = next(button for button in question.buttons() if button.text() == "Cancel runs and close")
    cancel.click()
    qtbot.waitUntil(lambda: not opened.isVisible(), timeout=15000)
    workspace = Workspace.open(tmp_path / "lab")
    qtbot.waitUntil(lambda: workspace.runs.get(run_id).summary.state is RunState.CANCELED, timeout=30000)
    workspace.close()
    qtbot.waitUntil(lambda: not marked_processes(), timeout=15000)


def test_many_tabs_stay_legible_and_scroll(opened: MainWindow) -> None:
    opened.resize(1024, 640)
    for kind in ("runs", "models", "environments", "endpoints"):
        opened.go_to(Destination(kind))
    for name in ("sklearn-1.9", "sklearn-1.5", "sklearn-1.2"):
        opened.go_to(Destination("environment", name))
    bar = opened.tabs.tabBar()
    assert min(bar.tabRect(index).width() for index in range(bar.count())) >= 96


def test_the_actions_of_a_menu_get_their_icons_when_it_is_shown_and_those_in_sight_at_once(window):
    assert not window.action_set["start_run"].icon().isNull()
    [menu] = [action.menu() for action in window.menuBar().actions() if action.menu().title() == "&Tools"]
    icons = {action.objectName(): action.icon().isNull() for action in menu.actions() if action.objectName()}
    assert icons["copy_description"]
    menu.aboutToShow.emit()
    icons = {action.objectName(): action.icon().isNull() for action in menu.actions() if action.objectName()}
    assert not icons["copy_description"]


def test_next_pane_gives_the_keyboard_to_the_tree_of_the_workspace_not_to_its_filter(
    opened: MainWindow, qtbot: QtBot
) -> None:
    opened.activateWindow()
    tree = opened.findChild(QWidget, "workspace_tree")
    for _ in range(6):
        opened.action_set["focus_next_pane"].trigger()
        if tree.hasFocus():
            break
    qtbot.waitUntil(tree.hasFocus)


def test_ctrl_z_takes_back_what_the_newest_message_offers_wherever_the_keyboard_is(
    opened: MainWindow, qtbot: QtBot
) -> None:
    done: list[str] = []
    assert opened.session is not None
    opened.session.bridge.tell_undoable("2 runs in the trash.", lambda: done.append("back"))
    opened.nothing.button.setFocus()
    qtbot.keyClick(opened.nothing.button, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert done == ["back"]
    assert opened.messages.cards() == ()

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from desktop_aml import resources
from desktop_aml.domain.errors import StorageError
from desktop_aml.domain.runs import RunState, RunSummary
from desktop_aml.ui.look import zoom
from desktop_aml.ui.session.desktop_notice import is_worth_it
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.actions import TABLE
from desktop_aml.ui.shell.help.window import HelpPages, HelpWindow
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.ui.start.crashes import KEPT, keep_report
from desktop_aml.workspace import Workspace


def help_of(window: MainWindow) -> HelpWindow:
    return window.findChild(HelpWindow)


def test_f1_shows_the_documentation_and_its_links_lead_on_and_back(window: MainWindow, qtbot: QtBot) -> None:
    window.action_set["show_help"].trigger()
    pages = help_of(window).pages
    assert help_of(window).isVisible()
    assert pages.page == "index.md"
    pages.anchorClicked.emit(QUrl("how-to/run-a-script.md"))
    assert pages.page == "how-to/run-a-script.md"
    pages.anchorClicked.emit(QUrl("../reference/window.md#panes"))
    assert pages.page == "reference/window.md"
    assert pages.textCursor().block().text() == "Panes"
    qtbot.mouseClick(help_of(window).back, Qt.MouseButton.LeftButton)
    assert pages.page == "how-to/run-a-script.md"


def test_help_shows_nothing_from_elsewhere(qtbot: QtBot, tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "index.md").write_text("# One\n<!-- not run -->\n")
    (tmp_path / "secret.md").write_text("# Secret\n")
    pages = HelpPages(tmp_path / "docs")
    qtbot.addWidget(pages)
    pages.open_page("index.md")
    assert pages.toPlainText().strip() == "One"
    pages.anchorClicked.emit(QUrl("../secret.md"))
    assert pages.page == "index.md"
    assert pages.loadResource(2, QUrl("../secret.md")) is None
    assert resources.docs() is not None


def test_the_sheet_holds_every_shortcut_and_is_filtered(window: MainWindow, qtbot: QtBot) -> None:
    window.action_set["show_shortcuts"].trigger()
    sheet = help_of(window).shortcuts
    said = sheet.sheet.toPlainText()
    assert [
        spec.text for spec in TABLE if not spec.key_sequence().isEmpty() and spec.text.rstrip("…") not in said
    ] == []
    qtbot.keyClicks(sheet.filter, "palette")
    assert "Command palette" in sheet.sheet.toPlainText()
    assert "Quit" not in sheet.sheet.toPlainText()


def test_text_grows_and_shrinks_with_the_keys_and_is_remembered(
    window: MainWindow, qapp: QApplication, tmp_path: Path, qtbot: QtBot
) -> None:
    title = window.welcome.findChildren(type(window.welcome._recent_heading))[0]
    before = (qapp.font().pointSizeF(), title.font().pointSizeF())
    try:
        qtbot.keyClick(window, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
        qtbot.keyClick(window, Qt.Key.Key_Equal, Qt.KeyboardModifier.ControlModifier)
        after = (qapp.font().pointSizeF(), title.font().pointSizeF())
        assert after == pytest.approx((before[0] * 1.25, before[1] * 1.25))
        zoom.apply(qapp, 100)
        other = MainWindow(Preferences(tmp_path / "settings.json"), tmp_path / "layout.ini", None)
        qtbot.addWidget(other)
        assert zoom.percent() == 125
        qtbot.keyClick(window, Qt.Key.Key_Minus, Qt.KeyboardModifier.ControlModifier)
        assert zoom.percent() == 110
    finally:
        window.action_set["normal_text"].trigger()
    assert (qapp.font().pointSizeF(), title.font().pointSizeF()) == pytest.approx(before)


def test_what_a_crash_left_is_kept_and_offered(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    crash = tmp_path / "log" / "crash.log"
    assert keep_report(crash) is None
    crash.parent.mkdir()
    crash.write_text("")
    assert keep_report(crash) is None
    crash.write_text("Fatal Python error: Segmentation fault\n")
    report = keep_report(crash)
    assert report is not None
    assert not crash.exists()
    window.commands.tell_of_crash(report)
    message = window.messages.cards()[0].message
    assert message.action is not None
    message.action[1]()
    dialog = next(one for one in QApplication.topLevelWidgets() if one.objectName() == "error_dialog")
    assert "Segmentation fault" in dialog.text()  # type: ignore[attr-defined]
    dialog.close()
    for number in range(KEPT + 3):
        (report.parent / f"2020-01-{number + 1:02}-00-00-00.txt").write_text("old")
    crash.write_text("again")
    assert keep_report(crash) is not None
    assert len(list(report.parent.iterdir())) == KEPT


def test_safe_mode_brings_no_page_back(tmp_path: Path, window: MainWindow, qtbot: QtBot) -> None:
    Workspace.create(tmp_path / "lab", "lab").close()
    assert window.open_folder(tmp_path / "lab")
    window.commands.show_models()
    window.close_session()
    safe = MainWindow(Preferences(tmp_path / "settings.json"), tmp_path / "layout.ini", None, is_safe=True)
    qtbot.addWidget(safe)
    assert safe.open_folder(tmp_path / "lab")
    assert safe.tabs.destinations() == ()
    safe.close_session()


def test_an_error_of_ours_that_nobody_caught_keeps_its_own_words(window: MainWindow) -> None:
    window.show_foreseen(StorageError("The disk is full.", "Free some space."))
    message = window.messages.cards()[0].message
    assert (message.text, message.hint, message.severity) == ("The disk is full.", "Free some space.", "error")


def test_a_notice_comes_for_failures_and_long_runs_only_while_nobody_looks() -> None:
    assert is_worth_it(has_failed=True, duration_s=0.1, is_in_front=False)
    assert is_worth_it(has_failed=False, duration_s=31.0, is_in_front=False)
    assert not is_worth_it(has_failed=False, duration_s=2.0, is_in_front=False)
    assert not is_worth_it(has_failed=True, duration_s=900.0, is_in_front=True)


def test_a_run_that_failed_is_told_to_the_desktop(window: MainWindow, tmp_path: Path, qtbot: QtBot) -> None:
    (tmp_path / "source").mkdir()
    script = tmp_path / "source" / "train.py"
    script.write_text("raise SystemExit('no data')\n")
    Workspace.create(tmp_path / "lab", "lab").close()
    assert window.open_folder(tmp_path / "lab")
    assert window.session is not None
    told: list[tuple[str, str, str]] = []
    window.commands.send_notice = lambda *words: told.append(words)
    window.isActiveWindow = lambda: False  # type: ignore[method-assign]
    run_id = window.session.workspace.runs.submit(script)
    qtbot.waitUntil(lambda: bool(told), timeout=30_000)
    assert told[0][0] == run_id
    assert told[0][1].endswith(" failed")
    assert "no data" in told[0][2]


def test_a_run_that_seems_stalled_is_told_to_the_desktop_once(
    window: MainWindow, tmp_path: Path, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    Workspace.create(tmp_path / "lab", "lab").close()
    assert window.open_folder(tmp_path / "lab")
    assert window.session is not None
    told: list[tuple[str, ...]] = []
    window.commands.send_notice = lambda *words: told.append(words)
    space = window.session.workspace
    run = RunSummary("r1", 1, "e", "quiet-otter-1", RunState.RUNNING, "s.py", "local", "e", 1.0, 1.0, None)
    monkeypatch.setattr(type(space.runs), "list", lambda *_: (run,))
    asked: list[str] = []

    def stalled(_queue: object, one: RunSummary) -> str:
        asked.append(one.id)
        return "Seems stalled" if len(asked) < 3 else ""

    monkeypatch.setattr(type(space.runs.queue), "stalled", stalled)
    for in_front, times in ((False, 1), (False, 2), (True, 2), (False, 3)):
        window.isActiveWindow = lambda in_front=in_front: in_front  # type: ignore[method-assign]
        window.commands.notify_of_stalled()
        qtbot.waitUntil(lambda times=times: len(asked) == times and window.session.bridge.is_busy() is False)
    assert window.commands._told_stalled == frozenset()
    assert told == [("r1", "quiet-otter-1", "Seems stalled")]

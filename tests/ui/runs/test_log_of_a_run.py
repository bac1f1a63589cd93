"""The log of a run on its page: from a traceback to the code, how its environment is built, which stage failed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from desktop_aml.domain.runs import RunDetail, RunState, StateChange
from desktop_aml.ui.look import formats
from desktop_aml.ui.runs import code_tab
from desktop_aml.ui.runs.page import RunPage
from tests.ui.runs.test_page import FAILING_SCRIPT, Site


@pytest.fixture
def site(qtbot: QtBot, tmp_path: Path, marked_processes: object) -> Iterator[Site]:
    made = Site(qtbot, tmp_path / "workspace")
    yield made
    made.close()


def test_a_traceback_leads_to_the_line_of_the_code_and_on_to_the_editor(
    site: Site, write_script: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    script = write_script("import sys\n" + FAILING_SCRIPT)
    page = site.page(site.workspace.runs.submit(script))
    site.until_state(page, RunState.FAILED)
    site.until(lambda: "the data has no rows" in page.log.text.toPlainText())
    site.until(lambda: bool(page.code.tree.path()))
    text = page.log.text
    [frame] = [line for line in text.toPlainText().splitlines() if 'File "' in line and "line 2" in line]
    cursor = text.document().find(frame)
    cursor.clearSelection()
    text.setTextCursor(cursor)
    text.ensureCursorVisible()
    page.tabs.setCurrentWidget(page.log)
    QTest.keyClick(text, Qt.Key.Key_Return)
    site.until(lambda: page.tabs.currentWidget() is page.code)
    site.until(lambda: code_line(page) == 2)
    page.tabs.setCurrentWidget(page.log)
    page.code.preview.code.go_to(1)
    start = text.document().find(frame)
    start.setPosition(start.selectionStart() + frame.index('"') + 6)
    QTest.mouseClick(text.viewport(), Qt.MouseButton.LeftButton, pos=text.cursorRect(start).center())
    site.until(lambda: page.tabs.currentWidget() is page.code and code_line(page) == 2)
    edited: list[tuple[Path, int]] = []
    monkeypatch.setattr(code_tab, "edit", lambda _owner, _bridge, path, line: edited.append((path, line)))
    page.code.edit_button.click()
    assert edited == [(script, 2)]


def code_line(page: RunPage) -> int:
    return page.code.preview.code.textCursor().blockNumber() + 1


def test_the_stage_that_failed_carries_the_cross_and_there_is_one_duration(
    site: Site, write_script: Callable[..., Path]
):
    page = site.page(site.workspace.runs.submit(write_script(FAILING_SCRIPT)))
    site.until_state(page, RunState.FAILED)
    names = [stage.accessibleName() for stage in page.header.strip.stages]
    assert [name.endswith(", failed") for name in names] == [False, False, True, False, False]
    summary = page.detail.summary
    page.header.strip.show_history(page.detail.history, ran_s=12.0)
    assert page.header.strip.stages[2].took.text() == "0:12"
    page.header.tick()
    assert formats.duration(summary.duration_s(0.0)) in page.header.facts.text()


def test_the_log_shows_how_the_environment_is_built_until_the_script_runs(
    site: Site, write_script: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
):
    page = site.page(site.workspace.runs.submit(write_script(FAILING_SCRIPT)))
    site.until_state(page, RunState.FAILED)
    ended = page.detail
    log = site.workspace._folder.environment("churn", 3) / "build.log"
    log.parent.mkdir(parents=True)
    log.write_text("Resolved 12 packages\n")
    waiting = replace(
        ended,
        environment_version=3,
        history=(StateChange(0, RunState.QUEUED, 1.0), StateChange(1, RunState.PREPARING, 2.0)),
        summary=replace(ended.summary, environment="churn:3", started_at=None, state=RunState.PREPARING),
    )
    page.tabs.setCurrentWidget(page.log)
    # What the page reads, whenever it reads the run again: an event of the run that ended may still be on its way.
    shown: dict[str, RunDetail] = {"run": waiting}
    monkeypatch.setattr(site.workspace.runs, "get", lambda _: shown["run"])
    page._read()
    site.until(lambda: page.log.text.toPlainText() == "Resolved 12 packages\n")
    assert page.log.heading.text() == "Preparing the environment churn:3"
    with log.open("a") as stream:
        stream.write("Installed numpy\n")
    site.until(lambda: "Installed numpy" in page.log.text.toPlainText())
    shown["run"] = ended
    page._read()
    site.until(lambda: "the data has no rows" in page.log.text.toPlainText())
    assert not page.log.heading.isVisible()
    assert "numpy" not in page.log.text.toPlainText()

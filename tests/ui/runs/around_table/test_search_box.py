"""The search over the runs table: it compares, completes names, and marks what it cannot read."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt

from benchmarks.runs_table import fill
from desktop_aml.store.folder import WorkspaceFolder
from tests.ui.runs.test_table import calls, open_page, settle  # noqa: F401 - fixtures

COUNT = 200


@pytest.fixture
def many(folder: WorkspaceFolder) -> WorkspaceFolder:
    fill(folder.database, COUNT, whole=False)
    return folder


def test_the_search_compares_and_marks_what_it_cannot_read(qtbot, many, open_page):  # noqa: F811
    page = open_page(rows=COUNT)
    page.search.setText("C > 5 and (kernel = RBF or loss < 0.1)")
    qtbot.waitUntil(lambda: 0 < page.table.rowCount() < COUNT)
    settle(qtbot, page)
    shown = page.table.rowCount()
    for text, words in (
        ("C > 5 and (kernel", "This parenthesis is not closed."),
        ("kernal = rbf", "No run has an argument"),
    ):
        page.search.setText(text)
        qtbot.waitUntil(lambda words=words: page.search_error.message.text().startswith(words))
        settle(qtbot, page)
        assert page.table.rowCount() == shown
    assert page.search_error.hint.text() == "Did you mean params.kernel?"
    assert not page.search_error.isHidden()
    page.search.setText("kernel = linear")
    qtbot.waitUntil(page.search_error.isHidden)
    settle(qtbot, page)
    assert all(page.table.run_at(row).parameters["kernel"] == "linear" for row in range(10))


def test_the_search_completes_the_names_of_arguments_and_metrics(qtbot, many, open_page):  # noqa: F811
    page = open_page(rows=COUNT)
    qtbot.keyClicks(page.search, "rbf and min.acc")
    qtbot.waitUntil(page.search.names_list.isVisible)
    assert page.search.completer_.currentCompletion() == "min.accuracy"
    qtbot.keyClick(page.search.names_list, Qt.Key.Key_Down)
    qtbot.keyClick(page.search.names_list, Qt.Key.Key_Return)
    assert page.search.text() == "rbf and min.accuracy"
    qtbot.keyClicks(page.search, " > 0 k")
    assert "kernel" in page.search.completer_.completionModel().index(0, 0).data()
    page.search.names_list.hide()

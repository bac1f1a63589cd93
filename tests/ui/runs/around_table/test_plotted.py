"""The runs of the table as plots: all that match, the selected ones, the runs of a group."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QItemSelectionModel, Qt

from desktop_aml.domain.summaries.formulas import read
from desktop_aml.ui.runs.list_page import RunsPage
from tests.ui.runs.around_table.test_search_box import COUNT, many  # noqa: F401 - a fixture
from tests.ui.runs.test_table import calls, column, open_page, settle  # noqa: F401 - fixtures


def drawn(qtbot, page: RunsPage) -> int:
    qtbot.waitUntil(lambda: page.plotted.plots is not None and page.plotted.stack.currentWidget() is page.plotted.plots)
    settle(qtbot, page)
    return len(page.plotted.plots.sheet.ids)


def test_all_that_match_are_plotted_and_follow_the_search(qtbot, many, open_page) -> None:  # noqa: F811
    page = open_page(rows=COUNT)
    qtbot.mouseClick(page.plot_button, Qt.MouseButton.LeftButton)
    assert drawn(qtbot, page) == COUNT
    titles = [axis.title for axis in page.plotted.plots.parallel.axes]
    assert "kernel" in titles
    assert "loss" in titles
    page.search.setText("kernel = rbf")
    qtbot.waitUntil(lambda: page.table.rowCount() < COUNT)
    qtbot.waitUntil(lambda: len(page.plotted.plots.sheet.ids) == page.table.rowCount())
    page.plot_button.click()
    assert page.stack.currentWidget() is page.list


def test_selected_runs_and_selected_groups_are_plotted_alone(qtbot, many, open_page) -> None:  # noqa: F811
    page = open_page(rows=COUNT)
    flag = QItemSelectionModel.SelectionFlag
    for row in (0, 2, 3):
        page.list.selectionModel().select(page.table.index(row, 0), flag.Select | flag.Rows)
    page.plot_button.click()
    assert drawn(qtbot, page) == 3
    page.plot_button.click()
    page.more.group_by("parameter:kernel")
    qtbot.waitUntil(lambda: page.table.rowCount() == 2)
    settle(qtbot, page)
    page.list.selectionModel().select(page.table.index(1, 0), flag.ClearAndSelect | flag.Rows)
    size = page.table.row(1).group.count
    page.plot_button.click()
    assert drawn(qtbot, page) == size
    kernels = next(one for one in page.plotted.plots.sheet.columns if one.key == "parameter:kernel")
    assert set(kernels.values) == {"rbf"}
    page.plot_button.click()
    page.list.clearSelection()
    page.plot_button.click()
    assert drawn(qtbot, page) == COUNT, "all groups together are all runs"


def test_what_is_brushed_is_what_is_compared(qtbot, many, open_page, bridge) -> None:  # noqa: F811
    page = open_page(rows=COUNT)
    page.plot_button.click()
    drawn(qtbot, page)
    assert not page.compare_button.isEnabled()
    plot = page.plotted.plots.parallel
    axis = next(one for one in plot.axes if one.title == "loss")
    low = sorted(axis.places.tolist())[2]
    plot.set_spans({axis.key: (0.0, low)})
    wanted: list[str] = []
    bridge.destination_wanted.connect(lambda place: wanted.append(place.key))
    qtbot.mouseClick(page.compare_button, Qt.MouseButton.LeftButton)
    assert tuple(wanted[0].split(",")) == page.plotted.chosen_ids()
    assert len(page.plotted.chosen_ids()) == 3


def test_a_formula_is_a_column_that_is_not_sorted_by_and_an_axis(qtbot, many, open_page, bridge) -> None:  # noqa: F811
    page = open_page(rows=COUNT)
    told: list[str] = []
    bridge.message_raised.connect(lambda message: told.append(message.text))
    page.formulas.add(read("twice", "loss * 2"))
    number = column(page, "formula:twice")
    shown = page.table.row(3)
    assert float(shown.text(number)) == pytest.approx(2 * shown.run.metrics["loss"].last, rel=1e-3)
    before = page.table.query
    page.list._on_section_clicked(number)
    assert page.table.query == before
    assert "formula" in told[-1]
    page.plot_button.click()
    drawn(qtbot, page)
    assert "metric:twice" in page.plotted.plots._axes
    page.formulas.remove("twice")
    assert "formula:twice" not in [one.key for one in page.table.shown_columns]

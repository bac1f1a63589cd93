"""Groups of compared runs: a mean with a band for each, a table of them, settings told apart."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from desktop_aml.domain.compare.grouped import SETTING, grouped
from desktop_aml.domain.metrics import Point, Record
from desktop_aml.domain.summaries.formulas import read
from desktop_aml.ui.compare.chart import CompareChart, Manner, RunCurve
from desktop_aml.ui.compare.groups import GroupsView
from desktop_aml.ui.compare.means import mean_of
from desktop_aml.ui.compare.page import ComparePage
from desktop_aml.ui.plots.data import CurveData
from desktop_aml.ui.plots.record_groups import RecordGroup
from desktop_aml.ui.session.bridge import RUN_SEPARATOR, Bridge
from desktop_aml.ui.viewers.picture import Thumbnail
from desktop_aml.workspace import Workspace
from tests.domain.compare.test_grouped import SIX
from tests.seeded_workspace import make


def curve(*points: tuple[int, float]) -> CurveData:
    made = CurveData("loss")
    made.extend(Point(index, value, step, 10.0 * step) for index, (step, value) in enumerate(points))
    return made


def test_a_mean_counts_each_curve_where_it_goes() -> None:
    mean, band = mean_of([(curve((0, 1.0), (2, 3.0)), 0.0), (curve((0, 3.0), (1, 3.0), (4, 6.0)), 0.0)], "step")
    assert mean.positions("step").tolist() == [0, 1, 2, 4]
    assert mean.numbers().tolist() == [2.0, 2.5, 3.5, 6.0]
    assert band.x.tolist() == [0, 1, 2], "of one curve alone nothing is known"
    assert (band.high - band.low).tolist() == pytest.approx([2 * np.sqrt(2), np.sqrt(2), np.sqrt(2)])


@pytest.mark.parametrize("values", [(1e308, 1e308), (float("nan"), 1.0), (0.0, 0.0), (-5.0, 5.0)])
def test_any_values_have_a_mean_and_gaps_are_passed_over(values: tuple[float, float]) -> None:
    one = curve((0, values[0]), (1, 1.0))
    mean, _ = mean_of([(one, 0.0), (curve((0, values[1]), (1, 1.0)), 0.0)], "step")
    known = [value for value in values if value == value]
    assert mean.numbers()[0] == pytest.approx(np.mean([one / len(known) for one in known]) * len(known))
    empty, band = mean_of([(CurveData("loss"), 0.0)], "time")
    assert len(empty) == len(band.x) == 0


def test_very_long_curves_and_steps_that_go_back_are_met_in_order() -> None:
    long = CurveData("loss")
    long.extend(Point(index, float(index), index, 0.0) for index in range(5000))
    mean, _ = mean_of([(long, 0.0), (curve((4999, 4999.0), (0, 0.0)), 0.0)], "step")
    assert 900 <= len(mean) <= 1000
    assert mean.numbers()[-1] == 4999.0
    assert np.all(np.diff(mean.positions("step")) > 0)


def test_a_chart_draws_the_band_and_says_the_mean(qtbot: QtBot) -> None:
    chart = CompareChart("loss")
    qtbot.addWidget(chart)
    mean, band = mean_of([(curve((0, 1.0), (10, 3.0)), 0.0), (curve((0, 3.0), (10, -3.0)), 0.0)], "time")
    drawn = RunCurve("g", "depth 2 (n=2)", 0, mean, band=band)
    for manner in (Manner(axis="time"), Manner(axis="time", is_log=True), Manner(axis="index", weight=0.9)):
        chart.show_curves([drawn], manner)
        assert chart._items["g"][2].isVisible()
    assert chart.readings(0.0)[0].value == 2.0
    chart.show_curves([RunCurve("g", "one", 0, mean)], Manner())
    assert not chart._items["g"][2].isVisible()


def test_the_table_says_mean_and_deviation_and_settings_are_told_apart(qtbot: QtBot) -> None:
    view = GroupsView()
    qtbot.addWidget(view)
    view.show_groups(SIX, SETTING, grouped(SIX, SETTING))
    assert view.table is not None
    assert view.settings is not None
    rows = [[view.table.topLevelItem(row).text(column) for column in range(3)] for row in range(2)]
    assert rows == [["depth 2", "3", "1.1 ± 0.1"], ["depth 8", "3", "5.1 ± 0.1"]]
    assert view.settings.topLevelItem(1).text(4) == "Worse"
    assert "Tukey" in view.method.text()
    view.goal.setCurrentIndex(1)
    assert view.settings.topLevelItem(0).text(0) == "depth 8"
    view.show_groups(SIX, "parameter:seed", grouped(SIX, "parameter:seed"))
    assert not view.bar.isVisibleTo(view)


@pytest.fixture(scope="module")
def eight(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Workspace, str]]:
    home = tmp_path_factory.mktemp("groups")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DESKTOP_AML_HOME", str(home / "home"))
        seeded = make(home / "made", long_points=200)
        workspace = Workspace.open(seeded.folder)
        workspace.leave_work()
        yield workspace, RUN_SEPARATOR.join(seeded.completed[:8])
        workspace.close()


@pytest.fixture
def page(qtbot: QtBot, eight: tuple[Workspace, str]) -> Iterator[ComparePage]:
    (workspace, key), bridge = eight, Bridge()
    made = ComparePage(workspace, bridge, key)
    qtbot.addWidget(made)
    made.resize(900, 640)
    made.show()
    qtbot.waitUntil(lambda: made.stack.currentIndex() == 0)
    qtbot.waitUntil(lambda: not bridge.is_busy())
    yield made
    bridge.close()


def test_grouping_by_an_argument_turns_lines_into_means_and_back(qtbot: QtBot, page: ComparePage) -> None:
    assert not page.tabs.isTabVisible(page.tabs.indexOf(page.groups))
    page.tabs.setCurrentWidget(page.plots)
    qtbot.waitUntil(lambda: "train/loss" in page.plots.charts)
    chart = page.plots.charts["train/loss"]
    assert len(chart.shown()) == 8
    assert page.group_by.set_value("parameter:kernel")
    names = [one.name for one in chart.shown()]
    assert len(names) < 8
    assert all("(n=" in name for name in names)
    assert [page.plots.legend.item(row).text() for row in range(page.plots.legend.count())] == [
        name.split(" (n=")[0] for name in names
    ]
    assert page.tabs.isTabVisible(page.tabs.indexOf(page.groups))
    page.group_by.setCurrentIndex(0)
    assert len(chart.shown()) == 8


def test_a_formula_is_a_row_and_a_plot_as_soon_as_it_is_kept(qtbot: QtBot, page: ComparePage) -> None:
    page.formulas.add(read("gap", '"val/loss" - "train/loss"'))
    qtbot.waitUntil(lambda: any(row.name == "gap" for row in page.table.shown_rows()))
    page.tabs.setCurrentWidget(page.plots)
    qtbot.waitUntil(lambda: "gap" in page.plots.charts)
    chart = page.plots.charts["gap"]
    one = chart.shown()[0].curve
    books = page._curves.books[chart.shown()[0].run_id].curves
    assert one.numbers()[-1] == books["val/loss"].numbers()[-1] - books["train/loss"].numbers()[-1]
    page.formulas.remove("gap")
    qtbot.waitUntil(lambda: "gap" not in page.plots.charts)


def test_pictures_stand_side_by_side_and_one_slider_leads_the_series(qtbot: QtBot, page: ComparePage) -> None:
    view, own = page.pictures, page.pictures._workspace.runs
    first, second = view._runs[0].id, view._runs[1].id
    path = next(one.path for one in own.files.list(first) if one.path.endswith(".png"))
    page.tabs.setCurrentWidget(view)
    qtbot.waitUntil(lambda: len(view.cards) == 8)
    assert sum(card.findChild(Thumbnail) is not None for card in view.cards) == 1
    assert not view.slider.isVisible()
    for width in (900, 1300, 700):
        page.resize(width, 640)
        qtbot.waitUntil(lambda: view.cards[1].y() == view.cards[0].y(), timeout=5000)
    assert [row for row in range(view._grid.rowCount()) if view._grid.rowStretch(row)] == [3], "only what is below"
    records = tuple(Record("seen", "image", number, 0.0, {"path": path}) for number in range(3))
    series = {first: RecordGroup("seen", "image", records), second: RecordGroup("seen", "image", records[:1])}
    view._offer({"seen": series})
    assert view.slider.maximum() == 2
    view.slider.setValue(2)
    assert view.place_label.text() == "3 of 3"
    qtbot.waitUntil(lambda: not view._settle.isActive() and not page._bridge.is_busy())
    said = [[label.text() for label in card.findChildren(QLabel) if label.text()] for card in view.cards]
    assert said[1][-1] == "Nothing here", "its series is shorter"
    assert view.cards[0].findChild(Thumbnail) is not None

"""Plots of one run, and of several over each other."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QPointF
from PySide6.QtWidgets import QSlider

from desktop_aml.ui.compare.page import ComparePage
from desktop_aml.ui.plots.metric_plot import MetricPlot
from desktop_aml.ui.runs.metrics_tab import MetricsTab
from desktop_aml.ui.session.bridge import RUN_SEPARATOR
from tests.journeys.by_hand.stage import Stage


def _at(plot: MetricPlot, x: float, y: float) -> QPoint:
    assert plot.canvas is not None
    place = plot.canvas.box.sceneBoundingRect()
    return plot.canvas.mapFromScene(QPointF(place.left() + x * place.width(), place.top() + y * place.height()))


def _shown(plot: MetricPlot) -> tuple[float, float]:
    assert plot.canvas is not None
    left, right = plot.canvas.box.viewRange()[0]
    return left, right


def of_a_run(stage: Stage) -> None:
    """Drag zooms and takes the other plots along, double click shows all; smoothing, log scale, filter."""
    hand, page = stage.hand, stage.open("run", stage.seeded.completed[0])
    tab = stage.find(MetricsTab, page)
    grid = hand.until(lambda: tab.grid, "the plots")
    first, second = (
        hand.until(lambda name=name: grid.plots.get(name), name) for name in ("train/accuracy", "train/loss")
    )
    hand.until(lambda: first.canvas is not None and second.canvas is not None, "both to be drawn")
    stage.calm()
    tab.area.ensureWidgetVisible(first)
    hand.until(lambda: not first.canvas.viewport().visibleRegion().isEmpty(), "the plot to be in sight")
    all_of_it = _shown(first)
    port = first.canvas.viewport()
    hand.drag(port, _at(first, 0.3, 0.2), _at(first, 0.6, 0.8))
    hand.until(lambda: _shown(first) != all_of_it and _shown(first) == _shown(second), "both to be zoomed")
    hand.click(port, _at(first, 0.5, 0.5), times=2)
    hand.until(lambda: not first.is_zoomed() and not second.is_zoomed(), "all of it")
    slider = stage.find(QSlider, tab.bar)
    hand.click(slider)
    hand.keys("Right", "Right")
    hand.until(lambda: slider.value() > 0, "smoothing")
    hand.click(tab.bar.log_scale, QPoint(8, tab.bar.log_scale.height() // 2))
    hand.until(tab.bar.log_scale.isChecked, "a log scale")
    hand.click(tab.bar.log_scale, QPoint(8, tab.bar.log_scale.height() // 2))
    hand.click(tab.bar.filter)
    hand.type("val/")
    hand.until(lambda: not first.isVisible() and grid.plots["val/loss"].isVisible(), "val/ alone")
    hand.keys("ctrl+a", "Delete")
    hand.until(first.isVisible, "all plots")
    hand.click(slider)
    hand.keys("Home")


def compared(stage: Stage) -> None:
    """Only what differs, a baseline, curves with a legend that hides, axes side by side that are brushed."""
    hand = stage.hand
    page = stage.open("compare", RUN_SEPARATOR.join(stage.seeded.completed[:6]))
    assert isinstance(page, ComparePage)
    hand.until(
        lambda: hasattr(page, "table") and page.table.isVisible() and page.table.topLevelItemCount() > 0, "the values"
    )
    bar = page.tabs.tabBar()

    def lines() -> int:
        sections = (page.table.topLevelItem(number) for number in range(page.table.topLevelItemCount()))
        return sum(1 + one.childCount() for one in sections if one is not None)

    few = lines()
    hand.click(page.differences, QPoint(8, page.differences.height() // 2))
    hand.until(lambda: lines() > few, "what is the same")
    hand.click(page.baseline)
    hand.keys("Down", "Return")
    hand.until(page.baseline.value, "a baseline")
    for number in (one for one in range(bar.count()) if bar.isTabVisible(one)):
        hand.click(bar, bar.tabRect(number).center())
        hand.until(lambda number=number: page.tabs.currentIndex() == number, bar.tabText(number))
        stage.calm()

"""The menu of a plot: zoom, size, and the plot as a picture or as numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QApplication, QMenu

from desktop_aml.ui.plots.export import picture

if TYPE_CHECKING:
    from desktop_aml.ui.plots.metric_plot import MetricPlot


def open_plot_menu(plot: MetricPlot, at: QPoint) -> None:
    """Open the menu of `plot` at a point of the screen."""
    menu = QMenu(plot)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction(plot.tr("Show everything"), plot.show_all)
    if plot.is_large():
        menu.addAction(plot.tr("Back to all plots"), plot.shrink_wanted.emit)
    else:
        menu.addAction(plot.tr("Enlarge"), plot.enlarge_wanted.emit)
    menu.addSeparator()
    menu.addAction(plot.tr("Copy as image"), lambda: QApplication.clipboard().setImage(picture(plot)))
    for words, kind in (
        (plot.tr("Save as PNG…"), "png"),
        (plot.tr("Save as SVG…"), "svg"),
        (plot.tr("Save values as CSV…"), "csv"),
    ):
        menu.addAction(words, lambda kind=kind: plot.save_wanted.emit(kind))  # type: ignore[misc]
    menu.popup(at)

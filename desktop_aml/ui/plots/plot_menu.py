"""The menu of a plot: zoom, size, and the plot as a picture or as numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QMenu, QWidget


@dataclass(frozen=True, slots=True)
class PlotActs:
    """What can be done with a plot. `resize` enlarges it, or takes it back where it `is_large`."""

    show_all: Callable[[], object]
    is_large: bool
    resize: Callable[[], object]
    picture: Callable[[], QImage]
    save: Callable[[str], object]


def open_plot_menu(plot: QWidget, at: QPoint, acts: PlotActs) -> None:
    """Open the menu of `plot` at a point of the screen."""
    menu = QMenu(plot)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction(plot.tr("Show everything"), acts.show_all)
    menu.addAction(plot.tr("Back to all plots") if acts.is_large else plot.tr("Enlarge"), acts.resize)
    menu.addSeparator()
    add_saving(menu, acts.picture, acts.save)
    menu.popup(at)


def add_saving(menu: QMenu, picture: Callable[[], QImage], save: Callable[[str], object]) -> None:
    """Offer a plot as a picture on the clipboard or in a file, and its numbers."""
    menu.addAction(menu.tr("Copy as image"), lambda: QApplication.clipboard().setImage(picture()))
    for words, kind in (
        (menu.tr("Save as PNG…"), "png"),
        (menu.tr("Save as SVG…"), "svg"),
        (menu.tr("Save values as CSV…"), "csv"),
    ):
        menu.addAction(words, lambda kind=kind: save(kind))  # type: ignore[misc]

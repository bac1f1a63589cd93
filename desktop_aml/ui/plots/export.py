"""A plot as a file: a picture of it, drawn at once or kept as lines, or its numbers."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from PySide6.QtCore import QBuffer, QPoint
from PySide6.QtGui import QImage, QPainter
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QAbstractButton, QGraphicsView, QWidget

from desktop_aml.domain.errors import StorageError
from desktop_aml.ui.look import theme
from desktop_aml.ui.plots.data import CurveData, exact_rows

_SHARPNESS: Final = 2
"""Pixels of a saved picture for one of the screen: it is often printed, or shown larger."""


def picture(widget: QWidget, set_sharpness: Callable[[int], object]) -> QImage:
    """Return a picture of a plot that stays sharp when it is enlarged; the plot is told how much sharper to draw."""
    image = QImage(widget.size() * _SHARPNESS, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(_SHARPNESS)
    image.fill(theme.color("surface"))
    set_sharpness(_SHARPNESS)
    with _without_buttons(widget):
        widget.render(image)
    set_sharpness(0)
    return image


@contextmanager
def _without_buttons(widget: QWidget) -> Iterator[None]:
    """Hide what can be pressed: in a picture it cannot."""
    buttons = [button for button in widget.findChildren(QAbstractButton) if button.isVisible()]
    for button in buttons:
        button.hide()
    try:
        yield
    finally:
        for button in buttons:
            button.show()


@contextmanager
def _as_lines(widget: QWidget) -> Iterator[None]:
    """Let the items of plots draw themselves anew, not from pictures that they keep of themselves."""
    views = [(view, view.cacheMode()) for view in widget.findChildren(QGraphicsView)]
    drawn = [item for view, _ in views for item in view.items() if hasattr(item, "setExportMode")]
    for view, _ in views:
        view.setCacheMode(QGraphicsView.CacheModeFlag.CacheNone)
    for item in drawn:
        item.setExportMode(True, {})
    try:
        yield
    finally:
        for view, mode in views:
            view.setCacheMode(mode)
        for item in drawn:
            item.setExportMode(False)


def png_of(image: QImage) -> bytes:
    """Return a picture as PNG."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")  # type: ignore[call-overload]
    return bytes(buffer.data().data())


def svg_of(widget: QWidget) -> bytes:
    """Return `widget` as SVG, drawn with lines and letters."""
    buffer = QBuffer()
    buffer.open(QBuffer.OpenModeFlag.WriteOnly)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setSize(widget.size())
    generator.setViewBox(widget.rect())
    generator.setTitle(widget.accessibleName())
    painter = QPainter(generator)
    with _without_buttons(widget), _as_lines(widget):
        widget.render(painter, QPoint())
    painter.end()
    return bytes(buffer.data().data())


def save_bytes(data: bytes, path: Path) -> None:
    """Write a picture.

    Raises
    ------
    StorageError
        When the file cannot be written.
    """
    try:
        path.write_bytes(data)
    except OSError as error:
        words = f"The picture could not be written to “{path}”: {error.strerror}."
        raise StorageError(words, "Choose another folder.") from error


def save_csv(curve: CurveData, path: Path, weight: float = 0.0) -> None:
    """Write every point of a curve: index, step, Unix time in seconds, value; the smoothed value for a weight.

    Raises
    ------
    StorageError
        When the file cannot be written, or only the outline of the curve was read yet.
    """
    if not curve.is_whole():
        raise StorageError(f"The values of “{curve.name}” are still being read.", "Save them again in a moment.")
    means = curve.numbers(weight)
    try:
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["index", "step", "time", curve.name, *(["smoothed"] if weight else [])])
            for row, mean in zip(exact_rows(curve), means.tolist(), strict=False):
                writer.writerow((*row, "" if math.isnan(mean) else mean) if weight else row)
    except OSError as error:
        raise StorageError(
            f"The values could not be written to “{path}”: {error.strerror}.", "Choose another folder."
        ) from error

"""The layout's rules, held against every widget of a window that is shown: what breaks one is said in words.

No label is clipped, no two siblings lie over each other, every text has a contrast of at least 4.5 to what it stands
on, margins and spacings are of the allowed steps, and what takes the keyboard has a name for those who cannot see.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QColor, QFontMetrics, QImage, QPalette
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QBoxLayout,
    QCheckBox,
    QComboBox,
    QDialogButtonBox,
    QDockWidget,
    QFormLayout,
    QGridLayout,
    QLabel,
    QLayout,
    QLineEdit,
    QMainWindow,
    QMenuBar,
    QPushButton,
    QStackedLayout,
    QStackedWidget,
    QStatusBar,
    QTabWidget,
    QToolBar,
    QToolButton,
    QWidget,
)

from desktop_aml.ui.look import theme
from desktop_aml.ui.look.colors import contrast
from desktop_aml.ui.widgets.list_table import ListTable
from desktop_aml.ui.widgets.widgets import ElidedLabel

_FRAME: Final = 1
"""The room of the frame that shows where the keyboard is."""

STEPS: Final = frozenset(
    {0, _FRAME, theme.SPACE_XS, theme.SPACE_S, theme.SPACE_M, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_XXL}
)
LEAST_CONTRAST: Final = 4.5
_HAIR: Final = 2
"""Pixels that rounding may take."""

_OWN_LAYOUTS: Final = (
    QDialogButtonBox,
    QMainWindow,
    QDockWidget,
    QToolBar,
    QStatusBar,
    QMenuBar,
    QTabWidget,
    QComboBox,
    QAbstractSpinBox,
    QStackedWidget,
)
"""Qt lays these out itself."""

Pixels = np.ndarray


def broken(window: QWidget) -> list[str]:
    """Return every breach of a rule in a window that is shown, as words that name the widget."""
    # A dialog is a child of the window that it lies over, but has a picture of its own.
    own = (one for one in (window, *window.findChildren(QWidget)) if one.window() is window.window())
    shown = [one for one in own if one.isVisibleTo(window) and _is_ours(one)]
    found = [*_clipped(window, shown), *_over_each_other(shown), *_spacings(shown), *_nameless(shown)]
    found += _sideways(shown)
    return [*found, *pale(window, shown, window.grab().toImage())]


def _is_ours(widget: QWidget) -> bool:
    return not widget.objectName().startswith("qt_") and widget.width() > 0 and widget.height() > 0


def _called(widget: QWidget) -> str:
    words = widget.objectName() or widget.accessibleName() or getattr(widget, "text", str)() or ""
    owner = widget.parentWidget()
    place = f" in {type(owner).__name__}" if owner is not None else ""
    return f"{type(widget).__name__} “{words[:40]}”{place}"


def _words(widget: QWidget) -> str:
    if isinstance(widget, QLabel | QAbstractButton):
        return widget.text()
    return ""


def _written(widget: QWidget) -> tuple[str, QPalette.ColorRole]:
    """Return the text that a widget shows, and the colour of its palette that it is written in."""
    if isinstance(widget, QLineEdit):
        role = QPalette.ColorRole.Text if widget.text() else QPalette.ColorRole.PlaceholderText
        return widget.text() or widget.placeholderText(), role
    if isinstance(widget, QComboBox):
        return widget.currentText(), QPalette.ColorRole.Text
    is_button = isinstance(widget, QAbstractButton)
    return _words(widget), QPalette.ColorRole.ButtonText if is_button else QPalette.ColorRole.WindowText


def _may_scroll(widget: QWidget, window: QWidget) -> bool:
    """Whether a scroll area brings into sight what lies outside."""
    above = widget.parentWidget()
    while above is not None and above is not window:
        if isinstance(above, QAbstractScrollArea):
            return True
        above = above.parentWidget()
    return False


# Clipped.


def _clipped(window: QWidget, shown: list[QWidget]) -> Iterator[str]:
    for widget in shown:
        words = _words(widget)
        if not words or isinstance(widget, ElidedLabel):
            continue
        if isinstance(widget, QLabel):
            is_cut = _label_is_cut(widget)
        else:
            is_cut = isinstance(widget, QPushButton | QCheckBox | QToolButton) and _button_is_cut(widget)
        if is_cut:
            yield f"clipped: {_called(widget)}, {widget.width()}x{widget.height()}"
        elif not _may_scroll(widget, window) and not _is_whole(widget):
            yield f"covered or cut by what is around it: {_called(widget)}"


def _label_is_cut(label: QLabel) -> bool:
    if label.textFormat() is Qt.TextFormat.RichText or label.wordWrap():
        return label.hasHeightForWidth() and label.heightForWidth(label.width()) > label.height() + _HAIR
    needed = label.sizeHint()
    return needed.width() > label.width() + _HAIR or needed.height() > label.height() + _HAIR


def _button_is_cut(button: QAbstractButton) -> bool:
    if isinstance(button, QToolButton) and not button.icon().isNull():
        # Its words are its tip and its name.
        return False
    text = button.text().replace("&&", "\0").replace("&", "").replace("\0", "&")
    icon = 0 if button.icon().isNull() else button.iconSize().width()
    return QFontMetrics(button.font()).horizontalAdvance(text) + icon > button.width()


def _is_whole(widget: QWidget) -> bool:
    region = widget.visibleRegion()
    return region.isEmpty() or region.boundingRect().adjusted(-_HAIR, -_HAIR, _HAIR, _HAIR).contains(widget.rect())


# Over each other.


def _over_each_other(shown: list[QWidget]) -> Iterator[str]:
    for widget in shown:
        layout = widget.layout()
        if layout is None or isinstance(widget, _OWN_LAYOUTS) or isinstance(layout, QStackedLayout):
            continue
        parts = [one for one in _parts(layout) if one.isVisible()]
        for number, one in enumerate(parts):
            for other in parts[number + 1 :]:
                common = one.geometry().intersected(other.geometry())
                if common.width() > _HAIR and common.height() > _HAIR:
                    yield f"over each other: {_called(one)} and {_called(other)}"


def _parts(layout: QLayout) -> Iterator[QWidget]:
    for number in range(layout.count()):
        item = layout.itemAt(number)
        if item is None:
            continue
        if (widget := item.widget()) is not None:
            yield widget
        elif (inner := item.layout()) is not None and not isinstance(inner, QStackedLayout):
            yield from _parts(inner)


# Spacing.


def _spacings(shown: list[QWidget]) -> Iterator[str]:
    for widget in shown:
        layout = widget.layout()
        if layout is not None and not isinstance(widget, _OWN_LAYOUTS):
            for one in _layouts(layout):
                yield from (f"{words} in {_called(widget)}" for words in _odd_spacing(one))


def _layouts(layout: QLayout) -> Iterator[QLayout]:
    yield layout
    for number in range(layout.count()):
        item = layout.itemAt(number)
        inner = item.layout() if item is not None else None
        if inner is not None:
            yield from _layouts(inner)


def _odd_spacing(layout: QLayout) -> Iterator[str]:
    margins = layout.contentsMargins()
    sides = {margins.left(), margins.top(), margins.right(), margins.bottom()}
    if isinstance(layout, QGridLayout | QFormLayout):
        gaps = {layout.horizontalSpacing(), layout.verticalSpacing()}
    else:
        gaps = {layout.spacing()} if isinstance(layout, QBoxLayout) and layout.count() > 1 else set()
    if odd := sides - STEPS:
        yield f"margin {sorted(odd)}"
    if odd := gaps - STEPS:
        yield f"spacing {sorted(odd)}"


# Columns.


def _sideways(shown: list[QWidget]) -> Iterator[str]:
    for widget in shown:
        if isinstance(widget, ListTable) and not widget.may_scroll_sideways and widget.horizontalScrollBar().maximum():
            yield f"scrolls sideways: {_called(widget)}, {widget.header().length()} in {widget.viewport().width()}"


# Names.


def _nameless(shown: list[QWidget]) -> Iterator[str]:
    for widget in shown:
        is_reached = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled()
        is_inner = isinstance(widget, QLineEdit) and isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox)
        if not is_reached or is_inner or widget.focusProxy() is not None:
            continue
        said = QAccessible.queryAccessibleInterface(widget)
        if said is not None and not said.text(QAccessible.Text.Name).strip():
            yield f"no accessible name: {_called(widget)}"


# Contrast.


def _pixels(image: QImage) -> Pixels:
    picture = image.convertToFormat(QImage.Format.Format_RGB32)
    table = np.frombuffer(picture.constBits(), dtype=np.uint32).reshape(picture.height(), -1)
    return table[:, : picture.width()].copy()


def pale(window: QWidget, shown: list[QWidget], image: QImage) -> Iterator[str]:
    """Yield each text that stands out too little in a picture of the window, whatever the scale of the picture."""
    pixels, scale = _pixels(image), image.devicePixelRatio()
    for widget in shown:
        words, role = _written(widget)
        if not words.strip() or not widget.isEnabled() or (isinstance(widget, QLabel) and widget.pixmap()):
            continue
        seen = widget.visibleRegion().boundingRect()
        area = QRect(widget.mapTo(window, seen.topLeft()), seen.size()).intersected(window.rect())
        left, top, right, bottom = (
            round(scale * edge) for edge in (area.left(), area.top(), area.right() + 1, area.bottom() + 1)
        )
        part = pixels[top:bottom, left:right]
        if not part.size:
            continue
        colors, counts = np.unique(part, return_counts=True)
        ground = _rgb(int(colors[counts.argmax()]))
        # Thin strokes never reach the colour of their pen: that is what counts then.
        pen = QColor(widget.palette().color(role))
        if contrast((pen.red(), pen.green(), pen.blue()), ground) >= LEAST_CONTRAST:
            continue
        drawn = max(contrast(_rgb(int(color)), ground) for color in colors[np.argsort(-counts)][:64])
        if 1.05 < drawn < LEAST_CONTRAST:
            yield f"contrast {drawn:.1f}: {_called(widget)} at {widget.mapTo(window, QPoint()).toTuple()}"


def _rgb(color: int) -> tuple[int, int, int]:
    return color >> 16 & 255, color >> 8 & 255, color & 255

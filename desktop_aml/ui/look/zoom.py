"""The size of all text in the window, in percent of what the desktop wants."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication

from desktop_aml.ui.look import theme

STEPS: Final = (80, 90, 100, 110, 125, 140, 160)
"""What can be chosen, in percent."""

_PROPERTY: Final = "zoom_percent"


def percent() -> int:
    """Return the size in use."""
    app = QApplication.instance()
    return int(app.property(_PROPERTY) or 100) if app is not None else 100


def next_step(step: int) -> int:
    """Return the size that is `step` steps larger, or smaller when it is negative; at the ends the last one."""
    at = min(range(len(STEPS)), key=lambda index: abs(STEPS[index] - percent()))
    return STEPS[max(0, min(len(STEPS) - 1, at + step))]


def apply(app: QApplication, wanted: int) -> None:
    """Give all text the size `wanted`, in percent; one that cannot be chosen changes nothing."""
    before = percent()
    if wanted not in STEPS or wanted == before:
        return
    ratio = wanted / before
    # Those with a font of their own do not follow the application's: titles, small print, code.
    own = [
        (widget, widget.font()) for widget in app.allWidgets() if widget.testAttribute(Qt.WidgetAttribute.WA_SetFont)
    ]
    app.setProperty(_PROPERTY, wanted)
    font = app.font()
    font.setPointSizeF(font.pointSizeF() * ratio)
    app.setFont(font)
    for widget, kept in own:
        if kept.pointSizeF() > 0:
            kept.setPointSizeF(kept.pointSizeF() * ratio)
            widget.setFont(kept)
    theme.changed.emit()

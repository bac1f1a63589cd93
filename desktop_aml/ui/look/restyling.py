"""Drawing in other colours waits for the eyes: what no one sees is drawn anew when it is shown."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from desktop_aml.ui.look import theme


class _Restyling(QObject):
    def __init__(self, widget: QWidget, restyle: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget, self._restyle = widget, restyle
        self._is_waiting = False
        theme.changed.connect(self._on_theme_changed)

    def _on_theme_changed(self) -> None:
        if self._widget.isVisible():
            self._restyle()
        elif not self._is_waiting:
            self._is_waiting = True
            self._widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Draw anew before the widget is seen."""
        if self._is_waiting and event.type() is QEvent.Type.Show:
            self._is_waiting = False
            self._widget.removeEventFilter(self)
            self._restyle()
        return False


def restyle_when_seen(widget: QWidget, restyle: Callable[[], None]) -> None:
    """Call `restyle` after each change of the colours: at once while `widget` is visible, else when it is shown.

    Parameters
    ----------
    widget : QWidget
        Whose visibility counts. Nothing is called once it is gone.
    restyle : callable
        Draws `widget` in the colours in use; called once however often the colours changed meanwhile.
    """
    _Restyling(widget, restyle)

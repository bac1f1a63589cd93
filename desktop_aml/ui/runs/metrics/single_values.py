"""Metrics that were logged once: names and values in two columns of text."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.plots.data import CurveData
from desktop_aml.ui.widgets.widgets import SecondaryLabel


class SingleValues(QWidget):
    """Shows the last value of each of some curves. Labels stay as they are while others come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: list[tuple[QLabel, QLabel]] = []
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setHorizontalSpacing(theme.SPACE_XL)
        self._layout.setVerticalSpacing(theme.SPACE_XS)
        self._layout.setColumnStretch(2, 1)
        self.hide()

    def show_curves(self, curves: Sequence[CurveData]) -> None:
        """Show the last values of `curves`."""
        while len(self._rows) < len(curves):
            self._add_row()
        for number, (name, value) in enumerate(self._rows):
            is_shown = number < len(curves)
            name.setVisible(is_shown)
            value.setVisible(is_shown)
            if is_shown:
                curve = curves[number]
                name.setText(curve.name)
                value.setText(formats.number4(curve.value(len(curve) - 1)))
        self.setVisible(bool(curves))

    def shown(self) -> dict[str, str]:
        """Return what is shown: the value by its name."""
        return {name.text(): value.text() for name, value in self._rows if not name.isHidden()}

    def _add_row(self) -> None:
        name, value = SecondaryLabel("", self), QLabel(self)
        name.setWordWrap(False)
        value.setTextFormat(Qt.TextFormat.PlainText)
        value.setFont(theme.font("mono"))
        value.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = len(self._rows)
        self._layout.addWidget(name, row, 0)
        self._layout.addWidget(value, row, 1)
        self._rows.append((name, value))

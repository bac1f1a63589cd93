"""A field for a whole or decimal number that may be empty, of any size and as precise as it was typed."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation

from PySide6.QtCore import Signal
from PySide6.QtGui import QValidator, QWheelEvent
from PySide6.QtWidgets import QAbstractSpinBox, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.widgets import indent_text


class NumberField(QAbstractSpinBox):
    """A spin box whose emptiness means "leave it alone" and which the mouse wheel never changes.

    Parameters
    ----------
    whole : bool
        Only whole numbers.
    start : float or None
        Where stepping begins while the field is empty.
    minimum : int or None
        Smallest value.
    """

    value_changed = Signal()

    def __init__(
        self, *, whole: bool, start: float | None = None, minimum: int | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._whole = whole
        self._start = start
        self._minimum = minimum
        # The application's style sheet does not reach the placeholder of a spin box's inner field.
        theme.changed.connect(self._restyle)
        self._restyle()
        indent_text(self.lineEdit())
        self.lineEdit().textChanged.connect(lambda _text: self.value_changed.emit())

    def set_placeholder(self, text: str) -> None:
        """Show `text` while the field is empty."""
        self.lineEdit().setPlaceholderText(text)

    def value(self) -> int | float | None:
        """Return the number; None while the field is empty or not a number."""
        text = self.lineEdit().text().strip()
        try:
            found = (int(text) if self._whole else float(text)) if text else None
        except ValueError:
            return None
        return None if found is not None and self._is_too_small(found) else found

    def set_value(self, value: float | None) -> None:
        """Show `value`; None empties the field."""
        self.lineEdit().setText("" if value is None else repr(value) if isinstance(value, float) else str(value))

    def is_faulty(self) -> bool:
        """Whether something is typed that is no number."""
        return self.value() is None and bool(self.lineEdit().text().strip())

    def stepBy(self, steps: int) -> None:  # noqa: N802
        """Step in the last digit that is written: from 0.01 to 0.02, from 200 to 201."""
        text = self.lineEdit().text().strip()
        current = _decimal(text) if text else _decimal(str(self._start if self._start is not None else 0))
        if current is None:
            return
        exponent = current.as_tuple().exponent
        step = Decimal(1) if self._whole or not isinstance(exponent, int) else Decimal(1).scaleb(min(exponent, 0))
        after = current + steps * step
        if not self._is_too_small(float(after)):
            self.lineEdit().setText(f"{after:f}" if abs(after) >= Decimal("0.0001") or not after else str(after))
            self.selectAll()

    def stepEnabled(self) -> QAbstractSpinBox.StepEnabledFlag:  # noqa: N802
        """Both ways, but not below the smallest value."""
        flags = QAbstractSpinBox.StepEnabledFlag
        value = self.value()
        if self._minimum is not None and (value if value is not None else self._start or 0) <= self._minimum:
            return flags.StepUpEnabled
        return flags.StepUpEnabled | flags.StepDownEnabled

    def validate(self, text: str, position: int) -> tuple[QValidator.State, str, int]:
        """Let anything be typed that can become a number."""
        allowed = "0123456789+-_ " if self._whole else "0123456789+-_.eEinfa "
        fine = all(character in allowed for character in text)
        return (QValidator.State.Acceptable if fine else QValidator.State.Invalid, text, position)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to the pane: scrolling past a field must not change it."""
        event.ignore()

    def _restyle(self) -> None:
        color = theme.tokens().secondary
        # With a sheet of its own the field would take the padding of the others, beside its margin.
        plain = "min-height: 0; padding: 0; border: none;"
        self.lineEdit().setStyleSheet(f"QLineEdit {{ placeholder-text-color: {color}; {plain} }}")

    def _is_too_small(self, value: float) -> bool:
        return self._minimum is not None and not math.isnan(value) and value < self._minimum


def _decimal(text: str) -> Decimal | None:
    try:
        found = Decimal(text)
    except InvalidOperation:
        return None
    return found if found.is_finite() else None

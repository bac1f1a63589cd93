"""A list to choose one value from, which the mouse wheel never changes."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QComboBox, QWidget

from desktop_aml.ui.look import theme


class ChoiceField(QComboBox):
    """A combo box of labelled values."""

    def __init__(self, parent: QWidget | None = None, *, editable: bool = False) -> None:
        super().__init__(parent)
        self._values: list[object] = []
        self.setEditable(editable)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMinimumHeight(theme.FIELD_HEIGHT)
        # Long names must not make the pane wider.
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(8)

    def set_choices(self, choices: Iterable[tuple[str, object]]) -> None:
        """Offer labels and their values; the value chosen before stays chosen when it is still there."""
        before = self.value()
        self.blockSignals(True)
        self.clear()
        self._values = []
        for label, value in choices:
            self.addItem(label, value)
            self._values.append(value)
            self.setItemData(self.count() - 1, label, Qt.ItemDataRole.ToolTipRole)
        self.set_value(before)
        self.blockSignals(False)

    def value(self) -> object:
        """Return the value chosen; None when there is none."""
        index, data = self.currentIndex(), self.currentData()
        # Qt keeps a text where a member of an enumeration of texts was given.
        given = self._values[index] if 0 <= index < len(self._values) else data
        return given if given == data else data

    def set_value(self, value: object) -> bool:
        """Choose `value`; leave things as they are and return False when it is not offered."""
        for index in range(self.count()):
            found = self.itemData(index)
            # True is no 1; of texts, a member of an enumeration is what it spells.
            is_same_kind = type(found) is type(value) or (isinstance(found, str) and isinstance(value, str))
            if found == value and is_same_kind:
                self.setCurrentIndex(index)
                return True
        return False

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel to the pane: scrolling past a field must not change it."""
        event.ignore()

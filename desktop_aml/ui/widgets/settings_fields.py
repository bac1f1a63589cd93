"""The fields of the settings dialog: sections of a label, a field, a help text, and room for what is wrong."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QCheckBox, QLabel, QSpinBox, QVBoxLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.widgets import Heading, SecondaryLabel, indent_text


class WholeNumber(QSpinBox):
    """A spin box that leaves the wheel to what scrolls around it."""

    def __init__(self, minimum: int, maximum: int, suffix: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setRange(minimum, maximum)
        self.setSuffix(suffix)
        indent_text(self.lineEdit())
        self.setGroupSeparatorShown(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802
        """Leave the wheel alone: scrolling past a field must not change it."""
        event.ignore()


class SettingsFields(QVBoxLayout):
    """Fields below each other, which stay readable however narrow the dialog and however large the letters are."""

    def __init__(self) -> None:
        super().__init__()
        self.setSpacing(theme.SPACE_XS)
        self._faults: dict[QWidget, ErrorLine] = {}

    def section(self, title: str) -> None:
        """Begin a section."""
        if self.count():
            self.addSpacing(theme.SPACE_L)
        self.addWidget(Heading(title, 2))

    def add(self, label: str, field: QWidget, help_text: str) -> None:
        """Add a field; a check box is its own label."""
        self.addSpacing(theme.SPACE_S)
        name = label.replace("&", "")
        if isinstance(field, QCheckBox):
            field.setText(label)
        else:
            words = QLabel(label)
            words.setBuddy(field)
            self.addWidget(words)
            field.setMinimumHeight(theme.FIELD_HEIGHT)
        field.setAccessibleName(name)
        field.setAccessibleDescription(help_text)
        self.addWidget(field)
        fault = self._faults[field] = ErrorLine()
        self.addWidget(fault)
        self.addWidget(SecondaryLabel(help_text, small=True))

    def show_fault(self, field: QWidget, fault: str, hint: str = "") -> None:
        """Say below a field what is wrong with it; nothing when it is empty."""
        self._faults[field].show_text(fault, hint)

    def fault_of(self, field: QWidget) -> str:
        """Return what is said below a field."""
        line = self._faults[field]
        return line.message.text() if not line.isHidden() else ""

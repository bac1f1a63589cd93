"""The name of a group of plots, which folds them away."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QSizePolicy, QToolButton, QWidget

from desktop_aml.ui.look import formats, icons, theme


class GroupHeading(QToolButton):
    """A heading over a group; pressing it hides or shows what is below. Open at first."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._name = name
        self.setCheckable(True)
        self.setChecked(True)
        self.setFont(theme.font("heading"))
        self.setProperty("heading", True)
        self.setIconSize(QSize(theme.SPACE_L, theme.SPACE_L))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._on_toggled)
        self._on_toggled(True)
        self.set_count(0)

    def set_count(self, count: int) -> None:
        """Say how many the group holds."""
        self.setText(f" {self._name}  ({formats.count(count)})")
        self.setAccessibleName(self.tr("Group {0}, {1} plots").format(self._name, formats.count(count)))

    def is_open(self) -> bool:
        """Whether what is below is shown."""
        return self.isChecked()

    def _on_toggled(self, is_open: bool) -> None:
        icons.set_icon(self, "chevron-down" if is_open else "chevron-right", "secondary")
        self.setToolTip(self.tr("Fold this group") if is_open else self.tr("Show this group"))

"""What a file holds, in words: facts one below the other, and the first rows of a table."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QSplitter, QVBoxLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.viewers.apart import Facts
from desktop_aml.ui.viewers.table_preview import TablePreview
from desktop_aml.ui.viewers.tables import TablePage
from desktop_aml.ui.widgets.facts import Facts as FactRows


class FactsPreview(QSplitter):
    """Facts above, rows below where there are some."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.body = QWidget(self)
        self.body.setProperty("surface", True)
        self._column = QVBoxLayout(self.body)
        self._column.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_L)
        self.rows = FactRows(self.body)
        self._column.addWidget(self.rows)
        self._column.addStretch(1)
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setFrameShape(QFrame.Shape.NoFrame)
        self.area.setAccessibleName(self.tr("What the file holds"))
        self.area.setWidget(self.body)
        self.table = TablePreview(self)
        self.addWidget(self.area)
        self.addWidget(self.table)
        self.setStretchFactor(1, 1)
        self.setChildrenCollapsible(False)

    def show_facts(self, facts: Facts) -> None:
        """Show what was found in a file."""
        self._column.removeWidget(self.rows)
        self.rows.deleteLater()
        self.rows = FactRows(self.body)
        self._column.insertWidget(0, self.rows)
        for name, value in facts.facts:
            self.rows.add(name, self._value(name, value))
        self.table.setVisible(bool(facts.head or facts.rows))
        self.table.show_page(TablePage(facts.head, facts.rows, 0, len(facts.rows)))
        self.area.verticalScrollBar().setValue(0)

    def _value(self, name: str, value: str) -> QLabel:
        label = QLabel(value, self.rows)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setAccessibleName(f"{name}: {value}")
        return label

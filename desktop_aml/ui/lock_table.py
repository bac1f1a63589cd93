"""The exact packages of an environment."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QPushButton,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.environments import EnvironmentLock
from desktop_aml.ui import formats, icons, theme
from desktop_aml.ui.padded_delegate import PaddedDelegate
from desktop_aml.ui.widgets import EmptyState, SecondaryLabel


class LockTable(QWidget):
    """Python version, notes, and a table of packages; copied as requirements with hashes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lock: EnvironmentLock | None = None
        self.summary = SecondaryLabel("", self)
        self.copy_button = QPushButton(self.tr("Copy as requirements.txt"), self)
        icons.set_icon(self.copy_button, "copy", "secondary")
        self.copy_button.clicked.connect(self.copy)
        self.notes = SecondaryLabel("", self, small=True)
        self.table = QTableWidget(0, 3, self)
        self.table.setHorizontalHeaderLabels([self.tr("Package"), self.tr("Version"), self.tr("SHA-256")])
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(theme.ROW_HEIGHT)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.table.setItemDelegate(PaddedDelegate(self.table))
        self.table.setShowGrid(False)
        self.table.setColumnWidth(0, 200)
        self.table.setAccessibleName(self.tr("Packages"))
        self.empty = EmptyState(
            "environment", self.tr("Not resolved yet: the first build or run does it."), parent=self
        )
        body = QWidget(self)
        head = QHBoxLayout()
        head.addWidget(self.summary, 1)
        head.addWidget(self.copy_button)
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_L, theme.SPACE_S)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(head)
        column.addWidget(self.notes)
        column.addWidget(self.table, 1)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(body)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)

    def show_lock(self, lock: EnvironmentLock | None) -> None:
        """Show what an environment resolved to, or that it has not been."""
        self._lock = lock
        self.stack.setCurrentIndex(0 if lock is None else 1)
        if lock is None:
            return
        words = self.tr("Python {0}  ·  {1} packages  ·  {2}")
        self.summary.setText(words.format(lock.python_version, formats.count(len(lock.packages)), lock.platform))
        self.notes.setText("\n".join(lock.notes))
        self.notes.setVisible(bool(lock.notes))
        self.table.setRowCount(len(lock.packages))
        for row, package in enumerate(lock.packages):
            hashes = ", ".join(one.removeprefix("sha256:")[:12] for one in package.hashes[:3])
            for column, text in enumerate((package.name, package.version, hashes)):
                item = QTableWidgetItem(text)
                item.setFont(theme.font("mono" if column else "body"))
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                self.table.setItem(row, column, item)

    def copy(self) -> None:
        """Copy the lock as it is installed."""
        if self._lock is not None:
            QGuiApplication.clipboard().setText(self._lock.text)

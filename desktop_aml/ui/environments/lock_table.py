"""The exact packages of an environment, how they came to be, and the files that other tools read."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QPushButton,
    QScrollArea,
    QStackedWidget,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.domain.environments import EnvironmentLock
from desktop_aml.domain.errors import DesktopAMLError, InvalidInput
from desktop_aml.domain.lock_export import LockFormat, export
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.widgets.by_keys.header import HeaderKeys
from desktop_aml.ui.widgets.padded_delegate import PaddedDelegate
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.ui.widgets.save_dialog import ask_where_to_save
from desktop_aml.ui.widgets.widgets import EmptyState, SecondaryLabel

_SHOWN_ROWS: Final = 5
_LEAST_WIDTHS: Final = (200, 100)

_FILES: Final = {
    LockFormat.REQUIREMENTS: "requirements.txt",
    LockFormat.CONDA_EXPLICIT: "explicit.txt",
    LockFormat.YAML: "environment.yml",
}


class LockTable(QWidget):
    """Python version, builder and why it was chosen, notes, a table of packages; exported for pip and conda."""

    failed = Signal(object)
    """The `DesktopAMLError` that kept a lock from being copied or saved."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._lock: EnvironmentLock | None = None
        self._label = ""
        self.summary = SecondaryLabel("", self)
        self.export_button = QPushButton(self.tr("Export"), self)
        icons.set_icon(self.export_button, "download", "secondary")
        self.export_button.clicked.connect(self._on_export_button_clicked)
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
        self.table.setAccessibleName(self.tr("Packages"))
        HeaderKeys(self.table, self.table.horizontalHeader())
        self.empty = EmptyState(
            "environment", self.tr("Not resolved yet: the first build or run does it."), parent=self
        )
        body = QWidget(self)
        head = QHBoxLayout()
        head.addWidget(self.summary, 1)
        head.addWidget(self.export_button)
        column = QVBoxLayout(body)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_S, theme.SPACE_L, theme.SPACE_S)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(head)
        column.addWidget(self.notes)
        column.addWidget(self.table, 1)
        # Where the pane is low, notes and table are scrolled together instead of being squeezed into each other.
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        # Its table takes the keyboard, and scrolls.
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(body)
        self.table.setMinimumHeight(_SHOWN_ROWS * theme.ROW_HEIGHT)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(scroll)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.stack)

    def show_lock(self, lock: EnvironmentLock | None, label: str = "") -> None:
        """Show what an environment resolved to, or that it has not been; `label` names it in exported files."""
        self._lock, self._label = lock, label
        self.stack.setCurrentIndex(0 if lock is None else 1)
        if lock is None:
            return
        words = self.tr("Python {0}  ·  {1} packages  ·  {2}  ·  built by {3}")
        count = formats.count(len(lock.packages))
        self.summary.setText(words.format(lock.python_version, count, lock.platform, lock.builder))
        notes = (lock.chosen_because, *lock.notes)
        self.notes.setText("\n".join(filter(None, notes)))
        self.notes.setVisible(any(notes))
        self.export_button.setVisible(bool(lock.packages))
        self.table.setRowCount(len(lock.packages))
        for row, package in enumerate(lock.packages):
            hashes = ", ".join(one.removeprefix("sha256:")[:12] for one in package.hashes[:3])
            for column, text in enumerate((package.name, package.version, hashes)):
                item = QTableWidgetItem(text)
                item.setFont(theme.font("mono" if column else "body"))
                item.setFlags(item.flags() & ~Qt.ItemFlag.ItemIsEditable)
                self.table.setItem(row, column, item)
        # A version that is cut short tells nothing: which one it is stands at its end.
        for column, least in enumerate(_LEAST_WIDTHS):
            self.table.resizeColumnToContents(column)
            self.table.setColumnWidth(column, max(least, self.table.columnWidth(column)))

    # Taking along.

    def menu(self) -> RowMenu:
        """Return the forms in which the lock can be taken along; what one cannot say is not offered."""
        menu = RowMenu(self)
        words = {
            LockFormat.REQUIREMENTS: self.tr("requirements.txt with hashes"),
            LockFormat.CONDA_EXPLICIT: self.tr("conda explicit list"),
            LockFormat.YAML: self.tr("conda YAML with exact versions"),
        }
        for form, name in words.items():
            possible = self._is_possible(form)
            copy, save = self.tr("Copy {0}"), self.tr("Save {0}…")
            menu.entry("copy", copy.format(name), partial(self.copy, form), enabled=possible)
            menu.entry("save", save.format(name), partial(self._choose_file, form), enabled=possible)
            menu.addSeparator()
        return menu

    def _is_possible(self, form: LockFormat) -> bool:
        try:
            return bool(self.exported(form))
        except InvalidInput:
            return False

    def exported(self, form: LockFormat) -> str:
        """Return the lock as text in a form; empty when there is none.

        Raises
        ------
        InvalidInput
            When the form cannot say what the lock holds.
        """
        return "" if self._lock is None else export(self._lock, self._label or "environment", form)

    def _on_export_button_clicked(self) -> None:
        self.menu().popup(self.export_button.mapToGlobal(self.export_button.rect().bottomLeft()))

    def copy(self, form: LockFormat = LockFormat.REQUIREMENTS) -> None:
        """Copy the lock in a form."""
        try:
            QGuiApplication.clipboard().setText(self.exported(form))
        except DesktopAMLError as error:
            self.failed.emit(error)

    def save(self, form: LockFormat, path: Path) -> None:
        """Write the lock into a file."""
        try:
            path.write_text(self.exported(form), encoding="utf-8")
        except DesktopAMLError as error:
            self.failed.emit(error)
        except OSError as error:
            words = self.tr("{0} cannot be written: {1}.").format(path, error.strerror)
            self.failed.emit(DesktopAMLError(words, self.tr("Choose another folder.")))

    def _choose_file(self, form: LockFormat) -> None:
        ask_where_to_save(self, self.tr("Save"), lambda path: self.save(form, path), name=_FILES[form])

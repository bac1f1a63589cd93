"""Dialogs about errors: the details of one that was foreseen, and the report of one that was not."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Message
from desktop_aml.ui.widgets.computer_text import description_of_computer
from desktop_aml.ui.widgets.widgets import Heading, IconLabel, SecondaryLabel


class ErrorDialog(QDialog):
    """What failed, what to do now, where the log is; Details and Copy.

    Parameters
    ----------
    title : str
        What happened, in one line.
    hint : str
        What to do now.
    details : str
        Long technical text, folded away at first.
    log_path : Path, optional
        The program's log file.
    """

    def __init__(
        self,
        title: str,
        hint: str = "",
        details: str = "",
        log_path: Path | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Error"))
        self.setObjectName("error_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._log_path = log_path
        self._words = (title, hint, details)
        self._heading = Heading(title, 2)
        self._heading.setWordWrap(True)
        self._heading.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._hint = SecondaryLabel(hint)
        self._details = QPlainTextEdit(details)
        self._details.setReadOnly(True)
        self._details.setFont(theme.font("mono"))
        self._details.setAccessibleName(self.tr("Details"))
        self._details.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self._details.setMinimumHeight(220)
        self._details.hide()
        self._place()
        self.setMinimumWidth(520)

    @classmethod
    def of_message(cls, message: Message, parent: QWidget | None = None) -> ErrorDialog:
        """Return the dialog with everything that a message holds."""
        dialog = cls(message.text, message.hint, message.details, None, parent)
        if message.details:
            dialog.toggle_details()
        return dialog

    def _place(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_L)
        grid.setHorizontalSpacing(theme.SPACE_L)
        grid.setVerticalSpacing(theme.SPACE_M)
        grid.addWidget(IconLabel("cross-circle", 24, "failed"), 0, 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(theme.SPACE_S)
        words.addWidget(self._heading)
        words.addWidget(self._hint)
        self._hint.setVisible(bool(self._words[1]))
        if self._log_path is not None:
            where = QLabel(self.tr("Log: {0}").format(self._log_path))
            where.setTextFormat(Qt.TextFormat.PlainText)
            where.setFont(theme.font("small"))
            where.setProperty("role", "secondary")
            where.setWordWrap(True)
            where.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            words.addWidget(where)
        grid.addLayout(words, 0, 1)
        grid.addWidget(self._details, 1, 0, 1, 2)
        grid.addLayout(self._buttons(), 2, 0, 1, 2)
        grid.setColumnStretch(1, 1)
        grid.setRowStretch(1, 1)

    def _buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        self._toggle = QPushButton(self.tr("Details"))
        self._toggle.setCheckable(True)
        self._toggle.setVisible(bool(self._words[2]))
        self._toggle.clicked.connect(self.toggle_details)
        self._copy = QPushButton(self.tr("Copy"))
        self._copy.clicked.connect(self.copy)
        row.addWidget(self._toggle)
        row.addWidget(self._copy)
        if self._log_path is not None:
            show = QPushButton(self.tr("Open log"))
            show.clicked.connect(self._open_log)
            row.addWidget(show)
        row.addStretch(1)
        close = QPushButton(self.tr("Close"))
        close.setDefault(True)
        close.clicked.connect(self.accept)
        row.addWidget(close)
        return row

    def toggle_details(self) -> None:
        """Show or hide the long text."""
        shown = self._details.isHidden()
        self._details.setVisible(shown)
        self._toggle.setChecked(shown)
        self.adjustSize()

    def text(self) -> str:
        """Return all of it, with what is known of the computer, as it is copied."""
        return "\n\n".join(part for part in (*self._words, description_of_computer()) if part)

    def copy(self) -> None:
        """Put everything on the clipboard."""
        QGuiApplication.clipboard().setText(self.text())
        self._copy.setText(self.tr("Copied"))
        QTimer.singleShot(1500, self, lambda: self._copy.setText(self.tr("Copy")))

    def _open_log(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._log_path)))

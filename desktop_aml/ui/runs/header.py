"""The head of a run's page: what it is, how it stands, what can be done, and why it failed."""

from __future__ import annotations

import time
from typing import Final

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.runs import SWEEP, RunDetail, RunState
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.look.labels import environment_text, target_text
from desktop_aml.ui.runs.stage_strip import StageStrip
from desktop_aml.ui.widgets.error_dialog import ErrorDialog
from desktop_aml.ui.widgets.link_label import LinkLabel
from desktop_aml.ui.widgets.widgets import IconButton, IconLabel, PrimaryButton, SecondaryLabel, StateBadge, Title

_FAILURE_LINES: Final = 6
_COMPACT: Final = 620
"""Width in pixels below which the buttons are icons only."""


class FailureBox(QFrame):
    """Why a run failed: the sentence, the hint, Details, and the way to the end of the log."""

    log_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("card", True)
        self.setObjectName("failure_box")
        self._details = ""
        self.message = QLabel(self)
        self.message.setTextFormat(Qt.TextFormat.PlainText)
        self.message.setWordWrap(True)
        self.message.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.hint = SecondaryLabel("", self)
        self.details_button = LinkLabel(self.tr("Details"), self)
        self.details_button.clicked.connect(self._show_details)
        log = LinkLabel(self.tr("End of the log"), self)
        log.clicked.connect(self.log_wanted)
        words = QVBoxLayout()
        words.setSpacing(theme.SPACE_XS)
        words.addWidget(self.message)
        words.addWidget(self.hint)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_L)
        buttons.addWidget(self.details_button)
        buttons.addWidget(log)
        buttons.addStretch(1)
        words.addLayout(buttons)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(IconLabel("cross-circle", 16, "failed", self), 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(words, 1)
        self.hide()

    def show_failure(self, message: str, hint: str, details: str) -> None:
        """Show why; nothing when there is no message."""
        self._details = details
        self.message.setText(message)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.details_button.setVisible(bool(details))
        self.setVisible(bool(message))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Keep the room that the wrapped words need: a layout alone lets them be cut off on a low window."""
        super().resizeEvent(event)
        for label in (self.message, self.hint):
            most = label.fontMetrics().lineSpacing() * _FAILURE_LINES
            label.setMinimumHeight(max(0, min(label.heightForWidth(label.width()), most)))

    def _show_details(self) -> None:
        dialog = ErrorDialog(self.message.text(), self.hint.text(), self._details, None, self)
        dialog.toggle_details()
        dialog.open()


class RunHeader(QWidget):
    """Name, state, time, target and environment; the acts; the stages."""

    rename_wanted = Signal(str)
    cancel_wanted = Signal()
    again_wanted = Signal()
    changes_wanted = Signal()
    register_wanted = Signal()
    environment_wanted = Signal()
    parent_wanted = Signal(str)
    """Id of the run that started this one."""
    log_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._detail: RunDetail | None = None
        self.waits_because = ""
        self.name = Title("", self)
        self.edit = QLineEdit(self)
        self.edit.setAccessibleName(self.tr("Name of the run"))
        self.edit.hide()
        self.edit.editingFinished.connect(self._on_edit_finished)
        self.edit.installEventFilter(self)
        self.rename_button = IconButton("edit", self.tr("Rename (F2)"), self)
        self.rename_button.clicked.connect(self.begin_rename)
        self.badge = StateBadge("", self)
        self.facts = SecondaryLabel("", self)
        self.facts.setWordWrap(False)
        self.environment = LinkLabel("", self)
        self.environment.setToolTip(self.tr("Open the environment"))
        self.environment.clicked.connect(self.environment_wanted)
        self.parent_button = LinkLabel(self.tr("Child run"), self)
        self.parent_button.setToolTip(self.tr("Open the run that started this one"))
        self.parent_button.clicked.connect(self._on_parent_button_clicked)
        self.strip = StageStrip(self)
        self.failure = FailureBox(self)
        self.failure.log_wanted.connect(self.log_wanted)
        self._lay_out()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(theme.SPACE_S)
        # As high as with the primary button: when a run ends and gets it, nothing below moves.
        top.addStrut(theme.PRIMARY_HEIGHT)
        top.addWidget(self.name)
        top.addWidget(self.edit)
        top.addWidget(self.rename_button)
        top.addStretch(1)
        self.cancel_button = self._button("cancel", self.tr("Cancel"), self.cancel_wanted)
        self.again_button = self._button("rerun", self.tr("Run again"), self.again_wanted)
        self.changes_button = self._button("edit", self.tr("With changes…"), self.changes_wanted)
        self.register_button = PrimaryButton(self.tr("Register model"), self, icon="model")
        self.register_button.clicked.connect(self.register_wanted)
        for button in (self.cancel_button, self.again_button, self.changes_button, self.register_button):
            top.addWidget(button)
            button.hide()  # which of them a run has is not known yet
        self.parent_button.hide()
        second = QHBoxLayout()
        second.setSpacing(theme.SPACE_S)
        second.addWidget(self.badge)
        second.addWidget(self.facts)
        second.addWidget(self.environment)
        second.addWidget(self.parent_button)
        second.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.SPACE_L, theme.SPACE_M, theme.SPACE_L, theme.SPACE_S)
        column.setSpacing(theme.SPACE_S)
        column.addLayout(top)
        column.addLayout(second)
        column.addWidget(self.strip)
        column.addWidget(self.failure)

    def _button(self, icon: str, text: str, wanted: object) -> QPushButton:
        button = QPushButton(text, self)
        button.setAccessibleName(text.rstrip("…"))
        icons.set_icon(button, icon, "secondary")
        button.clicked.connect(wanted)
        return button

    def show_detail(self, detail: RunDetail, *, has_model: bool) -> None:
        """Show a run as it is now."""
        self._detail = detail
        summary = detail.summary
        self.name.setText(summary.display_name)
        self.badge.set_state(summary.state)
        self.environment.setText(environment_text(summary.environment))
        self.parent_button.setVisible(bool(summary.parent))
        ended = summary.state.is_terminal()
        self.cancel_button.setVisible(not ended)
        self.cancel_button.setEnabled(summary.state in {RunState.QUEUED, RunState.PREPARING, RunState.RUNNING})
        is_script = summary.target != SWEEP
        self.again_button.setVisible(ended and is_script)
        self.changes_button.setVisible(ended and is_script)
        self.register_button.setVisible(has_model)
        self._fit()
        self.failure.show_failure(
            summary.error if summary.state is RunState.FAILED else "", detail.hint, detail.error_details
        )
        self.tick()

    def _on_parent_button_clicked(self) -> None:
        if self._detail is not None:
            self.parent_wanted.emit(self._detail.summary.parent)

    def _fit(self) -> None:
        """Give the buttons their words only where there is room; the name takes what is left."""
        compact = self.width() < _COMPACT
        words = (
            (self.cancel_button, self.tr("Cancel")),
            (self.again_button, self.tr("Run again")),
            (self.changes_button, self.tr("With changes…")),
        )
        for button, text in words:
            button.setText("" if compact else text)
            icons.fit(button)
            button.setToolTip(text if compact else "")

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Fit the head to the width."""
        super().resizeEvent(event)
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802
        """Be content with little width: the buttons shorten themselves."""
        return QSize(320, super().minimumSizeHint().height())

    def tick(self) -> None:
        """Let the clock go on."""
        detail = self._detail
        if detail is None:
            return
        summary = detail.summary
        ran_s = summary.duration_s(time.time())
        duration = formats.duration(ran_s) if ran_s is not None else ""
        parts = [duration, target_text(summary.target)]
        self.facts.setText("  ·  ".join(["", *filter(None, parts), ""]).strip())
        note = self.waits_because if summary.state is RunState.RUNNING else ""
        if detail.queue_position:
            note = self.tr("Position {0} in the queue").format(formats.count(detail.queue_position))
            note = f"{note}: {self.waits_because}" if self.waits_because else note
        if not (summary.state is RunState.PREPARING and self.strip.bar.isVisible()):
            failed = detail.outcome is None or not detail.outcome.succeeded()
            self.strip.show_history(detail.history, note, ran_s=ran_s, has_script_failed=failed)

    def begin_rename(self) -> None:
        """Turn the name into a field."""
        if self._detail is None:
            return
        self.edit.setText(self._detail.summary.display_name)
        self.name.hide()
        self.edit.show()
        self.edit.selectAll()
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_edit_finished(self) -> None:
        if self.edit.isHidden():
            return
        text = self.edit.text().strip()
        self.edit.hide()
        self.name.show()
        if text and self._detail is not None and text != self._detail.summary.display_name:
            self.rename_wanted.emit(text)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802
        """Leave the name alone on Esc."""
        if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Escape:
            self.edit.hide()
            self.name.show()
            return True
        return super().eventFilter(watched, event)

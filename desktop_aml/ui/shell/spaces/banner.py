"""The line above the pages that says what is wrong with the open workspace, and what can be done about it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal, SignalInstance
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Message
from desktop_aml.ui.shell.spaces.standing import Standing, StandingWatch
from desktop_aml.ui.widgets.widgets import IconLabel, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.domain.events import EngineChanged
    from desktop_aml.ui.session.session import Session

_WIDE: Final = 800
"""Width in pixels from which the buttons stand beside the words."""


class WorkspaceBanner(QFrame):
    """Hidden while all is well. The folder's standing comes before what the engine says."""

    trust_wanted = Signal()
    reopen_wanted = Signal()
    open_other_wanted = Signal()
    close_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("workspace_banner")
        self.setProperty("banner", True)
        self._session: Session | None = None
        self._watch: StandingWatch | None = None
        self._standing = Standing.FINE
        self._was_gone = False
        self._engine: EngineChanged | None = None
        self._icon = IconLabel("warning", 16, "warning")
        self.text = QLabel()
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setWordWrap(True)
        self.hint = SecondaryLabel()
        self.trust = self._button(self.tr("Trust and run…"), self.trust_wanted)
        self.reopen = self._button(self.tr("Open again"), self.reopen_wanted)
        self.other = self._button(self.tr("Open where it is now…"), self.open_other_wanted)
        self.details = QPushButton(self.tr("Details"))
        self.details.clicked.connect(self._show_details)
        self.leave = self._button(self.tr("Close workspace"), self.close_wanted)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self.text)
        words.addWidget(self.hint)
        acts = QHBoxLayout()
        acts.setSpacing(theme.SPACE_S)
        for button in self._buttons():
            acts.addWidget(button)
        acts.addStretch(1)
        self._body = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._body.setSpacing(theme.SPACE_S)
        self._body.addLayout(words, 1)
        self._body.addLayout(acts)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        row.setSpacing(theme.SPACE_S)
        row.addWidget(self._icon, 0, Qt.AlignmentFlag.AlignTop)
        row.addLayout(self._body, 1)
        self.hide()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Put the buttons below the words where they would take the words' room."""
        super().resizeEvent(event)
        is_wide = event.size().width() >= _WIDE
        way = QBoxLayout.Direction
        self._body.setDirection(way.LeftToRight if is_wide else way.TopToBottom)

    def _button(self, words: str, wanted: SignalInstance) -> QPushButton:
        button = QPushButton(words)
        button.clicked.connect(lambda: wanted.emit())
        return button

    def _buttons(self) -> tuple[QPushButton, ...]:
        return (self.trust, self.reopen, self.other, self.details, self.leave)

    def set_session(self, session: Session | None) -> None:
        """Follow another workspace, or none."""
        if self._watch is not None:
            self._watch.deleteLater()
            self._watch = None
        self._session, self._engine = session, None
        self._standing, self._was_gone = Standing.FINE, False
        if session is not None:
            self._watch = StandingWatch(session.workspace.path, session.bridge, self)
            self._watch.changed.connect(self.show_standing)
            from desktop_aml.domain.events import EngineChanged

            session.bridge.listen(self._on_event_happened, EngineChanged)
        self._show()

    def look(self) -> None:
        """Look at the folder now."""
        if self._watch is not None:
            self._watch.look()

    def show_standing(self, standing: Standing) -> None:
        """Say what became of the folder."""
        self._was_gone = self._was_gone or standing is Standing.GONE
        self._standing = standing
        self._show()

    def _on_event_happened(self, event: EngineChanged) -> None:
        # What stopped after a fault has still that fault.
        if event.state != "stopped" or self._engine is None:
            self._engine = event
        if event.state == "fault":
            self.look()
        self._show()

    def _show(self) -> None:
        said = self._said()
        for button in self._buttons():
            button.hide()
        if said is None:
            self.hide()
            return
        text, hint, buttons = said
        self.text.setText(text)
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))
        self.setAccessibleName(f"{text} {hint}".strip())
        for button in buttons:
            button.show()
        self.show()

    def _said(self) -> tuple[str, str, tuple[QPushButton, ...]] | None:
        if self._session is None:
            return None
        path, engine = self._session.workspace.path, self._engine
        if self._standing is Standing.GONE:
            text = self.tr("The folder of this workspace is gone: {0}").format(path)
            hint = self.tr("It was moved, renamed, deleted, or its disk is not there. Nothing is recorded meanwhile.")
            return text, hint, (self.other, self.leave)
        if self._was_gone:
            text = self.tr("The folder of this workspace is back.")
            return text, self.tr("Open it again to go on."), (self.reopen, self.leave)
        if self._standing is Standing.READ_ONLY:
            text = self.tr("This workspace is read-only: you can look at everything, not run.")
            hint = self.tr("To run here, give yourself the right to write in {0}, then open it again.").format(path)
            return text, hint, (self.reopen,)
        if engine is not None and engine.state == "untrusted":
            return self._said_of_trust(engine)
        if engine is not None and engine.state == "fault":
            return engine.message, engine.hint, (self.details,) if engine.details else ()
        return None

    def _said_of_trust(self, engine: EngineChanged) -> tuple[str, str, tuple[QPushButton, ...]]:
        # A hint is given only where the user may say yes.
        hint = self.tr("You can look at everything; nothing runs until you trust it.")
        may_trust = bool(engine.hint)
        return (
            engine.message,
            hint if may_trust else self.tr("You can look at everything; nothing runs here."),
            ((self.trust,) if may_trust else ()),
        )

    def _show_details(self) -> None:
        if self._engine is not None:
            words = Message(self._engine.message, "error", self._engine.hint, self._engine.details)
            from desktop_aml.ui.widgets.error_dialog import ErrorDialog

            ErrorDialog.of_message(words, self.window()).open()

"""One job of the list: a run or a build, in one line."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from desktop_aml.domain.runs import RunState
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.widgets.loading import BusyBar
from desktop_aml.ui.widgets.widgets import ElidedLabel, IconButton, StateBadge


@dataclass(frozen=True, slots=True)
class JobKey:
    """Which job a row shows: kind ``"run"`` or ``"build"``, and the run's id or ``name:version``."""

    kind: str
    key: str


class JobRow(QFrame):
    """One job in one line: state, name, what it does now, progress, time, Cancel."""

    opened = Signal(object)
    cancel_wanted = Signal(object)
    removal_wanted = Signal(object)
    menu_wanted = Signal(object, QPoint)

    def __init__(self, job: JobKey, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.job = job
        self.started_at: float | None = None
        self.ended = False
        self.script_fraction: float | None = None
        """How far the script says that it is."""
        self.setFixedHeight(theme.ROW_HEIGHT)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.badge = StateBadge()
        self.badge.setMinimumWidth(112)
        self.name = ElidedLabel(name)
        self.name.setMinimumWidth(120)
        self.stage = ElidedLabel("")
        self.stage.setProperty("role", "secondary")
        self.progress = BusyBar()
        self.progress.setFixedWidth(120)
        self.progress.setAccessibleName(self.tr("Progress of {0}").format(name))
        self.time = QLabel()
        self.time.setFont(theme.font("mono"))
        self.time.setProperty("role", "secondary")
        self.time.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self.time.setMinimumWidth(64)
        self.cancel = IconButton("close", self.tr("Cancel {0}").format(name))
        self.cancel.clicked.connect(lambda: self.cancel_wanted.emit(self.job))
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, 0, theme.SPACE_S, 0)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self.badge)
        row.addWidget(self.name, 2)
        row.addWidget(self.stage, 3)
        row.addWidget(self.progress)
        row.addWidget(self.time)
        row.addWidget(self.cancel)
        self._keep_place(self.progress, self.cancel)

    def _keep_place(self, *widgets: QWidget) -> None:
        # What comes and goes keeps its place, so that the columns stay in line.
        for widget in widgets:
            policy = widget.sizePolicy()
            policy.setRetainSizeWhenHidden(True)
            widget.setSizePolicy(policy)

    def show_state(self, state: str, stage: str, fraction: float | None, *, busy: bool, ended: bool) -> None:
        """Show a state and how far it got; `fraction` None while busy is a bar without an end."""
        self.badge.set_state(state)
        self.stage.setText(stage)
        self.ended = ended
        self.progress.setVisible(busy)
        self.progress.setRange(0, 0 if fraction is None else 100)
        if fraction is not None:
            self.progress.setValue(round(100 * fraction))
        self.cancel.setVisible(not ended and state != RunState.CANCEL_REQUESTED)
        self.setAccessibleName(f"{self.name.text()} {self.badge.accessibleName()} {stage}".strip())

    def show_script_fraction(self, fraction: float | None) -> None:
        """Show how far the script says that it is."""
        self.script_fraction = fraction
        if not self.ended and self.badge.state() == RunState.RUNNING:
            self.progress.setRange(0, 0 if fraction is None else 100)
            self.progress.setValue(round(100 * (fraction or 0)))

    def show_time(self, seconds: float | None) -> None:
        """Show how long it has been going."""
        if seconds is None:
            self.time.clear()
        elif self.ended or seconds >= 10:
            self.time.setText(formats.duration(seconds))
        else:
            # Tenths would only stand still between two seconds.
            self.time.setText(f"0:{max(0, int(seconds)):02}")

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Open what the row shows."""
        super().mouseReleaseEvent(event)
        if event.button() is Qt.MouseButton.LeftButton:
            self.opened.emit(self.job)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Open what the row shows, or take the row of an ended job away."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.opened.emit(self.job)
        elif event.key() == Qt.Key.Key_Delete and self.ended:
            self.removal_wanted.emit(self.job)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:  # noqa: N802
        """Ask for the menu, by the mouse or by its key."""
        self.menu_wanted.emit(self.job, event.globalPos())

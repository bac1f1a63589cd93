"""The place to drop on: it lights up, names what letting go will do, and says why something is refused."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.widgets.drop import Drop, DropTarget
from desktop_aml.ui.widgets.widgets import IconLabel, SecondaryLabel


class DropZone(QWidget):
    """A dashed frame for files and folders, with a button that does the same."""

    dropped = Signal(object)
    """An accepted or refused `Drop`."""
    browse_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._hovered: Drop | None = None
        self._icon = IconLabel("drop", 20, "secondary", self)
        self._title = QLabel(self)
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self._title.setWordWrap(True)
        self._note = SecondaryLabel("", self, small=True)
        self._browse = QPushButton(self.tr("Browse…"), self)
        self._browse.setAccessibleName(self.tr("Browse for a script or folder"))
        self._browse.clicked.connect(self.browse_wanted)
        self._lay_out()
        self._target = DropTarget(self)
        self._target.hovered.connect(self._on_target_hovered)
        self._target.dropped.connect(self.dropped)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        theme.changed.connect(self.update)
        self._on_target_hovered(None)

    def title(self) -> str:
        """Return what the zone says now."""
        return self._title.text()

    def note(self) -> str:
        """Return the smaller text."""
        return self._note.text()

    def _lay_out(self) -> None:
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._title)
        words.addWidget(self._note)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE_M, theme.SPACE_M, theme.SPACE_M, theme.SPACE_M)
        row.setSpacing(theme.SPACE_M)
        row.addWidget(self._icon)
        row.addLayout(words, 1)
        row.addWidget(self._browse)

    def _on_target_hovered(self, drop: Drop | None) -> None:
        self._hovered = drop
        if drop is None:
            self._icon.set_icon("drop", "secondary")
            self._title.setText(self.tr("Drop a script or folder"))
            self._note.setText("")
        elif drop.is_accepted:
            self._icon.set_icon("drop", "accent")
            self._title.setText(drop.verb)
            self._note.setText(drop.path.name)
        else:
            self._icon.set_icon("canceled", "failed")
            self._title.setText(drop.verb)
            self._note.setText(drop.reason)
        self._note.setVisible(bool(self._note.text()))
        self._browse.setVisible(drop is None)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw the frame: dashed while it waits, solid and filled while something is over it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        drop = self._hovered
        pen = QPen(theme.color("border"), 1, Qt.PenStyle.DashLine)
        if drop is not None:
            pen = QPen(theme.color("accent" if drop.is_accepted else "failed"), 2)
            painter.setBrush(theme.color("selection" if drop.is_accepted else "surface"))
        painter.setPen(pen)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), theme.RADIUS, theme.RADIUS)

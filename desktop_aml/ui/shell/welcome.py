"""The first thing a newcomer sees: the sample, a new workspace, one that exists, the recent ones."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from desktop_aml.settings import RecentWorkspace
from desktop_aml.ui.look import icons, theme
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.widgets.widgets import ElidedLabel, Heading, IconButton, IconLabel, PrimaryButton, SecondaryLabel

WIDTH: Final = 560


class RecentRow(QFrame):
    """One recent workspace: open, pin, forget. One whose folder is gone says so."""

    open_wanted = Signal(str)
    pin_wanted = Signal(str, bool)
    forget_wanted = Signal(str)

    def __init__(self, recent: RecentWorkspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        path = Path(recent.path)
        there = (path / "config.json").is_file()
        name = QPushButton(path.name or recent.path)
        name.setProperty("quiet", True)
        name.setEnabled(there)
        name.setAccessibleName(self.tr("Open workspace {0}").format(path.name))
        icons.set_icon(name, "workspace" if there else "warning", "secondary" if there else "warning")
        name.clicked.connect(lambda: self.open_wanted.emit(recent.path))
        words = recent.path if there else self.tr("The folder is gone: {0}").format(recent.path)
        where = ElidedLabel(words)
        where.setProperty("role", "secondary")
        pin = IconButton(
            "unpin" if recent.pinned else "pin", self.tr("Unpin") if recent.pinned else self.tr("Pin to the top")
        )
        pin.clicked.connect(lambda: self.pin_wanted.emit(recent.path, not recent.pinned))
        forget = IconButton("close", self.tr("Remove from this list"))
        forget.clicked.connect(lambda: self.forget_wanted.emit(recent.path))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.SPACE_XS)
        row.addWidget(name)
        row.addWidget(where, 1)
        row.addWidget(pin)
        row.addWidget(forget)


class WelcomePage(QScrollArea):
    """Open sample, New workspace, Open…, recent workspaces, and what can be dropped."""

    sample_wanted = Signal()
    new_wanted = Signal()
    open_wanted = Signal()
    recent_wanted = Signal(str)

    def __init__(self, preferences: Preferences, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("welcome_page")
        self.setWindowTitle(self.tr("Welcome"))
        self.setAccessibleName(self.tr("Welcome"))
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self._preferences = preferences
        body = QWidget()
        body.setProperty("surface", True)
        body.setObjectName("welcome_body")
        column = QVBoxLayout()
        column.setSpacing(theme.SPACE_S)
        self._fill(column)
        outer = QHBoxLayout(body)
        outer.setSpacing(0)
        outer.setContentsMargins(theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_XL, theme.SPACE_XL)
        holder = QWidget()
        holder.setMaximumWidth(WIDTH)
        holder.setLayout(column)
        column.setContentsMargins(0, 0, 0, 0)
        outer.addStretch(1)
        outer.addWidget(holder, 100)
        outer.addStretch(1)
        self.setWidget(body)
        preferences.changed.connect(lambda _before, _after: self.refresh())
        self.refresh()

    def _fill(self, column: QVBoxLayout) -> None:
        title = Heading(self.tr("Desktop AML"), 1)
        slogan = SecondaryLabel(self.tr("Train, register and serve models on this computer."))
        self.sample_button = PrimaryButton(self.tr("Open sample"), icon="sample")
        self.sample_button.clicked.connect(self.sample_wanted)
        new = QPushButton(self.tr("New workspace…"))
        icons.set_icon(new, "plus", "secondary")
        new.clicked.connect(self.new_wanted)
        existing = QPushButton(self.tr("Open…"))
        icons.set_icon(existing, "folder-open", "secondary")
        existing.clicked.connect(self.open_wanted)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE_S)
        for button in (self.sample_button, new, existing):
            buttons.addWidget(button)
        buttons.addStretch(1)
        self._recent_heading = Heading(self.tr("Recent workspaces"), 2)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        column.addStretch(2)
        column.addWidget(title)
        column.addWidget(slogan)
        column.addSpacing(theme.SPACE_S)
        column.addLayout(buttons)
        column.addSpacing(theme.SPACE_XL)
        column.addWidget(self._recent_heading)
        column.addLayout(self._recent)
        column.addSpacing(theme.SPACE_L)
        column.addLayout(self._drop_hint())
        column.addStretch(3)

    def _drop_hint(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(theme.SPACE_S)
        row.addWidget(IconLabel("drop", 16, "secondary"), 0, Qt.AlignmentFlag.AlignTop)
        hint = self.tr("Or drop a training script, its folder, or a workspace anywhere on this window.")
        row.addWidget(SecondaryLabel(hint), 1)
        return row

    def refresh(self) -> None:
        """Show the recent workspaces as the settings list them."""
        while (item := self._recent.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        recents = self._preferences.value.recent_workspaces
        self._recent_heading.setVisible(bool(recents))
        for recent in recents:
            row = RecentRow(recent)
            row.open_wanted.connect(self.recent_wanted)
            row.pin_wanted.connect(self._pin)
            row.forget_wanted.connect(self._forget)
            self._recent.addWidget(row)

    def _pin(self, path: str, pinned: bool) -> None:
        self._preferences.put(self._preferences.value.with_pinned(Path(path), pinned=pinned))

    def _forget(self, path: str) -> None:
        self._preferences.put(self._preferences.value.without_workspace(Path(path)))

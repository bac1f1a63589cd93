"""The line that names the chosen script: choose another, one used before, or edit it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QVBoxLayout, QWidget

from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.text_editor import edit
from desktop_aml.ui.submit.runner_memory import Recent
from desktop_aml.ui.widgets.widgets import ElidedLabel, IconButton


class ScriptHead(QWidget):
    """Name and place of the script, with what can be done about it.

    Parameters
    ----------
    recent : callable
        Returns the scripts that were used before, the newest first.
    """

    script_wanted = Signal()
    folder_wanted = Signal()
    recent_wanted = Signal(object)
    """A `Recent` that was chosen."""

    def __init__(self, bridge: Bridge, recent: Callable[[], tuple[Recent, ...]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge, self._recent = bridge, recent
        self.script: Path | None = None
        self.title = ElidedLabel("", self)
        self.title.setFont(theme.font("heading"))
        self.edit_button = IconButton("edit", self.tr("Edit in my editor"), self)
        self.edit_button.clicked.connect(self.edit)
        self.change_button = IconButton("folder-open", self.tr("Choose another script"), self)
        self.change_button.clicked.connect(lambda: self.show_choices_below(self.change_button))
        self.place = ElidedLabel("", self)
        self.place.setProperty("role", "secondary")
        line = QHBoxLayout()
        line.setSpacing(theme.SPACE_S)
        line.addWidget(self.title, 1)
        line.addWidget(self.edit_button)
        line.addWidget(self.change_button)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE_XS)
        column.addLayout(line)
        column.addWidget(self.place)

    def show_script(self, title: str, place: str, script: Path | None) -> None:
        """Name the script; `script` is None for the code of an old run, which is not edited."""
        self.title.setText(title)
        self.place.setText(place)
        self.script = script
        self.edit_button.setVisible(script is not None)

    def show_choices_below(self, widget: QWidget) -> None:
        """Open the menu of what can be chosen, at the foot of a widget."""
        self.choices().popup(widget.mapToGlobal(widget.rect().bottomLeft()))

    def choices(self) -> QMenu:
        """Return the menu: a script, a folder, and those used before."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.setToolTipsVisible(True)
        menu.addAction(self.tr("Script…"), self.script_wanted.emit)
        menu.addAction(self.tr("Folder…"), self.folder_wanted.emit)
        found = self._recent()
        if found:
            menu.addSection(self.tr("Used before"))
        for one in found:
            path = Path(one.script)
            action = menu.addAction(f"{path.name}  –  {path.parent.name}".replace("&", "&&"))
            action.setToolTip(one.script)
            action.triggered.connect(lambda _=False, one=one: self.recent_wanted.emit(one))
        return menu

    def edit(self) -> None:
        """Open the script in the editor."""
        if self.script is not None:
            edit(self, self._bridge, self.script)

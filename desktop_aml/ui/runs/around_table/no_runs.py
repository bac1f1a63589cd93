"""What the list of runs says where it has none: that there are none yet, or where they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QPushButton, QWidget

from desktop_aml.domain.organising.shelf import Shelf
from desktop_aml.ui.look import formats
from desktop_aml.ui.widgets.widgets import EmptyState

if TYPE_CHECKING:
    from collections.abc import Iterable


class NoRuns(EmptyState):
    """Leads to a script, or to the archive and the trash where the runs are there."""

    script_wanted = Signal()
    shelf_wanted = Signal(object)
    """The `Shelf` to show."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("run", "-", "-", parent)
        self._shelf: Shelf | None = None
        self.trash_button = QPushButton(self.tr("Show the trash"), self)
        self.trash_button.clicked.connect(lambda: self.shelf_wanted.emit(Shelf.TRASH))
        self._layout.insertWidget(self._layout.count() - 1, self.trash_button, 0, Qt.AlignmentFlag.AlignHCenter)
        self.pressed.connect(self._on_pressed)
        self.show_elsewhere(())

    def show_elsewhere(self, elsewhere: Iterable[tuple[Shelf, int]]) -> None:
        """Say how many runs are on other shelves, and offer to show them."""
        counts = dict(elsewhere)
        archived, deleted = counts.get(Shelf.ARCHIVE, 0), counts.get(Shelf.TRASH, 0)
        self._shelf = Shelf.ARCHIVE if archived else Shelf.TRASH if deleted else None
        if archived and deleted:
            text = self.tr("No runs here: {0} in the archive, {1} in the trash.")
            self.set_text(text.format(formats.count(archived), formats.count(deleted)))
        elif archived:
            self.set_text(self.tr("No runs here: {0} in the archive.").format(formats.count(archived)))
        elif deleted:
            self.set_text(self.tr("No runs here: {0} in the trash.").format(formats.count(deleted)))
        else:
            self.set_text(self.tr("No runs yet. Run a script to see it here."))
        words = {Shelf.ARCHIVE: self.tr("Show the archive"), Shelf.TRASH: self.tr("Show the trash")}
        self.button.setText(words[self._shelf] if self._shelf else self.tr("Choose a script…"))
        self.trash_button.setVisible(bool(archived and deleted))

    def _on_pressed(self) -> None:
        if self._shelf:
            self.shelf_wanted.emit(self._shelf)
        else:
            self.script_wanted.emit()

"""The centre of the window while no page is open: it names the next step."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from desktop_aml.ui.widgets.widgets import EmptyState


class NothingOpen(EmptyState):
    """With a script in the script runner the next step is to run it; without one, to choose one."""

    run_wanted = Signal()
    script_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("drop", "", " ", parent)
        self.setProperty("surface", True)
        self._is_ready = False
        self.pressed.connect(self._on_pressed)
        self.set_ready(False)

    def set_ready(self, is_ready: bool) -> None:
        """Say whether the script runner holds a script that can be run."""
        self._is_ready = is_ready
        self.icon.set_icon("run" if is_ready else "drop", "secondary")
        if is_ready:
            self.set_text(self.tr("The script at the right is ready: press F5 to train. Its run opens here."))
            self.button.setText(self.tr("Run"))
        else:
            self.set_text(self.tr("Drop a script here, or choose one. Runs open from the left."))
            self.button.setText(self.tr("Choose script…"))

    def _on_pressed(self) -> None:
        (self.run_wanted if self._is_ready else self.script_wanted).emit()

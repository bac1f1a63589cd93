"""Images and containers of Desktop AML on the Docker engine: their sizes, Remove, and images into and out of files."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.look import formats, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.confirm import confirm
from desktop_aml.ui.widgets.dialog_foot import dialog_foot
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.save_dialog import ask_where_to_save
from desktop_aml.ui.widgets.widgets import EmptyState, Heading, PageStack, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace.containers.things import DockerThing, DockerThings


def things_of_settings() -> DockerThings:
    """Return the access to what is on the engine; it loads Docker's library, so call it away from the window."""
    from desktop_aml import settings
    from desktop_aml.workspace.containers.things import DockerThings

    return DockerThings(settings.load())


class DockerDialog(QDialog):
    """Lists what `things` finds; `open` it, it does not block."""

    def __init__(
        self, bridge: Bridge, parent: QWidget | None = None, things: Callable[[], DockerThings] = things_of_settings
    ) -> None:
        super().__init__(parent)
        self.setObjectName("docker_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Docker images and containers"))
        self._bridge, self._things = bridge, things
        self._found: dict[str, DockerThing] = {}
        self._build()
        self.refresh()

    def _build(self) -> None:
        self.resize(760, 440)
        self.summary = SecondaryLabel(self.tr("Asking the Docker engine…"), self)
        titles = (self.tr("Name"), self.tr("Kind"), self.tr("Size"), self.tr("State"), self.tr("Made"))
        self.table = ListTable(titles, self.tr("Docker images and containers"), self, numbers=(2,))
        for column, width in enumerate((0, 88, 88, 120, 120)):
            self.table.setColumnWidth(column, width)
        self.table.chosen.connect(lambda _key: self._show_buttons())
        self.table.delete_wanted.connect(lambda _key: self.ask_to_remove())
        self.empty = EmptyState("environment", self.tr("Desktop AML has nothing on the Docker engine."), parent=self)
        self.stack = PageStack(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.error = ErrorLine(self)
        self.remove_button = self._button(self.tr("Remove…"), self.ask_to_remove)
        self.save_button = self._button(self.tr("Save image…"), self.ask_where)
        self.shell_button = self._button(self.tr("Copy command for a shell"), self.copy_shell)
        self.load_button = self._button(self.tr("Load images…"), self.ask_for_file)
        acts = QHBoxLayout()
        acts.setSpacing(theme.SPACE_S)
        for button in (self.remove_button, self.save_button, self.shell_button):
            acts.addWidget(button)
        acts.addStretch(1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(Heading(self.tr("Docker images and containers"), 1, self))
        layout.addWidget(self.summary)
        layout.addWidget(self.stack, 1)
        layout.addLayout(acts)
        layout.addWidget(self.error)
        layout.addLayout(dialog_foot(self, self.tr("Close"), self.load_button))
        self._show_buttons()

    def _button(self, words: str, act: Callable[[], object]) -> QPushButton:
        button = QPushButton(words, self)
        button.setAutoDefault(False)
        button.clicked.connect(lambda: act())
        return button

    def refresh(self) -> None:
        """Ask the engine again."""
        things = self._things
        call_for(self, self._bridge, lambda: things().everything(), self._show, self._on_failed)

    def _show(self, found: tuple[DockerThing, ...]) -> None:
        self._found = {one.id: one for one in found}
        self.table.fill((one.id, self._cells(one)) for one in found)
        self.stack.setCurrentWidget(self.table if found else self.empty)
        total = formats.size(sum(one.size_bytes for one in found))
        self.summary.setText(self.tr("{0} in all. An image is built again when a run needs it.").format(total))
        self._show_buttons()

    def _cells(self, one: DockerThing) -> tuple[Cell, ...]:
        kind = self.tr("Image") if one.kind == "image" else self.tr("Container")
        state = ", ".join(filter(None, (one.state, one.ports)))
        size = Cell(formats.size(one.size_bytes), one.size_bytes)
        return Cell(one.name, tip=one.id), Cell(kind), size, Cell(state), Cell(formats.relative_time(one.made_at))

    def _chosen(self) -> DockerThing | None:
        return self._found.get(self.table.current_key())

    def _show_buttons(self) -> None:
        one = self._chosen()
        self.remove_button.setEnabled(one is not None)
        self.save_button.setEnabled(one is not None and one.kind == "image")
        self.shell_button.setEnabled(one is not None and bool(one.of))

    def ask_to_remove(self) -> None:
        """Remove what is chosen, after a question."""
        one = self._chosen()
        if one is None:
            return
        words = self.tr("It takes {0}.").format(formats.size(one.size_bytes))
        things = self._things
        confirm(
            self,
            self.tr("Remove “{0}”?").format(one.name),
            words,
            self.tr("Remove"),
            lambda: self._do(lambda: things().remove(one.id)),
        )

    def ask_where(self) -> QFileDialog | None:
        """Write the chosen image into a file, for another computer."""
        one, things = self._chosen(), self._things
        if one is None:
            return None
        title = self.tr("Save image")
        return ask_where_to_save(
            self, title, lambda path: self._do(lambda: things().save(one.name, path)), name="image.tar", suffix="tar"
        )

    def ask_for_file(self) -> None:
        """Give the engine the images of a file."""
        dialog = QFileDialog(self, self.tr("Load images"))
        dialog.fileSelected.connect(lambda path: self.load(Path(path)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def load(self, path: Path) -> None:
        """Give the engine the images of a file."""
        things = self._things
        self._do(lambda: things().load(path))

    def copy_shell(self) -> None:
        """Copy the command that opens a shell in the chosen container."""
        one = self._chosen()
        if one is not None:
            QGuiApplication.clipboard().setText(f"desktop-aml run shell {shlex.quote(one.of)}")
            self.summary.setText(self.tr("Copied. Paste it into a terminal."))

    def _do(self, act: Callable[[], object]) -> None:
        self.error.hide()
        self.summary.setText(self.tr("One moment…"))
        call_for(self, self._bridge, act, lambda _: self.refresh(), self._on_failed)

    def _on_failed(self, error: DesktopAMLError) -> None:
        self.summary.setText("")
        self.error.show_error(error)

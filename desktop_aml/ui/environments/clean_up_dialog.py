"""What environments take of the disk: what a clean-up would remove, what stays and why, before anything goes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QStackedWidget, QVBoxLayout, QWidget

from desktop_aml.domain.environment_space import BuildUse, CleanUp, EnvironmentSpace
from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.ui.look import formats, icons, theme
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.dialog_foot import dialog_foot
from desktop_aml.ui.widgets.error_line import ErrorLine
from desktop_aml.ui.widgets.list_table import Cell, ListTable
from desktop_aml.ui.widgets.widgets import EmptyState, Heading, PrimaryButton, SecondaryLabel

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_KEY_SHOWN: Final = 12


class CleanUpDialog(QDialog):
    """Shows the plan, then carries it out; `open` it, it does not block."""

    cleaned = Signal()

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("clean_up_dialog")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Clean up environments"))
        self._workspace = workspace
        self._bridge = bridge
        self._build()
        call_for(self, bridge, workspace.environments.builds.space, self._show, self._on_failed)

    def _build(self) -> None:
        self.resize(720, 480)
        self.summary = SecondaryLabel(self.tr("Measuring…"), self)
        self.warning = SecondaryLabel("", self, small=True)
        self.warning.hide()
        titles = (self.tr("Environment"), self.tr("Size"), self.tr("Plan"), self.tr("Why"))
        self.table = ListTable(titles, self.tr("Built environments"), self, numbers=(1,))
        for column, width in enumerate((0, 88, 88, 280)):
            self.table.setColumnWidth(column, width)
        self.empty = EmptyState("environment", self.tr("No environment takes any room yet."), parent=self)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.error = ErrorLine(self)
        self.remove_button = PrimaryButton(self.tr("Remove"), self, icon="trash")
        self.remove_button.setEnabled(False)
        self.remove_button.clicked.connect(self.clean_up)
        buttons = dialog_foot(self, self.tr("Close"), self.remove_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(theme.SPACE_XL, theme.SPACE_L, theme.SPACE_XL, theme.SPACE_L)
        layout.setSpacing(theme.SPACE_S)
        layout.addWidget(Heading(self.tr("Clean up environments"), 1, self))
        for widget in (self.summary, self.warning):
            layout.addWidget(widget)
        layout.addWidget(self.stack, 1)
        layout.addWidget(self.error)
        layout.addLayout(buttons)

    def _show(self, space: EnvironmentSpace) -> None:
        # What goes stands first: it is what a person decides about.
        ordered = sorted(space.builds, key=lambda use: (not use.may_go, -use.size_bytes))
        self.table.fill((use.key, self._cells(use)) for use in ordered)
        self.stack.setCurrentWidget(self.table if ordered else self.empty)
        total, freed = formats.size(space.total_bytes), formats.size(space.removable_bytes)
        count, goes = formats.count(len(space.builds)), formats.count(len(space.removable))
        words = self.tr("{0} built, {1} in all · {2} needed by nobody, {3} would be free again")
        if not space.removable:
            words = self.tr("{0} built, {1} in all · each is needed, there is nothing to remove")
        self.summary.setText(words.format(count, total, goes, freed) if space.builds else "")
        unread = ", ".join(space.unread)
        lost = self.tr("Could not be read, so what it needs is not known: {0}").format(unread) if unread else ""
        self.warning.setText("\n".join(words for words in (lost, space.images_note) if words))
        self.warning.setVisible(bool(self.warning.text()))
        self.remove_button.setEnabled(bool(space.removable))
        self.remove_button.setText(self.tr("Remove {0}").format(goes) if space.removable else self.tr("Remove"))

    def _cells(self, use: BuildUse) -> tuple[Cell, ...]:
        name = ", ".join(use.environments) or self.tr("{0} (no environment)").format(use.key[:_KEY_SHOWN])
        name = self.tr("{0} as an image").format(name) if use.is_image else name
        goes = Cell(self.tr("goes"), icon=icons.icon("trash", "failed"))
        stays = Cell(self.tr("stays"), icon=icons.icon("check", "completed"))
        words = self.tr("made {0}") if use.is_image else self.tr("last used {0}")
        last = words.format(formats.relative_time(use.last_used_at))
        idle = self.tr("torn, cannot be used") if use.last_used_at is None else self.tr("needed by nobody, ") + last
        why = "; ".join(use.needed_by) or idle
        size = Cell(formats.size(use.size_bytes), use.size_bytes)
        return Cell(name, tip=use.key), size, goes if use.may_go else stays, Cell(why, tip=why)

    def clean_up(self) -> None:
        """Remove what the plan says."""
        self.remove_button.setEnabled(False)
        self.summary.setText(self.tr("Removing…"))
        call_for(self, self._bridge, self._workspace.environments.builds.clean, self._on_cleaned, self._on_failed)

    def _on_cleaned(self, done: CleanUp) -> None:
        words = self.tr("Clean-up done: {0} removed, {1} free again.")
        self._bridge.tell(words.format(formats.count(len(done.removed)), formats.size(done.freed_bytes)), "success")
        self.cleaned.emit()
        self.accept()

    def _on_failed(self, error: DesktopAMLError) -> None:
        self.summary.setText("")
        self.error.show_error(error)

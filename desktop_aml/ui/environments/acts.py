"""What is done with an environment as a whole, each act with its undo."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_aml.domain.environments import EnvironmentSummary
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.terminal_program import open_terminal
from desktop_aml.ui.session.undoable import Undoable
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.ui.widgets.text_question import ask_text

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace


def open_shell(owner: QObject, workspace: Workspace, bridge: Bridge, label: str) -> None:
    """Open a shell in a terminal in which ``python`` is an environment's.

    Parameters
    ----------
    label : str
        ``name:version``.
    """
    name, _, version = label.rpartition(":")
    words = ("environment", "shell", label, "--workspace", str(workspace.path))
    open_terminal(owner, bridge, words, lambda: workspace.environments.shells.interpreter(name, int(version)))


class EnvironmentActs(QObject):
    """Renames and deletes environments, takes them out of the trash, and undoes it.

    Parameters
    ----------
    changed : callable
        Called after each act.
    """

    def __init__(self, page: QWidget, workspace: Workspace, bridge: Bridge, changed: Callable[[], object]) -> None:
        super().__init__(page)
        self._page = page
        self._workspace = workspace
        self._bridge = bridge
        self._undoable = Undoable(page, bridge, changed)

    def fill_menu(self, menu: RowMenu, environment: EnvironmentSummary) -> None:
        """Add to a menu what can be done with an environment; one that comes with the program stays as it is."""
        if not environment.kind.needs_docker:
            menu.entry(
                "terminal",
                self.tr("Open a shell"),
                partial(open_shell, self, self._workspace, self._bridge, environment.label),
            )
        if not environment.curated:
            menu.entry("edit", self.tr("Rename…"), lambda: self.rename(environment.name))
            menu.entry("trash", self.tr("Delete"), lambda: self.delete(environment.name))

    def rename(self, name: str) -> None:
        """Ask for another name, and give it."""
        organise = self._workspace.environments.organise

        def give(text: str) -> None:
            if (new := text.strip()) and new != name:
                self._undoable.do(
                    lambda: organise.rename(name, new), organise.undo, self.tr("“{0}” renamed.").format(name)
                )

        words = self.tr("New name of the environment; runs and models that name it go on to find it")
        ask_text(self._page, self.tr("Rename environment"), words, self.tr("Rename"), give, present=name)

    def delete(self, name: str) -> None:
        """Put all versions of an environment into the trash."""
        organise = self._workspace.environments.organise
        self._undoable.do(lambda: organise.delete(name), organise.undo, self.tr("“{0}” in the trash.").format(name))

    def restore(self, name: str) -> None:
        """Take all versions of an environment out of the trash."""
        organise = self._workspace.environments.organise
        self._undoable.do(lambda: organise.restore(name), organise.undo, self.tr("“{0}” restored.").format(name))

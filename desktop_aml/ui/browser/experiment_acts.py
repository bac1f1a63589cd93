"""What is done with an experiment of the workspace browser, each act with its undo."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.undoable import Undoable
from desktop_aml.ui.widgets.row_menu import RowMenu
from desktop_aml.ui.widgets.text_question import ask_text

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace
    from desktop_aml.workspace.experiments import ExperimentSummary, ExperimentUndo


class ExperimentActs(QObject):
    """Renames, archives and deletes experiments, and undoes it.

    Parameters
    ----------
    changed : callable
        Called after each act: one without runs is told of by no event.
    """

    def __init__(self, page: QWidget, workspace: Workspace, bridge: Bridge, changed: Callable[[], object]) -> None:
        super().__init__(page)
        self._page = page
        self._workspace = workspace
        self._undoable = Undoable(page, bridge, changed)

    def fill_menu(self, menu: RowMenu, experiment: ExperimentSummary) -> None:
        """Add to a menu what can be done with an experiment."""
        name = experiment.name
        menu.entry("edit", self.tr("Rename…"), lambda: self.rename(name))
        menu.entry("folder", self.tr("Archive"), lambda: self.archive(name))
        menu.entry("trash", self.tr("Delete"), lambda: self.delete(name))

    def rename(self, name: str) -> None:
        """Ask for another name, and give it."""

        def give(text: str) -> None:
            if (new := text.strip()) and new != name:
                self._do(lambda: self._workspace.experiments.rename(name, new), self.tr("“{0}” renamed.").format(name))

        words = self.tr("New name of the experiment; its runs go with it")
        ask_text(self._page, self.tr("Rename experiment"), words, self.tr("Rename"), give, present=name)

    def archive(self, name: str) -> None:
        """Put an experiment with its runs into the archive."""
        self._do(lambda: self._workspace.experiments.archive(name), self.tr("“{0}” archived.").format(name))

    def delete(self, name: str) -> None:
        """Put an experiment with its runs into the trash."""
        self._do(lambda: self._workspace.experiments.delete(name), self.tr("“{0}” in the trash.").format(name))

    def _do(self, work: Callable[[], ExperimentUndo], words: str) -> None:
        self._undoable.do(work, self._workspace.experiments.undo, words)

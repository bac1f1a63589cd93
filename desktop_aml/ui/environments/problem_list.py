"""What is wrong with a specification, line by line; a click leads to the place."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from PySide6.QtCore import QCoreApplication, QSize, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from desktop_aml.domain.environments import SpecProblem
from desktop_aml.ui.look import icons, theme

_LINE: Final = re.compile(r"Line (\d+): ")


def problem_of(failure: str) -> SpecProblem:
    """Return a failed build as a problem, at the line that its words name; its fault may be elsewhere than in the text.

    A note, not an error: the network may have been the cause, and the same text may be built again.
    """
    found = _LINE.match(failure)
    words = failure[found.end() :] if found else failure
    message = QCoreApplication.translate("ProblemList", "The build failed: {0}").format(words)
    return SpecProblem(message, line=int(found[1]) if found else 0, column=1 if found else 0, severity="note")


class ProblemList(QListWidget):
    """Errors and notes with their places."""

    place_wanted = Signal(int, int)
    """Line and column of a problem that was clicked or entered."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("Problems"))
        self.setWordWrap(True)
        self.setViewportMargins(theme.SPACE_M, theme.SPACE_S, theme.SPACE_M, theme.SPACE_S)
        self.setIconSize(QSize(theme.ICON_SIZE, theme.ICON_SIZE))
        self.itemActivated.connect(self._go_to)
        self.itemClicked.connect(self._go_to)

    def show_problems(self, problems: Sequence[SpecProblem]) -> None:
        """Show problems in their order, or that there are none."""
        self.clear()
        for problem in problems:
            # What names its line already, as readers of files do for the terminal, does so once.
            is_placed = not problem.line or problem.message.startswith(f"Line {problem.line}")
            place = "" if is_placed else self.tr("Line {0}, column {1}: ").format(problem.line, problem.column)
            item = QListWidgetItem(" ".join(filter(None, (place + problem.message, problem.hint))))
            is_error = problem.severity == "error"
            item.setIcon(icons.icon("cross-circle" if is_error else "info", "failed" if is_error else "secondary"))
            item.setData(Qt.ItemDataRole.UserRole, (problem.line, problem.column))
            self.addItem(item)
        if not problems:
            self.addItem(QListWidgetItem(icons.icon("check-circle", "completed"), self.tr("No problems.")))

    def _go_to(self, item: QListWidgetItem) -> None:
        place = item.data(Qt.ItemDataRole.UserRole)
        if place and place[0]:
            self.place_wanted.emit(*place)

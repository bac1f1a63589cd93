"""Panes of environments for the contact sheet: what `screenshots` has no room for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from PySide6.QtGui import QTextCursor

from desktop_aml.ui.environments.editor import EnvironmentEditor

if TYPE_CHECKING:
    from tests.screenshots import Camera


def panes() -> Iterator[tuple[str, Callable[[Camera], None]]]:
    """Yield the name of each, and what opens it."""
    yield "environment completing", _complete


def _complete(camera: Camera) -> None:
    camera.show("environment", "")
    camera.settle()
    editor = camera.window.tabs.currentWidget()
    assert isinstance(editor, EnvironmentEditor)
    editor.text.insertPlainText("dependencies:\n  - py\n# ")
    editor.text.moveCursor(QTextCursor.MoveOperation.Up)
    editor.text.moveCursor(QTextCursor.MoveOperation.EndOfLine)
    editor.text.completions.show()
    camera.dialog = editor.text.completions.popup

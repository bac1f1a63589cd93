"""The window over the seeded workspace in which journeys are made, and the process that makes them one by one."""

from __future__ import annotations

import os
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from PySide6.QtWidgets import QApplication, QDialog, QInputDialog, QPlainTextEdit, QWidget
from shiboken6 import isValid

from desktop_aml.store.database import Database
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.ui.look import theme
from desktop_aml.ui.session.bridge import Destination
from desktop_aml.ui.session.preferences import Preferences
from desktop_aml.ui.shell.main_window import MainWindow
from desktop_aml.workspace import Workspace
from tests.journeys.by_hand.hand import Hand
from tests.seeded_workspace import Seeded, make

W = TypeVar("W", bound=QWidget)
_SIZE = (1280, 800)


class Stage:
    """A window, the hands at it, and what the workspace says itself."""

    def __init__(self, app: QApplication, home: Path) -> None:
        theme.apply(app, "light")
        self.app, self.home = app, home
        self.seeded: Seeded = make(home / "made", at=time.time() - 1200, long_points=500)
        _let_rest(self.seeded)
        self.hand = Hand()
        self.window = MainWindow(Preferences(home / "settings.json"), home / "layout.ini", None)
        self.window.move(0, 0)
        self.window.resize(*_SIZE)
        self.window.show()
        assert self.window.open_folder(self.seeded.folder)
        self.hand.focus(self.window)
        self.hand.until(lambda: self.window.status.engine.text() == "Engine ready", "the engine")

    @property
    def workspace(self) -> Workspace:
        """What the window shows."""
        assert self.window.session is not None
        return self.window.session.workspace

    def calm(self) -> None:
        """Wait until nothing is asked for any more."""
        session = self.window.session
        assert session is not None
        self.hand.until(lambda: not session.bridge.is_busy(), "the answers")

    def open(self, kind: str, key: str = "") -> QWidget:
        """Open a page in place of all others, as a click in the tree does."""
        self.hand.focus(self.window)
        self.window.messages.close_all()
        self.window.tabs.clear_pages()
        self.window.go_to(Destination(kind, key))
        self.calm()
        page = self.window.tabs.currentWidget()
        assert page is not None
        return page

    def find(self, kind: type[W], within: QWidget | None = None) -> W:
        """Wait for a widget that is seen, and return it."""
        around = within or self.window
        return self.hand.until(
            lambda: next((one for one in around.findChildren(kind) if one.isVisible()), None), kind.__name__
        )

    def can_undo(self) -> bool:
        """Whether a message offers to undo something."""
        return any(card.message.undoes for card in self.window.messages.cards())

    def answer(self, text: str) -> None:
        """Write a text into the question that is open."""
        box = self.find(QInputDialog)
        self.hand.focus(box)

        def write() -> None:
            self.hand.keys("ctrl+a")
            self.hand.type(text)

        self.hand.repeat(write, lambda: box.textValue() == text, f"“{text}” in the question")
        # Of several lines Enter makes another one.
        self.hand.keys("ctrl+Return" if box.findChildren(QPlainTextEdit) else "Return")
        self.hand.until(lambda: not isValid(box) or not box.isVisible(), "the question to go")
        self.hand.focus(self.window)

    def close(self) -> None:
        """Close the window."""
        self.window.memory.remember_choice("close", "told")
        self.window.close()


def _let_rest(seeded: Seeded) -> None:
    """Leave nothing to the engine that would be carried out."""
    with Database(WorkspaceFolder(seeded.folder).database, read_only=False) as db, db.transaction():
        db.run("UPDATE run SET state = 'Canceled' WHERE state IN ('Running', 'Queued')")
        db.run("UPDATE endpoint SET wanted = 'stopped'")


@contextmanager
def staged() -> Iterator[Stage]:
    """Make a window of its own, in a home of its own."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        os.environ["DESKTOP_AML_HOME"] = scratch
        app = QApplication.instance() or QApplication(sys.argv[:1])
        assert isinstance(app, QApplication)
        made = Stage(app, Path(scratch))
        yield made
        made.close()


def serve(journeys: Mapping[str, Callable[[Stage], None]]) -> None:
    """Make each journey whose name comes as a line, and say with a line that it went well, or why not."""
    with staged() as stage:
        print("ready", flush=True)
        for line in sys.stdin:
            try:
                journeys[line.strip()](stage)
                said = "well"
            except Exception:
                said = traceback.format_exc()
            stage.window.grab().save(str(Path(os.environ.get("BY_HAND_PICTURES", stage.home)) / f"{line.strip()}.png"))
            while (popup := stage.app.activePopupWidget()) is not None:
                popup.close()
            for dialog in stage.window.findChildren(QDialog):
                dialog.close()
            print(said.encode("unicode_escape").decode(), flush=True)

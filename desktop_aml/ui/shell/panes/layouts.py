"""Layouts of the panes by name: kept for all workspaces, taken from a menu, and each act on them can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from desktop_aml.ui.session.bridge import Message
from desktop_aml.ui.session.layout_memory import Layout

if TYPE_CHECKING:
    from desktop_aml.ui.shell.shell import Shell

_STEP: Final = 32
"""Pixels by which a press makes a pane larger or smaller."""


class LayoutsMenu(QMenu):
    """The named layouts as a menu, made anew each time it opens."""

    def __init__(self, commands: LayoutCommands, parent: QWidget) -> None:
        super().__init__(parent)
        self.setTitle(self.tr("Layouts"))
        self._commands = commands
        self._remove = QMenu(self.tr("Remove"), self)
        self.aboutToShow.connect(self.fill)

    def fill(self) -> None:
        """List what is kept now."""
        self.clear()
        names = self._commands.layout_names()
        _add(self, names, self._commands.use_layout)
        if not names:
            self.addAction(self.tr("None yet")).setEnabled(False)
            return
        self.addSeparator()
        self._remove.clear()
        _add(self._remove, names, self._commands.remove_layout)
        self.addMenu(self._remove)


def _add(menu: QMenu, names: Sequence[str], act: Callable[[str], object]) -> None:
    for name in names:
        # An ampersand in a name is no mnemonic.
        menu.addAction(name.replace("&", "&&")).triggered.connect(lambda _=False, name=name: act(name))


class LayoutCommands(QObject):
    """Keeps where the panes are under a name, and puts them there again."""

    _window: Shell

    def larger_pane(self) -> None:
        """Make the pane that has the keyboard larger."""
        self._grow_pane(_STEP)

    def smaller_pane(self) -> None:
        """Make the pane that has the keyboard smaller."""
        self._grow_pane(-_STEP)

    def move_pane(self) -> None:
        """Put the pane that has the keyboard to another side of the window: left, right, below, by itself."""
        docks = self._window.docks
        if docks is not None and not docks.move(QApplication.focusWidget()):
            self._tell_of_no_pane()

    def _grow_pane(self, pixels: int) -> None:
        docks = self._window.docks
        if docks is not None and not docks.grow(QApplication.focusWidget(), pixels):
            self._tell_of_no_pane()

    def _tell_of_no_pane(self) -> None:
        words = self.tr("The keyboard is in no pane at the side: F6 goes to the next one.")
        self._window.messages.show_message(Message(words))

    def layout_names(self) -> list[str]:
        """Return the names of the layouts that are kept."""
        return sorted(self._window.memory.layouts(), key=str.casefold)

    def save_layout(self) -> None:
        """Ask for the name of the present layout."""
        from desktop_aml.ui.widgets.text_question import ask_text

        words = self.tr("Name of the layout: where the panes are, how large, and which are shown")
        ask_text(
            self._window, self.tr("Save layout"), words, self.tr("Save"), self.keep_layout, choices=self.layout_names()
        )

    def keep_layout(self, name: str) -> None:
        """Keep the present layout under a name, in the place of one of this name."""
        if name.strip() and self._window.docks is not None:
            self._put(name.strip(), self._present(), self.tr("The layout “{0}” is saved.").format(name.strip()))

    def remove_layout(self, name: str) -> None:
        """Keep a layout no more."""
        self._put(name, None, self.tr("The layout “{0}” is removed.").format(name))

    def use_layout(self, name: str) -> None:
        """Put the panes where they were when the layout was saved."""
        kept = self._window.memory.layouts().get(name)
        if kept is not None and self._window.docks is not None:
            before = self._present()
            self._arrange(kept)
            self._tell_of_layout(self.tr("The panes are as in “{0}”.").format(name), lambda: self._arrange(before))

    def reset_layout(self) -> None:
        """Put the panes where they were at first."""
        if self._window.docks is not None:
            before = self._present()
            self._window.docks.reset()
            self._tell_of_layout(self.tr("The panes are where they were at first."), lambda: self._arrange(before))

    def _put(self, name: str, layout: Layout | None, words: str) -> None:
        memory = self._window.memory
        before = memory.layouts().get(name)
        memory.keep_layout(name, layout)
        self._tell_of_layout(words, lambda: memory.keep_layout(name, before))

    def _present(self) -> Layout:
        docks = self._window.docks
        assert docks is not None
        return Layout.of(self._window, docks.sizes.chosen())

    def _arrange(self, layout: Layout) -> None:
        docks = self._window.docks
        if docks is not None and layout.put_on(self._window):
            docks.sizes.choose(layout.pane_sizes)

    def _tell_of_layout(self, words: str, undo: Callable[[], object]) -> None:
        if self._window.session is not None:
            self._window.session.bridge.tell_undoable(words, undo)

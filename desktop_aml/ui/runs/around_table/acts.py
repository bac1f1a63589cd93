"""What is done with the runs that are selected in the table, each act with its undo."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from desktop_aml.ui.look import formats
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for
from desktop_aml.ui.widgets.confirm import confirm
from desktop_aml.ui.widgets.text_question import ask_text

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace
    from desktop_aml.workspace.run.organising import RunOrganising, Undo

_KEPT: Final = 50
Ids = Callable[[], list[str]]
Act = Callable[["RunOrganising", list[str]], "Undo"]


@dataclass(frozen=True, slots=True)
class _Done:
    """An act that was done: how many runs it changed and left out, and what undoes it."""

    changed: int
    left_out: int
    undo: Undo


class RunActs(QObject):
    """Stars, tags, notes, moves, archives, deletes and restores runs, and undoes it.

    Parameters
    ----------
    ids : callable
        Returns the ids of the selected runs; called on a worker.
    """

    def __init__(self, page: QWidget, workspace: Workspace, bridge: Bridge) -> None:
        super().__init__(page)
        self._page = page
        self._workspace = workspace
        self._bridge = bridge
        self._undos: list[Callable[[], object]] = []

    def star(self, ids: Ids, *, starred: bool) -> None:
        """Give runs a star, or take it away."""
        words = self.tr("{0} starred.") if starred else self.tr("The star of {0} is gone.")
        self._do(ids, lambda organise, chosen: organise.star(chosen, starred=starred), words)

    def archive(self, ids: Ids, *, archived: bool) -> None:
        """Put runs into the archive, or take them out."""
        words = self.tr("{0} archived.") if archived else self.tr("{0} taken out of the archive.")
        self._do(ids, lambda organise, chosen: organise.archive(chosen, archived=archived), words)

    def restore(self, ids: Ids) -> None:
        """Take runs out of the trash."""
        self._do(ids, lambda organise, chosen: organise.restore(chosen), self.tr("{0} restored."))

    def rename(self, run_id: str, name: str) -> None:
        """Give a run another name."""
        self._do(lambda: [run_id], lambda organise, chosen: organise.rename(chosen, name), self.tr("{0} renamed."))

    def delete(self, ids: Ids) -> None:
        """Put the runs that have ended and have no star into the trash."""
        runs = self._workspace.runs

        def deletable() -> tuple[list[str], int]:
            chosen = ids()
            kept = [one for one in chosen if (run := runs.get(one).summary).state.is_terminal() and not run.starred]
            return kept, len(chosen) - len(kept)

        self._do(deletable, lambda organise, chosen: organise.delete(chosen), self.tr("{0} in the trash."))

    def tag(self, ids: Ids) -> None:
        """Ask for a tag, and set it."""

        def set_tag(text: str) -> None:
            key, _, value = (part.strip() for part in text.partition("="))
            if key:
                self._do(ids, lambda organise, chosen: organise.tag(chosen, {key: value}), self.tr("{0} tagged."))

        ask_text(self._page, self.tr("Tag runs"), self.tr("Tag, such as stage=candidate"), self.tr("Set tag"), set_tag)

    def note(self, ids: Ids, present: str = "") -> None:
        """Ask for a note, and write it."""

        def write(text: str) -> None:
            self._do(ids, lambda organise, chosen: organise.note(chosen, text), self.tr("A note on {0}."))

        words = self.tr("Note; it takes the place of the one there is")
        ask_text(self._page, self.tr("Note on runs"), words, self.tr("Save note"), write, present=present, lines=True)

    def move(self, ids: Ids) -> None:
        """Ask for an experiment, and move runs to it."""

        def move_to(name: str) -> None:
            if name.strip():
                self._do(ids, lambda organise, chosen: organise.move(chosen, name.strip()), self.tr("{0} moved."))

        def ask(names: Sequence[str]) -> None:
            words = self.tr("Experiment, one of these or a new one")
            ask_text(self._page, self.tr("Move runs"), words, self.tr("Move"), move_to, choices=names)

        call_for(self._page, self._bridge, lambda: [one.name for one in self._workspace.experiments.list()], ask)

    def empty_trash(self, ids: Ids | None = None) -> None:
        """Ask, then remove the runs in the trash, or some of them, for good; say before what becomes free."""
        runs = self._workspace.runs

        def look() -> tuple[list[str], int]:
            chosen = ids() if ids is not None else [run.id for run in runs.organise.trash()]
            return chosen, runs.space(chosen)

        def ask(found: tuple[list[str], int]) -> None:
            chosen, size = found
            if not chosen:
                self._bridge.tell(self.tr("The trash is empty."))
                return
            question = self.tr("Remove {0} for good?").format(self._count(len(chosen)))
            words = self.tr(
                "Code, log, metrics and outputs are removed from the disk; {0} become free. Registered models stay."
            )
            remove = lambda: call_for(self._page, self._bridge, lambda: runs.organise.empty_trash(chosen))  # noqa: E731
            confirm(self._page, question, words.format(formats.size(size)), self.tr("Remove"), remove)

        call_for(self._page, self._bridge, look, ask)

    def offer(self, words: str, undo: Callable[[], object], hint: str = "") -> None:
        """Say what was done, here or around the table, and keep what takes it back."""
        self._undos = [*self._undos[-_KEPT:], undo]
        self._bridge.tell_undoable(words, lambda: self.undo(undo), hint=hint)

    def undo(self, wanted: Callable[[], object] | None = None) -> None:
        """Undo an act, or the last one."""
        if wanted is None and not self._undos:
            self._bridge.tell(self.tr("There is nothing to undo."))
            return
        undo = self._undos[-1] if wanted is None else wanted
        if undo in self._undos:
            self._undos.remove(undo)
            undo()

    def _take_back(self, done: _Done) -> None:
        told = lambda _: self._bridge.tell(self.tr("Undone."))  # noqa: E731
        call_for(self._page, self._bridge, lambda: self._workspace.runs.organise.undo(done.undo), told)

    def _do(self, ids: Callable[[], list[str] | tuple[list[str], int]], act: Act, words: str) -> None:
        def work() -> _Done:
            found = ids()
            chosen, left_out = found if isinstance(found, tuple) else (found, 0)
            return _Done(len(chosen), left_out, act(self._workspace.runs.organise, chosen))

        call_for(self._page, self._bridge, work, lambda done: self._tell(done, words))

    def _tell(self, done: _Done, words: str) -> None:
        left = self.tr("{0} left out: what has not ended or has a star is not deleted.")
        hint = left.format(self._count(done.left_out)) if done.left_out else ""
        if not done.changed:
            self._bridge.tell(hint or self.tr("No run is selected."))
            return
        self.offer(words.format(self._count(done.changed)), lambda: self._take_back(done), hint)

    def _count(self, count: int) -> str:
        return self.tr("1 run") if count == 1 else self.tr("{0} runs").format(formats.count(count))

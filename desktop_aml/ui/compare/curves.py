"""The curves of runs that are compared: long ones by their outline first, then with all their points.

Imports numpy: only modules that are loaded after the first paint may import this one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.metrics import CurveColumns
from desktop_aml.ui.plots.data import CurveData, MetricBook
from desktop_aml.ui.plots.outlined import LONG, OutlinedCurve, made_ready
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

HELD_AT_MOST: Final = 10_000_000
"""Points of long curves that are read without being asked for: 24 bytes each."""

_BATCH: Final = 1_000_000
"""Points that are read in one call."""

Known = Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Read:
    """What was read of some runs, by their ids: short curves and what grew, and the outlines of the others."""

    columns: dict[str, list[CurveColumns]] = field(default_factory=dict)
    outlines: dict[str, dict[str, OutlinedCurve]] = field(default_factory=dict)


class ComparedCurves(QObject):
    """Holds the curves of runs; `read` is called off the GUI thread, all else on it."""

    came = Signal(set)
    """All points of the curves of these names are there now."""
    ended = Signal()
    """No more is being read."""

    def __init__(self, workspace: Workspace, bridge: Bridge, parent: QObject) -> None:
        super().__init__(parent)
        self._curves = workspace.runs.curves
        self._bridge = bridge
        self._outlines: dict[str, dict[str, OutlinedCurve]] = {}
        self._wanted: set[str] = set()
        self._is_busy = False
        self.books: dict[str, MetricBook] = {}
        """What is whole, by the id of the run."""

    def known(self) -> Known:
        """Return how many points there are, by run and name."""
        return {
            (run_id, name): len(curve) for run_id, book in self.books.items() for name, curve in book.curves.items()
        }

    def read(self, run_ids: Sequence[str], known: Known) -> Read:
        """Read what is not known of the curves of runs, of long ones their outline."""
        found = Read()
        for run_id in run_ids:
            columns, outlines = list[CurveColumns](), dict[str, OutlinedCurve]()
            for size in self._curves.list(run_id):
                start = known.get((run_id, size.name), 0)
                if not start and size.count > LONG:
                    outlines[size.name] = OutlinedCurve(size.name, self._curves.outline(run_id, size.name))
                elif size.count > start:
                    columns.append(self._curves.read(run_id, size.name, start))
            found.columns[run_id], found.outlines[run_id] = columns, outlines
        return found

    def take(self, read: Read) -> None:
        """Take what was read, and begin to read the points of what is there by its outline alone."""
        for run_id, columns in read.columns.items():
            book = self.books.setdefault(run_id, MetricBook())
            book.take(columns)
            new = read.outlines[run_id].items()
            self._outlines[run_id] = {name: curve for name, curve in new if not len(book.curves.get(name, ()))}
        self._read_on()

    def forget(self, run_id: str) -> None:
        """Drop what is there of a run."""
        self.books.pop(run_id, None)
        self._outlines.pop(run_id, None)

    def drawn(self, books: Mapping[str, MetricBook]) -> dict[str, MetricBook]:
        """Return `books` with the outlines of what is not whole."""
        found = dict(books)
        for run_id, outlines in self._outlines.items():
            if outlines and run_id in found:
                fuller = MetricBook()
                fuller.curves = {**found[run_id].curves, **outlines}
                found[run_id] = fuller
        return found

    def are_whole(self) -> bool:
        """Whether no curve is there by its outline alone."""
        return not any(self._outlines.values())

    def want(self, name: str) -> None:
        """Read all points of the curves of a name, however many they are."""
        self._wanted.add(name)
        self._read_on()

    def _read_on(self) -> None:
        if self._is_busy:
            return
        batch = self._next()
        if not batch:
            self.ended.emit()
            return
        self._is_busy = True
        call_for(self, self._bridge, lambda: self._whole(batch), self._on_whole, self._on_failed)

    def _next(self) -> list[tuple[str, str]]:
        """Return which curves to read now, of one name after the other, those that somebody wants first."""
        room = HELD_AT_MOST - sum(len(curve) for book in self.books.values() for curve in book.curves.values())
        waiting: dict[str, list[tuple[str, OutlinedCurve]]] = {}
        for run_id, outlines in self._outlines.items():
            for name, curve in outlines.items():
                waiting.setdefault(name, []).append((run_id, curve))
        for name in sorted(waiting, key=lambda one: one not in self._wanted):
            batch, points = list[tuple[str, str]](), 0
            for run_id, curve in waiting[name]:
                fits = name in self._wanted or points + curve.total() <= room
                if fits and (not batch or points + curve.total() <= _BATCH):
                    batch.append((run_id, name))
                    points += curve.total()
            if batch:
                return batch
        return []

    def _whole(self, batch: Sequence[tuple[str, str]]) -> list[tuple[str, CurveColumns | CurveData]]:
        return [(run_id, made_ready(self._curves.read(run_id, name))) for run_id, name in batch]

    def _on_whole(self, found: list[tuple[str, CurveColumns | CurveData]]) -> None:
        self._is_busy = False
        names = set()
        for run_id, curve in found:
            # What was forgotten meanwhile is read again with its run.
            if self._outlines.get(run_id, {}).pop(curve.name, None) is not None:
                self.books.setdefault(run_id, MetricBook()).take([curve])
                names.add(curve.name)
        self.came.emit(names)
        self._read_on()

    def _on_failed(self, error: DesktopAMLError) -> None:
        self._is_busy = False
        self._bridge.tell_error(error)
        self.ended.emit()

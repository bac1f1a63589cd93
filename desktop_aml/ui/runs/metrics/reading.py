"""Reads the curves of a run one after the other, so that the first is drawn while the others still come."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal

from desktop_aml.domain.errors import DesktopAMLError
from desktop_aml.domain.metrics import CurveColumns, CurveSize, MetricSource
from desktop_aml.ui.plots.data import CurveData
from desktop_aml.ui.plots.outlined import LONG, OutlinedCurve, made_ready
from desktop_aml.ui.session.bridge import Bridge
from desktop_aml.ui.session.calls import call_for

if TYPE_CHECKING:
    from desktop_aml.workspace import Workspace

_BATCH: Final = 100_000
"""Points that are read in one call."""


class MetricsReading(QObject):
    """Reads what is not known yet of the curves of a run, then its records. One reading at a time."""

    sized = Signal(list)
    """What there is to read: each `CurveSize` with the points that are not known yet."""
    outlined = Signal(list)
    """An `OutlinedCurve` for each long curve of which nothing is known, before the points of any come."""
    came = Signal(list)
    """Some `CurveColumns`, or the `CurveData` of long ones."""
    sourced = Signal(dict)
    """Where metrics come from that the script did not log itself: `MetricSource` by name."""
    ended = Signal(tuple)
    """Everything came; the records of the run."""
    failed = Signal(str)

    def __init__(self, workspace: Workspace, bridge: Bridge, run_id: str, parent: QObject) -> None:
        super().__init__(parent)
        self._curves = workspace.runs.curves
        self._bridge = bridge
        self._run_id = run_id
        self._is_busy = self._is_asked_again = False
        self._known: Callable[[str], int] = lambda _: 0
        self._waiting: list[CurveSize] = []

    def is_busy(self) -> bool:
        """Whether a reading is under way."""
        return self._is_busy

    def start(self, known: Callable[[str], int]) -> None:
        """Begin to read, or once the reading is over that is under way: it may have looked too early.

        Parameters
        ----------
        known : callable
            Gives how many points of the curve of a name are there already.
        """
        self._is_asked_again = self._is_busy
        if not self._is_busy:
            self._is_busy = True
            self._known = known
            self._call(lambda: self._curves.list(self._run_id), self._on_sizes)

    def _call(self, work: Callable[[], object], done: Callable[..., object]) -> None:
        call_for(self, self._bridge, work, done, self._on_failed)

    def _on_sizes(self, sizes: tuple[CurveSize, ...]) -> None:
        self._waiting = [size for size in sizes if size.count > self._known(size.name)]
        self.sized.emit([CurveSize(size.name, size.count - self._known(size.name)) for size in self._waiting])
        long = [size.name for size in self._waiting if size.count > LONG and not self._known(size.name)]
        if long:
            self._read_outlines(long)
        else:
            self._read_on()

    def _read_outlines(self, names: list[str]) -> None:
        # The first alone: it is drawn while those of the others are read.
        first, rest = names[:1], names[1:]
        self._call(lambda: self._outlines(first), lambda curves: self._on_first_outline(curves, rest))

    def _on_first_outline(self, curves: list[OutlinedCurve], rest: list[str]) -> None:
        self.outlined.emit(curves)
        if rest:
            self._call(lambda: self._outlines(rest), self._on_outlines)
        else:
            self._read_on()

    def _outlines(self, names: list[str]) -> list[OutlinedCurve]:
        return [OutlinedCurve(name, self._curves.outline(self._run_id, name)) for name in names]

    def _on_outlines(self, curves: list[OutlinedCurve]) -> None:
        self.outlined.emit(curves)
        self._read_on()

    def _read(self, batch: list[tuple[str, int]]) -> list[CurveColumns | CurveData]:
        return [made_ready(self._curves.read(self._run_id, *one)) for one in batch]

    def _read_on(self) -> None:
        batch: list[tuple[str, int]] = []
        points = 0
        while self._waiting and points < _BATCH:
            size = self._waiting.pop(0)
            start = self._known(size.name)
            batch.append((size.name, start))
            points += size.count - start
        if batch:
            self._call(lambda: self._read(batch), self._on_read)
        else:
            curves, run_id = self._curves, self._run_id
            self._call(lambda: (curves.records(run_id), curves.sources(run_id)), self._on_records)

    def _on_read(self, read: list[CurveColumns | CurveData]) -> None:
        self.came.emit(read)
        self._read_on()

    def _on_records(self, found: tuple[tuple[object, ...], dict[str, MetricSource]]) -> None:
        self._is_busy = False
        records, sources = found
        self.sourced.emit(sources)
        self.ended.emit(records)
        self._go_on()

    def _on_failed(self, error: DesktopAMLError) -> None:
        self._is_busy = False
        self.failed.emit(str(error))
        self._go_on()

    def _go_on(self) -> None:
        if self._is_asked_again:
            self.start(self._known)

"""The curves of a run as arrays, for those who draw or reckon with very many points."""

from __future__ import annotations

from typing import TypeVar

from desktop_aml.domain.metrics import CurveColumns, CurveSize, MetricSource, Outline, Record
from desktop_aml.store import metric_columns, metrics
from desktop_aml.store.summaries import captured
from desktop_aml.workspace.service import Service

Named = TypeVar("Named", CurveSize, Record)


class RunCurves(Service):
    """What runs logged, curve by curve.

    Examples
    --------
    >>> run = workspace.runs.submit(script, arguments=["3"])
    >>> _ = workspace.runs.wait(run, timeout_s=60)
    >>> [size] = workspace.runs.curves.list(run)
    >>> size.name, size.count
    ('loss', 3)
    >>> workspace.runs.curves.read(run, "loss").values.tolist()
    [1.0, 0.5, 0.25]
    """

    def list(self, wanted: str) -> tuple[CurveSize, ...]:
        """Return the curves of a run with the number of their points, in the order they were first logged.

        What the script logged itself comes before what was captured of it.
        """
        run_id = self._client.find_run(wanted)
        return self._own_first(run_id, metric_columns.sizes(self._db, run_id))

    def read(self, wanted: str, name: str, start: int = 0) -> CurveColumns:
        """Return the points of a curve as arrays.

        Parameters
        ----------
        start : int
            The index of the first point to return, counted from 0.
        """
        return metric_columns.read(self._db, self._client.find_run(wanted), name, start)

    def outline(self, wanted: str, name: str, max_buckets: int = 1000) -> Outline:
        """Return the few points of a curve that show how it runs, however long it is.

        Parameters
        ----------
        max_buckets : int
            Into how many stretches the curve is parted at most; of each there are the least and the greatest value,
            and a gap where there is one.
        """
        return metric_columns.outline(self._db, self._client.find_run(wanted), name, max_buckets)

    def sources(self, wanted: str) -> dict[str, MetricSource]:
        """Return where the metrics of a run come from that its script did not log itself, by name."""
        return captured.sources(self._db, self._client.find_run(wanted))

    def records(self, wanted: str) -> tuple[Record, ...]:
        """Return what a run logged besides scalars: lists, rows, tables, images, charts; in the order of `list`."""
        run_id = self._client.find_run(wanted)
        return self._own_first(run_id, metrics.read_records(self._db, run_id))

    def _own_first(self, run_id: str, found: tuple[Named, ...]) -> tuple[Named, ...]:
        sources = captured.sources(self._db, run_id)
        return tuple(sorted(found, key=lambda one: one.name in sources)) if sources else found

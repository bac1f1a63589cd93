"""Whether a run gives again what the run before gave. See `domain.compare.repeated` for what is the same."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np

from desktop_aml.domain.compare.locks import LockSide
from desktop_aml.domain.compare.locks import compare as compare_locks
from desktop_aml.domain.compare.repeated import (
    TOLERANCE,
    Change,
    Condition,
    FileChange,
    MetricChange,
    Sameness,
    Verdict,
    changed_files,
    changed_metric,
    flat,
    is_time,
    judged,
)
from desktop_aml.domain.errors import DesktopAMLError, InvalidInput
from desktop_aml.domain.metrics import CurveColumns, Record, Scalar
from desktop_aml.domain.parameters import ParameterSource
from desktop_aml.domain.runs import RunDetail, RunState
from desktop_aml.domain.summaries.results import is_result
from desktop_aml.run_folder.deciding import PROCESSOR, THREADS
from desktop_aml.run_folder.properties import HASH_SEED, RERUN_OF, SNAPSHOT_ID
from desktop_aml.system.files import open_regular
from desktop_aml.workspace.service import Service

_READ_BYTES: Final = 1 << 20
_COMPUTER: Final = {
    THREADS: "threads",
    PROCESSOR: "processor",
    HASH_SEED: "hash seed",
}
_Logged = CurveColumns | tuple[Record, ...]
_IMAGES: Final = frozenset({"image", "confusion_matrix", "accuracy_table", "residuals", "predictions"})


class RunRepeats(Service):
    """Verdicts over runs that were made again.

    Examples
    --------
    >>> run = workspace.runs.submit(script, arguments=["3"])
    >>> _ = workspace.runs.wait(run, timeout_s=60)
    >>> again = workspace.runs.rerun(run)
    >>> _ = workspace.runs.wait(again, timeout_s=60)
    >>> print(workspace.runs.repeats.verdict(again).sameness)
    identical
    """

    def origin(self, wanted: str) -> str:
        """Return the run that a run repeats; empty where it repeats none."""
        return self._client.run_detail(wanted).properties.get(RERUN_OF, "")

    def variables(self, wanted: str) -> dict[str, str]:
        """Return the variables to run a run again with, so that it is as it was: what was noted and not given to it."""
        seed = self._client.run_detail(wanted).properties.get(HASH_SEED, "")
        # The order of a set of texts hangs on it, and with it what a script makes of one.
        return {"PYTHONHASHSEED": seed} if seed else {}

    def verdict(self, wanted: str, origin: str = "", *, tolerance: float = TOLERANCE) -> Verdict:
        """Say whether a run gives again what another gave: files by their bytes, metrics by their bits.

        Parameters
        ----------
        wanted : str
            The later run, as for `Runs.find`.
        origin : str
            The earlier one; by default the run that `wanted` repeats.
        tolerance : float
            The relative difference up to which two numbers are called the same.

        Raises
        ------
        NotFound
            When there is no such run.
        InvalidInput
            When no `origin` is given and the run repeats none, or both are one run.
        """
        after = self._client.run_detail(wanted)
        name = origin or after.properties.get(RERUN_OF, "")
        if not name:
            raise InvalidInput(
                f"“{after.summary.display_name}” repeats no other run.", "Say which run it is to be compared with."
            )
        before = self._client.run_detail(name)
        if before.summary.id == after.summary.id:
            raise InvalidInput("That is one run alone.", "Name the earlier run.")
        conditions = tuple(self._conditions(before, after))
        ids = after.summary.id, before.summary.id
        for one in (before, after):
            if one.summary.state is not RunState.COMPLETED:
                reason = f"“{one.summary.display_name}” is {one.summary.state}: only completed runs can be compared."
                return Verdict(*ids, Sameness.NOT_COMPARABLE, conditions=conditions, reason=reason)
        files, files_same = self._files(before.summary.id, after.summary.id)
        metrics, metrics_same, times = self._metrics(before.summary.id, after.summary.id)
        return judged(
            *ids,
            files=files,
            metrics=metrics,
            conditions=conditions,
            files_same=files_same,
            metrics_same=metrics_same,
            times=times,
            tolerance=tolerance,
        )

    def _files(self, before: str, after: str) -> tuple[list[FileChange], int]:
        from desktop_aml.store import runs

        old, new = (
            {file.path: file.sha256 for file in runs.artifacts(self._db, run_id) if is_result(file.path)}
            for run_id in (before, after)
        )
        changed = [
            FileChange(one.path, one.change, self._first_byte(old[one.path], new[one.path]))
            if one.change is Change.CHANGED
            else one
            for one in changed_files(old, new)
        ]
        return changed, sum(digest == new.get(path) for path, digest in old.items())

    def _first_byte(self, before: str, after: str) -> int:
        """Return the offset of the first byte that differs; -1 where one of the files cannot be read."""
        blobs = self._folder.blobs
        try:
            with open_regular(blobs.path_of(before)) as old, open_regular(blobs.path_of(after)) as new:
                offset = 0
                while True:
                    here, there = old.read(_READ_BYTES), new.read(_READ_BYTES)
                    if here != there:
                        pairs = enumerate(zip(here, there, strict=False))
                        shorter = min(len(here), len(there))
                        return offset + next((place for place, (one, other) in pairs if one != other), shorter)
                    if not here:
                        return -1
                    offset += len(here)
        except (OSError, DesktopAMLError):
            return -1

    def _metrics(self, before: str, after: str) -> tuple[list[MetricChange], int, list[str]]:
        old, new = (self._logged(run_id) for run_id in (before, after))
        changed: list[MetricChange] = []
        same, times = 0, []
        for name in dict.fromkeys((*old, *new)):
            if is_time(name):
                times.append(name)
            elif name not in new:
                changed.append(MetricChange(name, Change.MISSING))
            elif name not in old:
                changed.append(MetricChange(name, Change.ADDED))
            elif (found := _change(name, old[name], new[name])) is not None:
                changed.append(found)
            else:
                same += 1
        return changed, same, times

    def _logged(self, run_id: str) -> dict[str, _Logged]:
        from desktop_aml.store import metric_columns, metrics

        sizes = metric_columns.sizes(self._db, run_id)
        found: dict[str, _Logged] = {one.name: metric_columns.read(self._db, run_id, one.name) for one in sizes}
        for record in metrics.read_records(self._db, run_id):
            known = found.get(record.name, ())
            # Several kinds under one name are one metric here; a curve keeps its name, the records get one with theirs.
            name = record.name if isinstance(known, tuple) else f"{record.name} ({record.kind})"
            rest = found.get(name, ())
            found[name] = (*(rest if isinstance(rest, tuple) else ()), record)
        return found

    def _conditions(self, before: RunDetail, after: RunDetail) -> Iterator[Condition]:
        """Yield what was other before the script began, the likeliest cause first."""
        old, new = before.summary, after.summary
        if before.properties.get(SNAPSHOT_ID) != after.properties.get(SNAPSHOT_ID):
            yield Condition("code", old.script, "", "other files")
        here, there = (_given(one) if before.arguments != after.arguments else {} for one in (before, after))
        for name in dict.fromkeys((*here, *there)):
            if here.get(name) != there.get(name):
                yield Condition("arguments", name, here.get(name, ""), there.get(name, ""))
        yield from self._data(old.id, new.id)
        yield from self._packages(before, after)
        if old.target != new.target:
            yield Condition("computer", "target", old.target, new.target)
        for key, words in _COMPUTER.items():
            first, second = before.properties.get(key, ""), after.properties.get(key, "")
            # What was not noted of one of them is not known to differ.
            if first and second and first != second:
                yield Condition("computer", words, first, second)

    def _data(self, before: str, after: str) -> Iterator[Condition]:
        from desktop_aml.workspace.run import data

        for path, (old, new) in data.compared(self._db, self._folder, (before, after)).items():
            if old != new and old is not None and new is not None:
                yield Condition("data", Path(path).name, old, new)

    def _packages(self, before: RunDetail, after: RunDetail) -> Iterator[Condition]:
        from desktop_aml.store import environments

        if before.lock_hash == after.lock_hash:
            return
        old, new = (environments.load_lock(self._db, one.lock_hash) for one in (before, after))
        if old is None or new is None:
            return
        found = compare_locks(LockSide("before", old), LockSide("after", new))
        for change in (*found.base, *found.packages):
            yield Condition("packages", change.name, change.before, change.after)


def _given(detail: RunDetail) -> dict[str, str]:
    return {one.name: one.text for one in detail.parameters if one.source is ParameterSource.ARGUMENT}


def _change(name: str, before: _Logged, after: _Logged) -> MetricChange | None:
    if isinstance(before, CurveColumns) and isinstance(after, CurveColumns):
        return _changed_curve(name, before, after)
    if isinstance(before, CurveColumns) or isinstance(after, CurveColumns):
        return MetricChange(name, Change.CHANGED)
    if all(one.kind in _IMAGES for one in (*before, *after)):
        # What they hold is in a file of the run, and compared with it.
        return None if len(before) == len(after) else MetricChange(name, Change.CHANGED)
    here, there = (list(flat([one.data for one in records])) for records in (before, after))
    return changed_metric(name, here, there)


def _changed_curve(name: str, before: CurveColumns, after: CurveColumns) -> MetricChange | None:
    # By their bits: NaN is the same as NaN, and 0.0 is not -0.0.
    bits = np.array_equal(before.values.view(np.int64), after.values.view(np.int64))
    if bits and json.dumps(_exact(before)) == json.dumps(_exact(after)):
        return None
    return changed_metric(name, _values(before), _values(after))


def _exact(curve: CurveColumns) -> list[tuple[int, Scalar]]:
    return sorted(curve.exact.items())


def _values(curve: CurveColumns) -> list[Scalar]:
    return [curve.exact.get(index, value) for index, value in enumerate(curve.values.tolist())]

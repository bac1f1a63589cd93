"""Whether runs that go on seem stalled, as their folders tell."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from desktop_aml.domain.runs import EXTERNAL, SWEEP, RunState, RunSummary
from desktop_aml.domain.summaries import gpu_use, machine_use, stalled
from desktop_aml.domain.summaries.gpu_use import GpuPoint
from desktop_aml.inside_run.site.desktop_aml_run.slots import SUFFIX
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.system.files import is_own_folder


def seems_stalled(folder: WorkspaceFolder, run: RunSummary, now: float | None = None) -> str:
    """Return in words that a run seems stalled; empty for one that does not, or has not begun, or is over.

    Parameters
    ----------
    now : float, optional
        Unix time; by default the present.
    """
    if run.state is not RunState.RUNNING or run.target in {EXTERNAL, SWEEP}:
        return ""
    now = time.time() if now is None else now
    if run.started_at is None or now - run.started_at < stalled.STALLED_AFTER_S:
        return ""
    # Imported here: a list of runs, most of which do not go on, loads nothing that reads their folders.
    from desktop_aml.run_folder import curves

    place = folder.run(run.id)
    path = place / "logs" / machine_use.CURVE
    try:
        # First the time: a curve that grows meanwhile makes the run look younger, never older.
        sampled_at = path.lstat().st_mtime
    except OSError:
        return ""
    curve = curves.of_machine(place)
    written_at = max(
        run.started_at, _used_gpus_at(place, curves.of_gpus(place)), *(_changed(file) for file in _written(place))
    )
    return stalled.words(stalled.quiet_for(curve, sampled_at=sampled_at, written_at=written_at, now=now))


def _written(place: Path) -> list[Path]:
    """Return the files that grow when a script prints or logs."""
    journal = place / "journal"
    files = [*journal.glob("*.jsonl"), *journal.glob(f"*{SUFFIX}")] if is_own_folder(journal) else []
    return [place / "logs" / "std_log.txt", *files]


def _used_gpus_at(place: Path, points: Sequence[GpuPoint]) -> float:
    """Return when a run last had a busy GPU, in Unix time; 0 for one that had none."""
    busy = [point.seconds for point in points if (point.gpus or 0.0) > stalled.QUIET_CORES]
    return _changed(place / "logs" / gpu_use.CURVE) - (points[-1].seconds - busy[-1]) if busy else 0.0


def _changed(path: Path) -> float:
    with suppress(OSError):
        return path.lstat().st_mtime
    return 0.0

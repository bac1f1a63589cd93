"""Keeps the curves of what the runs of this computer use of its GPUs, while an engine is at work.

A thread of its own asks: a driver that stands still holds up nothing. On a computer without GPUs there is no thread,
and on one with them none before a script runs.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from typing import Final

from desktop_aml.domain.summaries.gpu_use import CURVE, HEADING, MOST_POINTS, GpuPoint, halved
from desktop_aml.executors.local_process import NONCE_VARIABLE
from desktop_aml.run_folder import curves
from desktop_aml.store.folder import WorkspaceFolder
from desktop_aml.system.files import append_to_regular, own_folder, rewrite_regular
from desktop_aml.system.hardware import gpus
from desktop_aml.system.hardware.gpus import Gpu, Gpus
from desktop_aml.system.processes import borne_by

EVERY_S: Final = 2.0
SHARE: Final = 0.001
"""Part of one core that looking may take, for all runs together."""


class GpuWatch:
    """Looks at the GPUs now and then, for all runs at once.

    Parameters
    ----------
    running : callable
        Returns the runs whose scripts may be alive, by the mark of their processes; called on the engine's own thread.
    """

    def __init__(self, folder: WorkspaceFolder, running: Callable[[], Mapping[str, str]]) -> None:
        self._folder, self._scripts = folder, running
        self._running: Mapping[str, str] = {}
        self._thread: threading.Thread | None = None
        self._is_asked = False
        self._due = 0.0
        self._ended = threading.Event()

    def look(self) -> None:
        """See which scripts run; the first of them begins the watch, where there is a GPU."""
        now = time.monotonic()
        if now < self._due or (self._is_asked and self._thread is None):
            return
        self._due = now + EVERY_S
        self._running = self._scripts()
        if self._running and not self._is_asked:
            self._is_asked = True
            if gpus.may_be_here():
                self._thread = threading.Thread(target=self._watch, name="gpus", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Look no more; nobody waits for a driver that gives no answer."""
        self._ended.set()

    def _watch(self) -> None:
        found = gpus.found()
        known: dict[str, tuple[Curve, float]] = {}
        while found is not None and not self._ended.is_set():
            began = time.thread_time()
            # With no descriptor to spare for a moment, one look is lost and not all that come after.
            with contextlib.suppress(OSError):
                self._sample(found, known)
            self._ended.wait(max(EVERY_S, (time.thread_time() - began) / SHARE))

    def _sample(self, found: Gpus, known: dict[str, tuple[Curve, float]]) -> None:
        running, now = self._running, time.monotonic()
        for run_id in known.keys() - set(running.values()):
            del known[run_id]
        for run_id, use in use_of(running, found.look() if running else ()).items():
            if run_id not in known:
                age_s = _age_s(self._folder.run(run_id))
                known[run_id] = (Curve(self._folder.run(run_id), age_s), now - age_s)
            curve, began = known[run_id]
            curve.keep(GpuPoint(now - began, use.gpus, use.memory_bytes))


def _age_s(run_folder: Path) -> float:
    """Return for how long a script has run, as its other curve tells; 0 for one that has just begun."""
    curve = curves.of_machine(run_folder)
    return curve[-1].seconds if curve else 0.0


def use_of(running: Mapping[str, str], seen: Sequence[Gpu]) -> dict[str, GpuUse]:
    """Return what runs use of the GPUs; one that uses none is left out.

    Parameters
    ----------
    running : mapping of str to str
        Runs by the mark of their processes.
    """
    found: dict[str, GpuUse] = {}
    for gpu in seen:
        memory: dict[str, list[int]] = {}
        for pid, size in gpu.memory.items():
            run_id = running.get(borne_by(pid, NONCE_VARIABLE), "")
            if run_id:
                memory.setdefault(run_id, []).extend([] if size is None else [size])
        for run_id, sizes in memory.items():
            found[run_id] = found.get(run_id, GpuUse()).with_gpu(gpu.busy, sizes)
    return found


@dataclass(frozen=True, slots=True)
class GpuUse:
    """What one run uses of all GPUs at one moment; None is what no driver told."""

    gpus: float | None = None
    memory_bytes: int | None = None

    def with_gpu(self, busy: float | None, sizes: Sequence[int]) -> GpuUse:
        """Return it with one GPU more."""
        gpus = self.gpus if busy is None else (self.gpus or 0.0) + busy
        return GpuUse(gpus, (self.memory_bytes or 0) + sum(sizes) if sizes else self.memory_bytes)


class Curve:
    """The curve of one run in its file; one that an earlier engine began is gone on with."""

    def __init__(self, run_folder: Path, age_s: float) -> None:
        self._run_folder = run_folder
        known = curves.of_gpus(run_folder)
        # What is later than now is of an earlier attempt.
        self._points = [one for one in known if one.seconds <= age_s]
        self._is_whole = bool(known) and len(self._points) == len(known)
        self._stride = 1
        self._waiting: list[GpuPoint] = []

    def keep(self, point: GpuPoint) -> None:
        """Add a point. A full disk, or an odd file in its place, costs the point alone."""
        self._waiting.append(point)
        if len(self._waiting) < self._stride:
            return
        whole = reduce(lambda earlier, later: later.with_earlier(earlier), self._waiting)
        self._waiting = []
        self._points.append(whole)
        if len(self._points) >= MOST_POINTS:
            self._points, self._stride, self._is_whole = halved(self._points), self._stride * 2, False
        with contextlib.suppress(OSError), own_folder(self._run_folder / "logs", within=self._run_folder) as logs:
            if self._is_whole:
                with append_to_regular(logs / CURVE) as stream:
                    stream.write(whole.as_line())
                return
            with rewrite_regular(logs / CURVE) as stream:
                stream.write(HEADING + b"".join(one.as_line() for one in self._points))
            self._is_whole = True

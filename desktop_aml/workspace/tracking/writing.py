"""Appending to the journals of runs, so that what was acknowledged survives whatever dies: process, engine, power."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from desktop_aml.domain.errors import FULL, StorageError, disk_full
from desktop_aml.domain.journal import encode
from desktop_aml.system.files import create_new, flush, flush_contents, make_missing, make_own
from desktop_aml.workspace.tracking.values import TrackedMetric


class RunJournal:
    """One journal of one run, written by this process alone. Safe to use from several threads.

    Parameters
    ----------
    folder : Path
        The run's folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder / "journal"
        self._lock = threading.Lock()
        self._number = 0
        self._descriptor = -1
        self._size = 0

    def append(self, entries: Sequence[Mapping[str, object]], points: Sequence[TrackedMetric] = ()) -> None:
        """Add points and records, all of them or none, and return once they are on the disk.

        Raises
        ------
        StorageError
            When the disk is full or fails; nothing was kept.
        """
        now = time.time()
        with self._lock:
            lines = [point.record(number) for number, point in enumerate(points, self._number)]
            first = self._number + len(lines)
            lines += [encode({"n": number, "t": now, **entry}) for number, entry in enumerate(entries, first)]
            try:
                self._write(b"".join(lines))
            except OSError as error:
                raise (
                    disk_full(self._folder, error)
                    if error.errno in FULL
                    else StorageError(f"The journal in “{self._folder}” cannot be written: {error.strerror}.")
                ) from error
            self._number += len(lines)

    def _write(self, data: bytes) -> None:
        if self._descriptor < 0:
            make_missing(self._folder.parent, within=self._folder.parents[1])
            make_own(self._folder, within=self._folder.parent)
            name = f"mlflow-{os.getpid()}-{os.urandom(4).hex()}.jsonl"
            self._descriptor = create_new(self._folder / name, appending=True)
            flush(self._folder)
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(self._descriptor, rest) :]
            flush_contents(self._descriptor)
        except OSError:
            # A part of it must not be taken for a record that was acknowledged.
            os.ftruncate(self._descriptor, self._size)
            raise
        self._size += len(data)

    def is_open(self) -> bool:
        """Whether anything was written to it."""
        return self._descriptor >= 0

    def close(self) -> None:
        """Let the file go."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1
                self._size = self._number = 0

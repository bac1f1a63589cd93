"""The executors of a workspace: those that are always there, and one for each compute that is a cluster."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path

from desktop_aml.domain.targets import ClusterSpec
from desktop_aml.executors.base import Executor
from desktop_aml.executors.cluster.executor import ClusterExecutor
from desktop_aml.settings import user_directories
from desktop_aml.store import azure_records
from desktop_aml.store.folder import WorkspaceFolder


def cluster_home(folder: WorkspaceFolder, name: str) -> Path:
    """Return the folder where a cluster of a workspace is met by the programs of this user."""
    mark = hashlib.sha256(f"{folder.root.resolve()}\0{name}".encode()).hexdigest()[:24]
    return user_directories().state / "clusters" / mark


class EveryExecutor(Mapping[str, Executor]):
    """Executors by target. Computes come and go while an engine works: each look finds those that there are now.

    Parameters
    ----------
    fixed : mapping of str to Executor
        Those that are always there.
    wake : callable
        Has the engine look around at once; called from other threads when there is news of a cluster.
    """

    def __init__(self, fixed: Mapping[str, Executor], folder: WorkspaceFolder, wake: Callable[[], None]) -> None:
        self._wake = wake
        self._fixed = dict(fixed)
        self._folder = folder
        self._clusters: dict[str, ClusterExecutor] = {}
        self._seen: tuple[int, ...] = ()
        self._lock = threading.Lock()

    def __getitem__(self, target: str) -> Executor:
        return self._fixed[target] if target in self._fixed else self._found()[target]

    def __iter__(self) -> Iterator[str]:
        return iter([*self._fixed, *self._found()])

    def __len__(self) -> int:
        return len(self._fixed) + len(self._found())

    def _found(self) -> dict[str, ClusterExecutor]:
        with self._lock:
            seen = azure_records.looks_of_computes(self._folder)
            if seen != self._seen:
                self._seen = seen
                self._take(azure_records.clusters(self._folder).items())
            return self._clusters

    def _take(self, specs: Iterable[tuple[str, ClusterSpec]]) -> None:
        known, self._clusters = self._clusters, {}
        for name, spec in specs:
            executor = known.pop(name, None)
            if executor is not None and executor.spec.is_same_place(spec):
                executor.change(spec)
            else:
                if executor is not None:
                    known[name] = executor
                executor = ClusterExecutor(spec, cluster_home(self._folder, name), self._wake)
            self._clusters[name] = executor
        for gone in known.values():
            gone.end()
            gone.close()
